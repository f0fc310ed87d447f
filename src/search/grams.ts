/**
 * Pieces of words, for finding what is inflected, compounded or cut otherwise: no stemmer knows every language, and n-grams do
 * nearly as well in those that have one (McNamee and Mayfield, "Character N-Gram Tokenization for European Language Text
 * Retrieval", 2004). Pure.
 */

/** Writings without spaces: their words are cut by guess, so pieces go over the cuts. */
const UNSPACED = /^[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}ー]+$/u;
const IDEOGRAPHS = /^[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}ー]+$/u;
/** Forms of Arabic letters that are written one for another. */
const ALEF = /[أإآٱ]/g;
const SYLLABLE_LETTERS = 4;
const IDEOGRAPH_LETTERS = 2;
const SOUTH_ASIAN_LETTERS = 3;

/** The pieces of a text, given as its words in order (`words.ts`): of four letters, of two ideographs, of three Thai letters. */
export function grams(words: readonly string[]): string[] {
  const found: string[] = [];
  let run = '';
  const end = (): void => {
    if (run !== '')
      found.push(...piecesOf(run, IDEOGRAPHS.test(run) ? IDEOGRAPH_LETTERS : SOUTH_ASIAN_LETTERS));
    run = '';
  };
  for (const word of words) {
    if (UNSPACED.test(word)) {
      if (run !== '' && IDEOGRAPHS.test(run) !== IDEOGRAPHS.test(word)) end();
      run += word;
      continue;
    }
    end();
    found.push(
      ...piecesOf(
        word.replace(ALEF, 'ا').replaceAll('ى', 'ي').replaceAll('ة', 'ه').replaceAll('ς', 'σ'),
        SYLLABLE_LETTERS,
      ),
    );
  }
  end();
  return found;
}

/** Every piece of so many characters; what is shorter is one. */
function piecesOf(text: string, size: number): string[] {
  const letters = Array.from(text);
  if (letters.length <= size) return [text];
  return Array.from({ length: letters.length - size + 1 }, (_, at) => letters.slice(at, at + size).join(''));
}
