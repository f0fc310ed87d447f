/** Languages as people and programs write them: tags and names in, canonical tags and display names out, through Intl. */
import { canonicalTag, type LanguageTag, subtagNames } from './language-tags.js';
import { tagOfName } from './language-names.js';
import { otherNames } from './names-table.js';

export type { LanguageTag };

/** Longer input is no language; the longest names of CLDR have about 170 characters. */
const MAX_INPUT_CHARS = 192;
/** Control characters, halves of characters, and invisible ones that are part of no name. */
const UNFIT = /[\p{Cc}\p{Cs}]|(?![\u200b-\u200f\u061c])\p{Cf}/u;

/** Codes of countries that are also codes of languages which hardly anybody means by them. */
const COUNTRY_CODES = new Set(
  'ba bi br ch co cr cu cv dz ee ie io kg kr kw la li lu na ng sa sc se sg sm tw ve za'.split(' '),
);

/** English names that are also other languages' codes in small letters. */
const NAMES_LIKE_TAGS: ReadonlyMap<string, LanguageTag> = new Map([
  ['Ga', 'gaa'],
  ['Kom', 'bkm'],
]);

/** Written standards of one spoken language. */
const SPOKEN_AS: ReadonlyMap<string, string> = new Map([
  ['nb', 'no'],
  ['nn', 'no'],
]);

/** Tags that were asked for before: a meeting compares the same few over and over. */
const MAX_REMEMBERED_TAGS = 1_000;
const spokenByTag = new Map<LanguageTag, string>();

/**
 * The language that `input` means: a BCP 47 tag in any case, with hyphens or underscores (`pt_br`, `zh-yue`), or the
 * language's name in English (`Spanish`, `Portuguese (Brazil)`) or in itself (`español`, `中文（繁體）`), with or without a
 * region or script, whatever its case, accents, apostrophes and punctuation. Undefined for anything else, and for a code that
 * is some country's and hardly ever means a language (`kr`, `se`): see {@link likelyLanguage}.
 */
export function parseLanguage(input: string): LanguageTag | undefined {
  if (input.length > MAX_INPUT_CHARS || UNFIT.test(input)) return undefined;
  const text = input.trim();
  const named = NAMES_LIKE_TAGS.get(text);
  if (named !== undefined) return named;
  if (isCountryCode(text)) return undefined;
  const tag = canonicalTag(text) ?? tagOfName(text);
  // Such a language is written with its region, so that what is given out can be read again.
  return tag !== undefined && isCountryCode(tag) ? withRegion(tag) : tag;
}

/**
 * The language that somebody may mean who gives a country's code: the main one of the country, `ko` for `kr` and `ja` for
 * `jp`. Undefined for anything else. To be asked, not taken.
 */
export function likelyLanguage(input: string): LanguageTag | undefined {
  const code = input.trim();
  if (!/^[a-z]{2}$/i.test(code) || subtagNames('region').of(code.toUpperCase()) === undefined)
    return undefined;
  const { language } = new Intl.Locale(`und-${code}`).maximize();
  return canonicalTag(language);
}

function isCountryCode(text: string): boolean {
  return text.length === 2 && COUNTRY_CODES.has(text.toLowerCase());
}

function withRegion(tag: LanguageTag): LanguageTag {
  const { language, region } = new Intl.Locale(tag).maximize();
  return region === undefined ? tag : `${language}-${region}`;
}

/** The name of a language for a reader of `inLanguage`, such as `Brazilian Portuguese`; the tag itself if it has none. */
export function languageName(tag: LanguageTag, inLanguage: LanguageTag = 'en'): string {
  return new Intl.DisplayNames([inLanguage, 'en'], { type: 'language' }).of(tag) ?? tag;
}

/**
 * The name of a language in itself, such as `español` or `Kreyòl ayisyen`, also where Intl has no locale of it; in English where
 * nobody knows it.
 */
export function ownLanguageName(tag: LanguageTag): string {
  if (Intl.DisplayNames.supportedLocalesOf(tag).length > 0) return languageName(tag, tag);
  const { own } = otherNames();
  return own[tag] ?? own[new Intl.Locale(tag).language] ?? languageName(tag);
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
  const spoken = SPOKEN_AS.get(language) ?? language;
  if (spokenByTag.size >= MAX_REMEMBERED_TAGS) spokenByTag.clear();
  spokenByTag.set(tag, spoken);
  return spoken;
}
