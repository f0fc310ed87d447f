/** Texts of transcripts as words that can be compared and counted. Pure; texts are untrusted and only ever looked at. */
import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';

/** Looked at of a text: as much as a caption has. */
const MAX_CHARS = 4_000;
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
  az: ['Cyrl', 'Latn', 'Arab'],
  be: ['Cyrl', 'Latn'],
  bs: ['Cyrl', 'Latn'],
  ff: ['Latn', 'Adlm'],
  ha: ['Latn', 'Arab'],
  ja: ['Hani', 'Hira', 'Kana'],
  jv: ['Latn', 'Java'],
  kk: ['Cyrl', 'Latn', 'Arab'],
  ko: ['Hang', 'Hani'],
  kok: ['Deva', 'Latn'],
  ks: ['Arab', 'Deva'],
  ku: ['Latn', 'Arab'],
  ky: ['Cyrl', 'Arab'],
  mn: ['Cyrl', 'Mong'],
  ms: ['Latn', 'Arab'],
  pa: ['Guru', 'Arab'],
  sd: ['Arab', 'Deva'],
  sr: ['Cyrl', 'Latn'],
  tg: ['Cyrl', 'Arab'],
  tk: ['Latn', 'Cyrl'],
  tt: ['Cyrl', 'Latn'],
  ug: ['Arab', 'Cyrl'],
  uz: ['Cyrl', 'Latn', 'Arab'],
  yue: ['Hani'],
  zh: ['Hani'],
};
/** Scripts of tags that are others, or several, in texts. */
const SCRIPT_IN_TEXTS: Readonly<Record<string, string>> = {
  Hans: 'Hani',
  Hant: 'Hani',
  Kore: 'Hang',
  Jpan: 'Hani',
};
/** Scripts beside those in one region. */
const SCRIPTS_OF_REGION: Readonly<Record<string, readonly string[]>> = { 'ro-MD': ['Cyrl'] };
/** Invisible, and part of no word: soft hyphens, joiners, and marks of direction; not U+200B, a border between words. */
const INVISIBLE = /[\u00ad\u200c-\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Arabic vowel signs and the elongation, and Hebrew points. */
const POINTS = /[\u064b-\u065f]|\u0670|\u0640|[\u0591-\u05c7]/g;
/** Scripts that are told apart; letters of others count as `Zzzz`. */
const SCRIPTS = [
  ...['Latn', 'Hani', 'Hira', 'Kana', 'Hang', 'Cyrl', 'Arab', 'Hebr', 'Grek', 'Deva', 'Thai', 'Armn', 'Geor'],
  ...['Beng', 'Taml', 'Telu', 'Guru', 'Gujr', 'Knda', 'Mlym', 'Ethi', 'Khmr', 'Laoo', 'Mymr', 'Sinh', 'Orya'],
].map((code) => ({ code, letter: new RegExp(`\\p{Script=${code}}`, 'u') }));

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** The words of a text, in lower case without accents: cut first, as Thai and Lao are cut wrongly once they are folded. */
export function wordsOf(text: string): string[] {
  const plain = text.slice(0, MAX_CHARS).replace(INVISIBLE, '').normalize('NFC');
  return segments(plain).flatMap((segment) => (/[\p{L}\p{N}]/u.test(segment) ? [folded(segment)] : []));
}

/** A word as it is compared: without case, accents, points and width, in one writing where a script has several. */
function folded(word: string): string {
  return word
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(POINTS, '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/ß/g, 'ss')
    .replace(/ς/g, 'σ')
    .replace(/[أإآ]/g, 'ا')
    .replace(/[ىی]/g, 'ي')
    .replace(/ک/g, 'ك')
    .replace(/\p{Nd}/gu, digitOf);
}

/** A digit of any script as one of 0 to 9: they stand in tens, from the zero on. */
function digitOf(digit: string): string {
  if (/[0-9]/.test(digit)) return digit;
  let value = 0;
  for (let code = digit.codePointAt(0)! - 1; value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code)); code--)
    value++;
  return String(value);
}

/** A text cut at words into pieces of about the same length, of at most so many bytes of UTF-8 each. */
export function piecesOf(text: string, maxBytes: number): string[] {
  const bytes = Buffer.byteLength(text);
  const perPiece = bytes / Math.ceil(bytes / maxBytes);
  const pieces: string[] = [];
  let piece = '';
  let length = 0;
  for (const segment of segments(text)) {
    const more = Buffer.byteLength(segment);
    if (piece !== '' && (length + more > maxBytes || length >= perPiece)) {
      pieces.push(piece);
      [piece, length] = ['', 0];
    }
    piece += segment;
    length += more;
  }
  return piece === '' ? pieces : [...pieces, piece];
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
  const { language, script = 'Zzzz', region = '' } = new Intl.Locale(tag).maximize();
  const ofRegion = SCRIPTS_OF_REGION[`${language}-${region}`] ?? [];
  return [SCRIPT_IN_TEXTS[script] ?? script, ...(MORE_SCRIPTS[spokenLanguage(tag)] ?? []), ...ofRegion];
}

/** Han, Kana and Hangul say in a letter what takes others more. */
function lettersIn(script: string): number {
  if (script === 'Hani') return 3;
  return script === 'Hira' || script === 'Kana' || script === 'Hang' ? 2 : 1;
}

function segments(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
