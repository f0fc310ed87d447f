/**
 * How a setting is written as text, for a flag or a variable: `yes` (a switch), `es,en` (a list), `es=cedar,de=sage` (a
 * map), or the path of a JSON file. A string in the configuration file may have such a form too.
 */
export type TextForm = 'text' | 'number' | 'switch' | 'list' | 'map' | 'number-map' | 'file';

const NUMBER = /^-?\d{0,15}\.?\d{1,15}$/;
const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
]);

/** The value that a text means; the text itself where it has not this form, for the schema to refuse. */
export function valueOfText(form: Exclude<TextForm, 'file'>, text: string): unknown {
  switch (form) {
    case 'text':
      return text;
    case 'number':
      return numberOr(text);
    case 'switch':
      return SWITCHES.get(text.trim().toLowerCase()) ?? text;
    case 'list':
      return text.split(',').map((each) => each.trim());
    case 'map':
    case 'number-map':
      return mapOf(text, form === 'map' ? (each) => each : numberOr) ?? text;
  }
}

/** A value as people read it, on one line: lists and maps as {@link valueOfText} takes them, large content as a count. */
export function textOfValue(form: TextForm, value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value);
  if (form !== 'file') return entries.map(([name, each]) => `${name}=${String(each)}`).join(',');
  return entries.length === 1 ? '1 entry' : `${entries.length} entries`;
}

function numberOr(text: string): string | number {
  return NUMBER.test(text) ? Number(text) : text;
}

function mapOf(
  text: string,
  parse: (text: string) => string | number,
): Readonly<Record<string, unknown>> | undefined {
  const entries: [string, string | number][] = [];
  for (const entry of text.split(',')) {
    const [name = '', value, ...more] = entry.split('=').map((part) => part.trim());
    if (value === undefined || more.length > 0) return undefined;
    entries.push([name, parse(value)]);
  }
  return Object.fromEntries(entries);
}
