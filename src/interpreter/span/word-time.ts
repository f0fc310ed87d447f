import type { TimeWindow } from '../../realtime/session.js';

/**
 * A text had come so far, in characters, and the last of it was said in this window: of the meeting, or since its voice began.
 */
export type WordTime = { readonly chars: number } & TimeWindow;

/** Of a turn; what comes after so many is not told apart. */
const MAX_WORDS = 512;

/** The same with the next word; it is added in place. */
export function withWord(words: WordTime[] | undefined, word: WordTime): WordTime[] {
  if (words === undefined) return [word];
  if (words.length < MAX_WORDS) words.push(word);
  return words;
}
