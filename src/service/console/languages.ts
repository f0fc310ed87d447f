/** Languages of a meeting, by their names in themselves. Pure. */

/** What is offered; any other tag can be written. */
const TAGS = (
  'en es de fr ja zh-Hans zh-Hant pt pt-BR it nl pl ru uk tr ar hi ko vi id th sv da nb fi cs el he ro hu bg hr sr sk sl ' +
  'lt lv et ca eu gl fa ur bn ta te mr gu pa ml kn ms fil sw af is ga cy sq mk bs hy ka az kk uz ne si km lo my am yue es-419'
).split(' ');
/** Languages that browsers name in English, or not as their speakers do. */
const OWN_NAMES: ReadonlyMap<string, string> = new Map([
  ['es-419', 'Español (Latinoamérica)'],
  ['pt-BR', 'Português (Brasil)'],
  ['zh-Hans', '中文（简体）'],
  ['zh-Hant', '中文（繁體）'],
  ['yue', '粵語'],
  ['fil', 'Filipino'],
]);

/** A language that can be chosen. */
export type LanguageChoice = { readonly tag: string; readonly name: string; readonly reader: string };

/** A language's name in itself, with a capital where its script has them; the tag where nobody knows it. */
export function ownName(tag: string): string {
  return OWN_NAMES.get(tag) ?? capital(nameIn(tag, tag), tag);
}

/** A language's name in the reader's language. */
export function nameIn(tag: string, reader: string): string {
  try {
    return new Intl.DisplayNames([reader, 'en'], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** Which way a language is written; from the text itself where it is not known. */
export function directionOf(tag: string): 'ltr' | 'rtl' | 'auto' {
  try {
    const { script } = new Intl.Locale(tag).maximize();
    return script === undefined ? 'auto' : RIGHT_TO_LEFT.has(script) ? 'rtl' : 'ltr';
  } catch {
    return 'auto';
  }
}
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(['Arab', 'Hebr', 'Thaa', 'Syrc', 'Nkoo', 'Adlm']);

/** Everything that is offered, by its own name. */
export function languageChoices(reader: string): readonly LanguageChoice[] {
  return TAGS.map((tag) => ({ tag, name: ownName(tag), reader: nameIn(tag, reader) }));
}

/** Choices that a search finds, those that begin with it first; and the text itself where it is a tag that is not offered. */
export function searchLanguages(
  choices: readonly LanguageChoice[],
  query: string,
): readonly LanguageChoice[] {
  const wanted = folded(query.trim());
  if (wanted === '') return choices;
  const rank = ({ tag, name, reader }: LanguageChoice): number => {
    const names = [tag, name, reader, nameIn(tag, 'en')].map(folded);
    if (names.includes(wanted)) return 0;
    if (names.some((each) => each.startsWith(wanted))) return 1;
    return names.some((each) => each.includes(wanted)) ? 2 : 3;
  };
  const found = choices
    .map((choice) => ({ choice, rank: rank(choice) }))
    .filter((entry) => entry.rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map(({ choice }) => choice);
  if (found.length > 0) return found;
  const tag = canonicalTag(query);
  if (tag === undefined) return [];
  return [{ tag, name: ownName(tag), reader: nameIn(tag, 'en') }];
}

/** A BCP 47 tag in its usual spelling, where its language has a name; undefined for a text that is none. */
export function canonicalTag(text: string): string | undefined {
  try {
    const [tag] = Intl.getCanonicalLocales(text.trim());
    return tag !== undefined && nameIn(tag, 'en') !== tag ? tag : undefined;
  } catch {
    return undefined;
  }
}

/** The languages that somebody with these browser languages is likely to want: theirs, and English or Spanish beside it. */
export function likelyLanguages(preferred: readonly string[]): readonly string[] {
  const known = new Set(TAGS);
  const own = preferred
    .map((tag) => (known.has(tag) ? tag : (tag.split('-')[0] ?? tag)))
    .filter((tag) => known.has(tag));
  return [...new Set([...own, 'en', 'es'])].slice(0, 2);
}

/** How well a text in `has` serves a reader of `wanted`: 3 for the same, 0 for another language. */
export function closeness(has: string, wanted: string): number {
  if (has === '' || wanted === '') return 0;
  if (has === wanted) return 3;
  try {
    const [a, b] = [new Intl.Locale(has).maximize(), new Intl.Locale(wanted).maximize()];
    if (a.language !== b.language) return 0;
    return a.script === b.script ? 2 : 1;
  } catch {
    return 0;
  }
}

function capital(name: string, tag: string): string {
  try {
    return name.replace(/^\p{Ll}/u, (letter) => letter.toLocaleUpperCase(tag));
  } catch {
    return name;
  }
}

function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
