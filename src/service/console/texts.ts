/** The console's own texts, in the reader's language. */
import de from './texts/de.json' with { type: 'json' };
import en from './texts/en.json' with { type: 'json' };
import es from './texts/es.json' with { type: 'json' };
import ja from './texts/ja.json' with { type: 'json' };

/** The name of a text. */
export type TextKey = keyof typeof en;
/** Names of texts that come in a form for one and for several: `x.one`, `x.other`. */
export type PluralKey = TextKey extends infer Key
  ? Key extends `${infer Name}.other`
    ? Name
    : never
  : never;

const TABLES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map(
  Object.entries({ en, es, de, ja }),
);
/** Languages that the console speaks. */
export const TEXT_LANGUAGES: readonly string[] = [...TABLES.keys()];

let language = 'en';
let regional = 'en';
const listeners = new Set<() => void>();

/** The language that the texts are in. */
export function textLanguage(): string {
  return language;
}

/** The same with the reader's region, for numbers, times and money. */
export function regionalLanguage(): string {
  return regional;
}

/** Whether there is a text of this name. */
export function hasText(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}

/** A text, with values in the places of their names. */
export function text(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  const template = TABLES.get(language)?.[key] ?? en[key];
  return template.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** A text in the form for so many. `{n}` in it is the number. */
export function plural(key: PluralKey, n: number): string {
  const form = new Intl.PluralRules(language).select(n) === 'one' ? 'one' : 'other';
  return text(`${key}.${form}` as TextKey, { n: new Intl.NumberFormat(regional).format(n) });
}

/** The best of our languages for somebody who prefers these; English where there is none. */
export function bestTextLanguage(preferred: readonly string[]): string {
  for (const tag of preferred) {
    const [base = ''] = tag.toLowerCase().split('-');
    if (TABLES.has(base)) return base;
  }
  return 'en';
}

/** Shows the texts of a language from now on. `preferred`: what the reader's browser prefers, with their region. */
export function useTextLanguage(tag: string, preferred: readonly string[]): void {
  if (!TABLES.has(tag)) return;
  language = tag;
  regional = preferred.find((each) => each.toLowerCase().split('-')[0] === tag) ?? tag;
  for (const listener of listeners) listener();
}

/** Calls `listener` whenever the texts are in another language; the answer ends that. */
export function onTextLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
