/**
 * The configuration: every setting with its variable, flag, range and default in one schema. A flag wins over the
 * environment, the environment over the file, the file over the default. Keys come from the environment only.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ParleyError } from './errors.js';
import { REDACTED, redactText } from './log.js';
import { configSchema, SETTINGS, type Config, type SettingInfo, type SettingName } from './settings.js';

/** The file that is read where it exists and no other is named. */
export const DEFAULT_CONFIG_FILE = 'parley.config.json';
const MAX_SHOWN_CHARS = 40;

/** A configuration file that was read. `named`: by `--config`, not found in passing. */
export type ConfigFile = { path: string; named: boolean; content: Readonly<Record<string, unknown>> };

/**
 * Reads the file that `--config` names, or `parley.config.json` in `directory` where there is one. Throws `config` for
 * a named file that is not there and for one that holds no JSON object.
 */
export function readConfigFile(named: string | undefined, directory: string): ConfigFile | undefined {
  const path = resolve(directory, named ?? DEFAULT_CONFIG_FILE);
  const shown = named ?? DEFAULT_CONFIG_FILE;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ParleyError('config', `${printable(shown)} cannot be read; check --config`, { cause: error });
  }
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new ParleyError('config', `${printable(shown)} is not JSON`); // the parser's message would quote the file
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ParleyError(
      'config',
      `${printable(shown)} must hold a JSON object, such as {"voice": "cedar"}`,
    );
  }
  return { path: shown, named: named !== undefined, content: content as Record<string, unknown> };
}

/** What is effective, and where each value came from: a flag, a variable, a file, or `default`. */
export type LoadedConfig = { config: Config; sources: Readonly<Record<SettingName, string>> };

/**
 * Merges the sources. An empty variable counts as unset. Throws `config`, naming where the wrong value stands and what
 * is allowed there; a key is never repeated.
 */
export function loadConfig(given: {
  flags: Readonly<Partial<Record<SettingName, string | undefined>>>;
  environment: Readonly<Record<string, string | undefined>>;
  file?: ConfigFile | undefined;
}): LoadedConfig {
  if (given.file !== undefined) checkFile(given.file);
  const values: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  for (const { name, flag, ...setting } of SETTINGS) {
    const flagValue = flag === undefined ? undefined : given.flags[name];
    const [variable, variableValue] = fromEnvironment(setting, given.environment);
    sources[name] = 'default';
    if (flagValue !== undefined) {
      sources[name] = `--${flag}`;
      values[name] = fromText(name, flagValue);
    } else if (variableValue !== '') {
      sources[name] = variable;
      values[name] = fromText(name, variableValue);
    } else if (given.file !== undefined && Object.hasOwn(given.file.content, name)) {
      sources[name] = given.file.path;
      values[name] = given.file.content[name];
    }
  }
  const parsed = configSchema.safeParse(values);
  if (parsed.success) return { config: parsed.data, sources: sources as LoadedConfig['sources'] };
  const wrong = SETTINGS.find(({ name }) => parsed.error.issues.some((issue) => issue.path[0] === name))!;
  const source = sources[wrong.name]!;
  const place = source === given.file?.path ? `${printable(source)}: ${wrong.name}` : source;
  const value = printable(JSON.stringify(values[wrong.name]));
  throw new ParleyError('config', `${place} is ${value}: ${wrong.allowed} is allowed`);
}

/** Rows for `parley config`: every setting with its effective value, keys redacted, and its source. */
export function describeConfig(loaded: LoadedConfig): { name: SettingName; value: string; source: string }[] {
  return SETTINGS.map(({ name, secret }) => {
    const value = loaded.config[name];
    const shown = value === undefined ? '(not set)' : secret === true ? REDACTED : redactText(String(value));
    return { name, value: shown, source: loaded.sources[name] };
  });
}

/** The variable that a setting is taken from, and its value without the newline of a paste; empty counts as unset. */
function fromEnvironment(
  { variable, otherVariable }: SettingInfo,
  environment: Readonly<Record<string, string | undefined>>,
): readonly [variable: string, value: string] {
  const value = environment[variable]?.trim() ?? '';
  if (value !== '' || otherVariable === undefined) return [variable, value];
  return [otherVariable, environment[otherVariable]?.trim() ?? ''];
}

/** Every key and token of an environment, for {@link redactText}. */
export function secretsIn(environment: Readonly<Record<string, string | undefined>>): string[] {
  return SETTINGS.filter(({ secret }) => secret === true).flatMap(({ variable, otherVariable }) =>
    [variable, otherVariable].flatMap((name) => (name === undefined ? [] : (environment[name] ?? []))),
  );
}

/** Numbers come as text from flags and variables; text that is none stays, and the schema refuses it. */
function fromText(name: SettingName, text: string): string | number {
  const isNumber = !configSchema.shape[name].safeParse(text).success && /^-?\d{0,15}\.?\d{1,15}$/.test(text);
  return isNumber ? Number(text) : text;
}

/** Refuses what does not belong into this file: unknown names, keys, and addresses in a file that nobody named. */
function checkFile({ path, named, content }: ConfigFile): void {
  const refuse = (problem: string) => new ParleyError('config', `${printable(path)}: ${problem}`);
  for (const field of Object.keys(content)) {
    const setting = SETTINGS.find(({ name, variable, otherVariable }) =>
      [name, variable, otherVariable].includes(field),
    );
    if (setting?.file === 'no')
      throw refuse(`${field} does not belong into a file; set ${setting.variable} in the environment`);
    if (setting?.name !== field) {
      throw refuse(
        `${printable(JSON.stringify(field))} is no setting; did you mean ${nearestSetting(field)}?`,
      );
    }
    if (setting.file === 'named' && !named) {
      throw refuse(`${field} is taken only from a file named by --config, or from ${setting.variable}`);
    }
  }
}

/** The setting whose name takes the fewest edits to reach; of several the first. */
function nearestSetting(field: string): SettingName {
  const wanted = field.slice(0, 2 * MAX_SHOWN_CHARS).toLowerCase();
  const distances = SETTINGS.filter(({ file }) => file !== 'no').map(({ name }) => ({
    name,
    edits: editDistance(wanted, name.toLowerCase()),
  }));
  return distances.reduce((best, next) => (next.edits < best.edits ? next : best)).name;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** Untrusted text for a message: one line, short, no control characters, no keys. */
function printable(text: string): string {
  const line = redactText(text).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length > MAX_SHOWN_CHARS ? `${line.slice(0, MAX_SHOWN_CHARS - 1)}…` : line;
}
