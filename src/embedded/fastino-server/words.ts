/** Texts as words, for finding what belongs together: a stand-in for what embeddings do. Any script, no model. */

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
/** Shorter words of an alphabet say little; in scripts without spaces one character may be a word. */
const MIN_LATIN_CHARS = 3;
/** As much of a word as its forms have in common, more or less. */
const STEM_CHARS = 6;

/** The different words of a text, without case, accents and most endings. */
export function wordsOf(text: string): Set<string> {
  const words = new Set<string>();
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (isWordLike !== true) continue;
    const word = segment.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
    if (/^[a-z]/.test(word) && word.length < MIN_LATIN_CHARS) continue;
    words.add(word.replace(/(?<=\w{3})s$/, '').slice(0, STEM_CHARS));
  }
  return words;
}
