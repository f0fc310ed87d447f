/** A text had come so far, in characters, at this moment: of the meeting, or since its voice began. */
export type WordTime = { readonly chars: number; readonly atMs: number };

/** Of a turn; what comes after so many is not told apart. */
const MAX_WORDS = 512;

/** The same with the next word; it is added in place. */
export function withWord(words: WordTime[] | undefined, word: WordTime): WordTime[] {
  if (words === undefined) return [word];
  if (words.length < MAX_WORDS) words.push(word);
  return words;
}
