/**
 * Words for full-text search, the same in texts and in queries, in any writing: without accents, in small letters, and cut as
 * the language needs it. Pure.
 */

/** A word, and where it stands in its text, in UTF-16 code units. */
export type Word = { readonly word: string; readonly start: number; readonly end: number };

/** In UTF-16 code units. Longer ones are no words, and the database's lexemes are bounded. */
const MAX_WORD_LENGTH = 64;
const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** Accents of Latin, Greek and Cyrillic letters; points and tatweel of Hebrew and Arabic. Signs of Indic, Thai and Japanese words stay. */
const POINTS = /\u0640|(?=\p{M})(?!\u3099|\u309a)[\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Inherited}]/gu;
/** Letters that have no accent to take off. */
const PLAIN: ReadonlyMap<string, string> = new Map([
  ['ß', 'ss'],
  ['ı', 'i'],
  ['ø', 'o'],
  ['ł', 'l'],
  ['đ', 'd'],
  ['æ', 'ae'],
  ['œ', 'oe'],
]);

/** A text as search sees it. */
export function folded(text: string): string {
  const plain = text.normalize('NFKD').replace(POINTS, '').normalize('NFKC').toLowerCase();
  return plain.replace(/[ßıøłđæœ]/g, (letter) => PLAIN.get(letter)!);
}

/** The words of a text, in order, those that repeat included. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(folded(text))) {
    if (isWordLike === true) found.push(segment.slice(0, MAX_WORD_LENGTH).replace(/[\ud800-\udbff]$/, ''));
  }
  return found;
}

/** The words of a text as it is written, with their places: for showing where something was found. */
export function wordsWithPlaces(text: string): Word[] {
  return [...segmenter.segment(text)]
    .filter(({ isWordLike }) => isWordLike === true)
    .map(({ segment, index }) => ({ word: folded(segment), start: index, end: index + segment.length }));
}
