/**
 * Languages by their names, as menus of systems and apps show them: in English or in the language itself, with a region or a
 * script beside them in any order and punctuation. Names come from CLDR through Intl, and from `language-names.json`.
 */
import { BoundedMap } from '../bounded-map.js';
import { canonicalTag, type LanguageTag } from './language-tags.js';
import { cldrNames, otherNames } from './names-table.js';

/** The longest names of CLDR have about 40 words. */
const MAX_WORDS = 48;
/** Locales in which regions and scripts have other names than in the language's usual one. */
const OWN_LOCALES =
  'az-Cyrl bs-Cyrl en-AU en-GB en-VC es-MX fa-AF ff-Adlm hi-Latn kk-Arab ko-KP kok-Latn ks-Deva kxv-Deva kxv-Telu ms-Arab ' +
  'pa-Arab sat-Deva sd-Deva shi-Latn sr-Latn sr-ME uz-Arab uz-Cyrl vai-Latn yo-BJ yrl-CO yrl-VE yue-Hans zh-Hant zh-Hant-HK pt-PT su-Latn';
/** They make no difference. */
const IDLE_WORDS = new Set(['standard', 'modern', 'sort', 'international', 'language', 'en', 'uß']);

const APOSTROPHES =
  /[\u0027\u0060\u00b4\u2018-\u201b\u02b9-\u02bf\u02c8\u02ca\u02cb\u2032\uff07\ua78b\ua78c\u055a]/g;
/** Invisible, but part of how some names are written: word borders, joiners, and marks of direction. */
const INVISIBLE = /[\u200b-\u200f\u061c]/g;
/** Arabic vowel signs and the elongation, and Hebrew points. */
const POINTS = /[\u064b-\u065f]|\u0670|\u0640|[\u0591-\u05c7]/g;

/** Languages whose own names of regions and scripts are kept. */
const MAX_REMEMBERED_LANGUAGES = 32;

/** What a word beside a language stands for. */
type Qualifier = { readonly kind: 'region' | 'script'; readonly subtag: string };
type Qualifiers = ReadonlyMap<string, readonly Qualifier[]>;

let tagsByName: ReadonlyMap<string, LanguageTag> | undefined;
const qualifiersByLanguage = new BoundedMap<Qualifiers>(MAX_REMEMBERED_LANGUAGES);
let englishQualifiers: Qualifiers | undefined;

/** The tag of the language that has this name; undefined for anything else. Case, accents and apostrophes do not matter. */
export function tagOfName(name: string): LanguageTag | undefined {
  const parts = name.split(/[/|]/);
  const tags = parts.map(tagOfOneName);
  const [tag] = tags;
  // One name in two writings, such as `Oʻzbekcha / ўзбекча`.
  const isOne =
    tag !== undefined && tags.every((other) => other !== undefined && languageOf(other) === languageOf(tag));
  return isOne || parts.length === 1 ? tag : tagOfOneName(name);
}

function tagOfOneName(name: string): LanguageTag | undefined {
  tagsByName ??= collectNames();
  const turned = /^([^,(]+), ?([^,()]+)$/.exec(name); // `Kurdish, Central`
  const words = wordsOf(name);
  if (words.length === 0 || words.length > MAX_WORDS) return undefined;
  return (
    tagsByName.get(words.join(' ')) ??
    (turned === null ? undefined : tagsByName.get(nameKey(`${turned[2]!} ${turned[1]!}`))) ??
    unlessPreposition(name, qualifiedTag(words))
  );
}

/** A country's code in front of a name is in capitals, as in `US English`: `to German` and `in English` name no country. */
function unlessPreposition(name: string, tag: LanguageTag | undefined): LanguageTag | undefined {
  const word = /^\s*(\p{Ll}{2})\s/u.exec(name)?.[1];
  if (tag === undefined || word === undefined) return tag;
  const { language, region } = new Intl.Locale(tag);
  return language !== word && region === word.toUpperCase() ? undefined : tag;
}

/** A name with regions or scripts behind it, or in front of it; the longest name that leaves only those. */
function qualifiedTag(words: readonly string[]): LanguageTag | undefined {
  for (let count = words.length - 1; count > 0; count--) {
    const tag =
      tagWith(words.slice(0, count), words.slice(count)) ??
      tagWith(words.slice(words.length - count), words.slice(0, words.length - count));
    if (tag !== undefined) return tag;
  }
  return undefined;
}

function tagWith(name: readonly string[], beside: readonly string[]): LanguageTag | undefined {
  const tag = tagsByName?.get(name.join(' '));
  if (tag === undefined) return undefined;
  const found = qualified(tag, beside, qualifiersOf(languageOf(tag)));
  if (found !== undefined) return found;
  const again = tagsByName?.get(beside.join(' ')); // `Deutsch (German)`
  if (again === undefined || languageOf(again) !== languageOf(tag)) return undefined;
  return again.length > tag.length ? again : tag;
}

/** The tag with what the words say: regions and scripts, none left over. Undefined where it has other ones already. */
function qualified(
  tag: LanguageTag,
  words: readonly string[],
  known: readonly Qualifiers[],
): LanguageTag | undefined {
  if (words.every((word) => IDLE_WORDS.has(word))) return tag;
  for (let count = words.length; count > 0; count--) {
    const key = words.slice(0, count).join(' ');
    for (const names of known) {
      // One word may be a region and a script: Mongolia and Mongolian.
      for (const qualifier of names.get(key) ?? []) {
        const narrowed = narrower(tag, qualifier);
        const found = narrowed && qualified(narrowed, words.slice(count), known);
        if (found !== undefined) return found;
      }
    }
  }
  const [word = '', ...others] = words;
  return IDLE_WORDS.has(word) ? qualified(tag, others, known) : undefined;
}

function narrower(tag: LanguageTag, { kind, subtag }: Qualifier): LanguageTag | undefined {
  const { language, region, script } = new Intl.Locale(tag);
  const before = kind === 'region' ? region : script;
  if (before !== undefined) return before === subtag ? tag : undefined;
  const [ofScript, ofRegion] = kind === 'region' ? [script, subtag] : [subtag, region];
  return canonicalTag([language, ofScript, ofRegion].filter((part) => part !== undefined).join('-'));
}

function languageOf(tag: LanguageTag): string {
  return new Intl.Locale(tag).language;
}

/** Every name of every language; of two with one name the first keeps it. */
function collectNames(): ReadonlyMap<string, LanguageTag> {
  const found = new Map<string, LanguageTag>();
  const { names, own } = cldrNames();
  const others = otherNames();
  for (const lists of [names, own, others.own, others.names])
    for (const [tag, list] of Object.entries(lists))
      for (const key of [list].flat().map(nameKey)) if (!found.has(key)) found.set(key, tag);
  return found;
}

/** What may stand beside a language, by its names in English and in the language. */
function qualifiersOf(language: string): readonly Qualifiers[] {
  const own = qualifiersByLanguage.get(language) ?? ownQualifiers(language);
  qualifiersByLanguage.set(language, own);
  return [own, (englishQualifiers ??= collectEnglish())];
}

function collectEnglish(): Qualifiers {
  const found = new Map<string, Qualifier[]>();
  const cldr = cldrNames();
  for (const { regions, scripts } of [cldr, otherNames()]) {
    for (const [subtag, names] of Object.entries(regions))
      for (const name of names) addQualifier(found, name, { kind: 'region', subtag });
    for (const [subtag, names] of Object.entries(scripts))
      for (const name of names) addQualifier(found, name, { kind: 'script', subtag });
  }
  for (const subtag of Object.keys(cldr.regions)) addQualifier(found, subtag, { kind: 'region', subtag });
  // What Intl puts in brackets where a language has no name of its own for it: `Melayu (Arab)`.
  for (const subtag of Object.keys(cldr.scripts)) addQualifier(found, subtag, { kind: 'script', subtag });
  return found;
}

/** In the language itself. */
function ownQualifiers(language: string): Qualifiers {
  const found = new Map<string, Qualifier[]>();
  const { regions, scripts } = cldrNames();
  const kinds = [
    { kind: 'region', subtags: Object.keys(regions) },
    { kind: 'script', subtags: Object.keys(scripts) },
  ] as const;
  // English names are in the table.
  const usual = language === 'en' ? [] : [language];
  const tags = [...usual, ...OWN_LOCALES.split(' ').filter((tag) => languageOf(tag) === language)];
  for (const locale of Intl.DisplayNames.supportedLocalesOf(tags)) {
    for (const { kind, subtags } of kinds) {
      for (const style of ['long', 'short'] as const) {
        const names = new Intl.DisplayNames(locale, { type: kind, style, fallback: 'none' });
        for (const subtag of subtags) addQualifier(found, names.of(subtag) ?? '', { kind, subtag });
      }
    }
  }
  return found;
}

/** Of one kind the first keeps a name. */
function addQualifier(found: Map<string, Qualifier[]>, name: string, qualifier: Qualifier): void {
  const key = nameKey(name);
  const others = found.get(key) ?? [];
  if (key === '' || others.some(({ kind }) => kind === qualifier.kind)) return;
  found.set(key, [...others, qualifier]);
}

function wordsOf(name: string): string[] {
  const key = nameKey(name);
  return key === '' ? [] : key.split(' ');
}

/** Names are compared without case, accents on letters, width, punctuation, symbols and repeated spaces. */
function nameKey(name: string): string {
  return name
    .replace(INVISIBLE, '')
    .replace(APOSTROPHES, '')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(POINTS, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/ı/g, 'i') // in capitals both are I
    .replace(/[ङञणनम]\u094d(?=[क-ह])/gu, 'ं') // हिन्दी is हिंदी
    .replace(/[ىی]/g, 'ي')
    .replace(/ک/g, 'ك')
    .replace(/[أإآ]/g, 'ا')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim();
}
