/** Languages as people and programs write them: tags and names in, canonical tags and display names out, through Intl. */

/** A canonical BCP 47 tag of a known language, such as `es`, `pt-BR` or `zh-Hant`; no variants, no extensions. */
export type LanguageTag = string;

/** Longer input is no language; the longest names have about 40 characters. */
const MAX_INPUT_CHARS = 64;
const TAG_SHAPE = /^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/i;
/** Codes of ISO 639 for no language in particular. */
const NOT_A_LANGUAGE = new Set(['und', 'mul', 'zxx', 'mis', 'root']);

/** Tags that are looked up by name beside all those of two letters. */
const MORE_NAMED_TAGS =
  'ast ceb ckb fil haw hmn ilo kok mai mni nso pap sat szl tpi tzm yue ' +
  'de-AT de-CH en-AU en-CA en-GB en-IN en-US es-419 es-ES es-MX fr-BE fr-CA fr-CH nl-BE pt-BR pt-PT ro-MD ' +
  'sr-Cyrl sr-Latn uz-Cyrl zh-Hans zh-Hant zh-HK zh-TW';

/** Common names that CLDR, the data behind Intl, does not list. */
const MORE_NAMES: readonly (readonly [name: string, tag: string])[] = [
  ['mandarin', 'zh'],
  ['mandarin chinese', 'zh'],
  ['putonghua', 'zh'],
  ['普通话', 'zh'],
  ['國語', 'zh-Hant'],
  ['castilian', 'es'],
  ['castellano', 'es'],
  ['farsi', 'fa'],
  ['tagalog', 'fil'],
  ['bahasa indonesia', 'id'],
  ['bahasa melayu', 'ms'],
  ['punjabi', 'pa'],
  ['moldovan', 'ro'],
];

/** Written standards of one spoken language. */
const SPOKEN_AS: Readonly<Record<string, string>> = { nb: 'no', nn: 'no' };

const englishNames: Partial<Record<'language' | 'region' | 'script', Intl.DisplayNames>> = {};

/** What English calls the subtags of one kind; made when it is asked first, since Intl takes 20 ms for the three of them. */
function englishNamesOf(type: 'language' | 'region' | 'script'): Intl.DisplayNames {
  return (englishNames[type] ??= new Intl.DisplayNames('en', { type, fallback: 'none' }));
}

/** Tags that were asked for before: a meeting compares the same few over and over. */
const MAX_REMEMBERED_TAGS = 1_000;
const spokenByTag = new Map<LanguageTag, string>();

let tagsByName: ReadonlyMap<string, LanguageTag> | undefined;

/**
 * The language that `input` means: a BCP 47 tag in any case, with hyphens or underscores (`pt_br`), or the language's
 * name in English (`Spanish`, `Portuguese (Brazil)`) or in itself (`español`, `中文`), accents and case aside.
 * Undefined for anything else.
 */
export function parseLanguage(input: string): LanguageTag | undefined {
  if (input.length > MAX_INPUT_CHARS || /[\p{Cc}\p{Cf}\p{Cs}]/u.test(input)) return undefined;
  const text = input.trim();
  return parseTag(text.replaceAll('_', '-')) ?? (tagsByName ??= collectNames()).get(nameKey(text));
}

function parseTag(text: string): LanguageTag | undefined {
  if (!TAG_SHAPE.test(text)) return undefined;
  try {
    const { language, region, script } = new Intl.Locale(text);
    const known =
      !NOT_A_LANGUAGE.has(language) &&
      englishNamesOf('language').of(language) !== undefined &&
      (region === undefined || englishNamesOf('region').of(region) !== undefined) &&
      (script === undefined || englishNamesOf('script').of(script) !== undefined);
    if (!known) return undefined;
    // Variants are left out: Intl takes any word for one, so that somebody's tag could carry a sentence.
    return [language, script, region].filter((subtag) => subtag !== undefined).join('-');
  } catch {
    return undefined; // what Intl does not take for a tag
  }
}

/** Every name of every tag that has one; of two tags with one name the first keeps it. */
function collectNames(): ReadonlyMap<string, LanguageTag> {
  const standardNames = new Intl.DisplayNames('en', { type: 'language', languageDisplay: 'standard' });
  const names = new Map<string, LanguageTag>();
  const add = (name: string | undefined, tag: LanguageTag) => {
    if (name === undefined) return;
    const key = nameKey(name);
    if (!names.has(key)) names.set(key, tag);
  };
  const tags = new Set(
    [...twoLetterTags(), ...MORE_NAMED_TAGS.split(' ')].flatMap((tag) => parseTag(tag) ?? []),
  );
  for (const tag of tags) add(englishNamesOf('language').of(tag), tag);
  for (const tag of tags) {
    add(standardNames.of(tag), tag);
    add(new Intl.DisplayNames(tag, { type: 'language', fallback: 'none' }).of(tag), tag);
  }
  for (const [name, tag] of MORE_NAMES) add(name, tag);
  return names;
}

function twoLetterTags(): string[] {
  const letters = Array.from({ length: 26 }, (_, n) => String.fromCharCode(97 + n));
  return letters.flatMap((first) => letters.map((second) => first + second));
}

/** Names are compared without case, accents on letters, width and repeated spaces. */
function nameKey(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

/** The name of a language for a reader of `inLanguage`, such as `Brazilian Portuguese`; the tag itself if it has none. */
export function languageName(tag: LanguageTag, inLanguage: LanguageTag = 'en'): string {
  return new Intl.DisplayNames([inLanguage, 'en'], { type: 'language' }).of(tag) ?? tag;
}

/** Whether both are one spoken language, region and script aside: `pt-BR` and `pt`, `zh-Hans` and `zh-TW`. */
export function sameLanguage(a: LanguageTag, b: LanguageTag): boolean {
  return spokenLanguage(a) === spokenLanguage(b);
}

/** The spoken language of a tag, without region and script: a subtag such as `pt`. */
export function spokenLanguage(tag: LanguageTag): string {
  const known = spokenByTag.get(tag);
  if (known !== undefined) return known;
  const { language } = new Intl.Locale(tag).maximize();
  const spoken = SPOKEN_AS[language] ?? language;
  if (spokenByTag.size >= MAX_REMEMBERED_TAGS) spokenByTag.clear();
  spokenByTag.set(tag, spoken);
  return spoken;
}
