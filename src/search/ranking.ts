/** Which of the texts that were found fits a query best (BM25), and what of it to show. Pure. */
import { type Word, wordsWithPlaces } from './words.js';

const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;
/** A word that only begins like the one that was asked for. */
const BEGINNING_WEIGHT = 0.6;
const QUOTE_CHARS = 200;

/** Whether the database also looks for words that begin like this one: there are no stems that all languages know. */
export function isBeginning(word: string): boolean {
  return word.length >= (/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}]/u.test(word) ? 2 : 4);
}

/** How well each text fits the query, both as words; the best have the largest score. */
export function scores(query: readonly string[], texts: readonly (readonly string[])[]): number[] {
  const asked = [...new Set(query)];
  const beginnings = asked.map(isBeginning);
  const counts = texts.map((text) => asked.map((word, index) => weightOf(word, beginnings[index]!, text)));
  const meanLength = texts.reduce((sum, { length }) => sum + length, 0) / Math.max(1, texts.length);
  const rarity = asked.map((_, index) => {
    const having = counts.filter((each) => each[index]! > 0).length;
    return Math.log(1 + (texts.length - having + 0.5) / (having + 0.5));
  });
  return texts.map(({ length }, text) => {
    const lengthFactor = 1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * length) / Math.max(1, meanLength);
    return asked.reduce((sum, _, index) => {
      const count = counts[text]![index]!;
      return sum + (rarity[index]! * (count * (SATURATION + 1))) / (count + SATURATION * lengthFactor || 1);
    }, 0);
  });
}

function weightOf(asked: string, also: boolean, text: readonly string[]): number {
  let weight = 0;
  for (const word of text) {
    if (word === asked) weight++;
    else if (also && word.startsWith(asked)) weight += BEGINNING_WEIGHT;
  }
  return weight;
}

/** A piece of a text, and where in it the words stand that were asked for, in UTF-16 code units. */
export type Quote = { text: string; matches: [start: number, end: number][] };

/** The piece of a text around the first of the query's words, in whole words; undefined where none is in it. */
export function quoteOf(query: readonly string[], text: string): Quote | undefined {
  const all = wordsWithPlaces(text);
  const places = all.filter(({ word }) =>
    query.some((asked) => word === asked || (isBeginning(asked) && word.startsWith(asked))),
  );
  const first = places[0];
  return first === undefined ? undefined : pieceAround(first.start, text, all, places);
}

/** The beginning of a text, for what was found by something else than its words. */
export function beginningOf(text: string): Quote {
  return pieceAround(0, text, wordsWithPlaces(text), []);
}

/** Cut between words, with an ellipsis where something is left out. */
function pieceAround(place: number, text: string, all: readonly Word[], matches: readonly Word[]): Quote {
  const from = Math.max(0, place - QUOTE_CHARS / 4);
  const to = from + QUOTE_CHARS;
  const begin = from === 0 ? 0 : (all.find(({ start }) => start >= from)?.start ?? from);
  const end = to >= text.length ? text.length : (all.findLast((word) => word.end <= to)?.end ?? 0);
  // One word that is longer than a quote is cut, but never within a character.
  const last = end > place ? end : to - (/[\ud800-\udbff]/.test(text.charAt(to - 1)) ? 1 : 0);
  const before = begin > 0 ? '…' : '';
  const shift = before.length - begin;
  return {
    text: before + text.slice(begin, last) + (last < text.length ? '…' : ''),
    matches: matches
      .filter(({ start, end: ends }) => start >= begin && ends <= last)
      .map(({ start, end: ends }): [number, number] => [start + shift, ends + shift]),
  };
}
