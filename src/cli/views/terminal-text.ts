/** Text in a terminal's columns: how wide it is, and as much of it as fits. */

/** A column each. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Made when text is not plain: Intl takes 20 ms for it. */
let segmenter: Intl.Segmenter | undefined;
/** What terminals draw two columns wide (Unicode Standard Annex 11: Wide and Fullwidth; emoji of two columns). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** Columns that `text`, free of control characters, takes. */
export function columnsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const grapheme of graphemes(text)) columns += graphemeColumns(grapheme);
  return columns;
}

/** The beginning of `text` that fits, with `…` where something was left out, padded to exactly `columns`. */
export function fit(text: string, columns: number): string {
  const kept = takeColumns(graphemes(text), columns);
  return kept + ' '.repeat(Math.max(0, columns - columnsOf(kept)));
}

/** The end of `text` that fits, with `…` where something was left out: what is being said is at the end. */
export function fitEnd(text: string, columns: number): string {
  return graphemes(takeColumns(graphemes(text).reverse(), columns))
    .reverse()
    .join('');
}

/** `text`, which is one line, in lines of at most `columns`; a word that is longer has a line of its own. */
export function wrapWords(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && columnsOf(last) + 1 + columnsOf(word) <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function takeColumns(all: readonly string[], columns: number): string {
  let used = 0;
  const kept: string[] = [];
  for (const grapheme of all) {
    const width = graphemeColumns(grapheme);
    if (used + width > columns) {
      while (kept.length > 0 && used > columns - 1) used -= graphemeColumns(kept.pop()!);
      return columns > 0 ? [...kept, '…'].join('') : '';
    }
    used += width;
    kept.push(grapheme);
  }
  return kept.join('');
}

function graphemes(text: string): string[] {
  if (PLAIN.test(text)) return Array.from(text);
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function graphemeColumns(grapheme: string): number {
  return WIDE.test(grapheme) ? 2 : /^[\p{M}\p{Cf}]/u.test(grapheme) ? 0 : 1;
}
