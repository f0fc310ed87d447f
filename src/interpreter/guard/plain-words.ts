/** Texts of transcripts as words that can be compared and counted. Pure; texts are untrusted and only ever looked at. */
import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';

/** Looked at of a text. */
const MAX_CHARS = 2_000;
/** In quotation marks: titles, and what others said, in whatever language. */
const QUOTED = /"[^"]*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|»[^«]*«|‹[^›]*›|「[^」]*」|『[^』]*』/gu;
/** Addresses of pages and people. */
const ADDRESSES = /\S*(?:\/\/|@|\bwww\.)\S*/gu;
/** Notes on sound, such as `[laughs]`, in no language of the speaker's. */
const NOTES = /\[[^[\]]*\]/gu;
const LETTERS_ONLY = /^[\p{L}\p{M}'’]+$/u;
const CAPITAL = /^[\p{Lu}\p{Lt}]/u;

/** Scripts beside that of a language's usual tag (ISO 15924). */
const MORE_SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  ja: ['Hani', 'Hira', 'Kana'],
  ko: ['Hang', 'Hani'],
  zh: ['Hani'],
  yue: ['Hani'],
  sr: ['Cyrl', 'Latn'],
  bs: ['Cyrl', 'Latn'],
  az: ['Cyrl', 'Latn'],
  uz: ['Cyrl', 'Latn'],
  kk: ['Cyrl', 'Latn'],
  pa: ['Guru', 'Arab'],
  ku: ['Latn', 'Arab'],
  ms: ['Latn', 'Arab'],
};
/** Scripts that are told apart; letters of others count as `Zzzz`. */
const SCRIPTS = [
  ...['Latn', 'Hani', 'Hira', 'Kana', 'Hang', 'Cyrl', 'Arab', 'Hebr', 'Grek', 'Deva', 'Thai', 'Armn', 'Geor'],
  ...['Beng', 'Taml', 'Telu', 'Guru', 'Gujr', 'Knda', 'Mlym', 'Ethi', 'Khmr', 'Laoo', 'Mymr', 'Sinh', 'Orya'],
].map((code) => ({ code, letter: new RegExp(`\\p{Script=${code}}`, 'u') }));

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** The words of a text, in lower case without accents. */
export function wordsOf(text: string): string[] {
  return segments(comparable(text)).filter((word) => /[\p{L}\p{N}]/u.test(word));
}

/** What a language is known by: a text without names, quotations, numbers and addresses, and how many words are left. */
export function ordinaryText(text: string): { text: string; wordCount: number } {
  const plain = text.slice(0, MAX_CHARS).replace(QUOTED, ' ').replace(ADDRESSES, ' ').replace(NOTES, ' ');
  let kept = '';
  let wordCount = 0;
  for (const segment of segments(plain)) {
    const isWord = LETTERS_ONLY.test(segment);
    if (isWord && !CAPITAL.test(segment)) wordCount++;
    kept += isWord && !CAPITAL.test(segment) ? segment : segment.replace(/[^\p{P}\p{Z}]+/gu, ' ');
  }
  return { text: kept, wordCount };
}

/** Lower case, without accents, one space between words: for comparing. */
export function comparable(text: string): string {
  return text
    .slice(0, MAX_CHARS)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\p{P}]+/gu, ' ')
    .trim();
}

/** How many letters a text has of each script, by ISO 15924 code; a letter that stands for more counts for more. */
export function lettersByScript(text: string): ReadonlyMap<string, number> {
  const letters = new Map<string, number>();
  for (const character of text) {
    if (!/\p{L}/u.test(character)) continue;
    const code = SCRIPTS.find(({ letter }) => letter.test(character))?.code ?? 'Zzzz';
    letters.set(code, (letters.get(code) ?? 0) + lettersIn(code));
  }
  return letters;
}

/** Letters of a text, as {@link lettersByScript} counts them. */
export function letterCount(text: string): number {
  let count = 0;
  for (const letters of lettersByScript(text.slice(0, MAX_CHARS)).values()) count += letters;
  return count;
}

/** The scripts that a language is written in. */
export function scriptsOf(tag: LanguageTag): readonly string[] {
  const { script = 'Zzzz' } = new Intl.Locale(tag).maximize();
  return [script, ...(MORE_SCRIPTS[spokenLanguage(tag)] ?? [])];
}

/** Han, Kana and Hangul say in a letter what takes others more. */
function lettersIn(script: string): number {
  if (script === 'Hani') return 3;
  return script === 'Hira' || script === 'Kana' || script === 'Hang' ? 2 : 1;
}

function segments(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
