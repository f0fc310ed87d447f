/** A document's text becomes passages of a size that can be found, read and quoted. Pure. */
import type { Block, Chunk } from './document.js';

/** Width of a passage in columns: letters count one, ideographs and other wide characters two. */
const USUAL_COLUMNS = 900;
const MAX_COLUMNS = 1_400;
const MAX_HEADING_CHARS = 200;
const WIDE = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}]/gu;
const sentences = new Intl.Segmenter('und', { granularity: 'sentence' });

/** Passages in order. None crosses a heading; paragraphs stay whole where they fit, sentences where a paragraph does not. */
export function chunksOf(blocks: readonly Block[]): Chunk[] {
  const chunks: Chunk[] = [];
  const headings: (string | undefined)[] = [];
  let text = '';
  let page: number | undefined;
  const end = (): void => {
    if (text !== '') {
      const above = headings.filter((heading) => heading !== undefined);
      chunks.push({ index: chunks.length, headings: above, text, ...(page === undefined ? {} : { page }) });
    }
    text = '';
    page = undefined;
  };
  for (const block of blocks) {
    if (block.headingLevel !== undefined) {
      end();
      headings.length = block.headingLevel - 1; // what stood below the former one of this level is over
      headings[block.headingLevel - 1] = block.text.replace(/\s+/g, ' ').slice(0, MAX_HEADING_CHARS);
      continue;
    }
    for (const piece of piecesOf(block.text)) {
      if (text !== '' && columnsOf(text) + columnsOf(piece) > USUAL_COLUMNS) end();
      text = text === '' ? piece : `${text}\n${piece}`;
      page ??= block.page;
    }
  }
  end();
  return chunks.length > 0 ? chunks : onlyHeadings(blocks);
}

/** A paragraph; one that is too long in sentences, and a sentence that is too long in pieces. */
function piecesOf(text: string): string[] {
  if (columnsOf(text) <= MAX_COLUMNS) return [text];
  const pieces: string[] = [];
  let piece = '';
  const add = (part: string): void => {
    if (piece !== '' && columnsOf(piece) + columnsOf(part) > USUAL_COLUMNS) {
      pieces.push(piece.trim());
      piece = '';
    }
    piece += part;
  };
  for (const { segment } of sentences.segment(text)) {
    if (columnsOf(segment) <= MAX_COLUMNS) add(segment);
    else
      for (const part of segment.match(/[\s\S]{1,350}(?:\s|(?![\s\S])|(?<=\P{M})(?=\P{M}))/gu) ?? [])
        add(part);
  }
  pieces.push(piece.trim());
  return pieces.filter((each) => each !== '');
}

/** A document of headings alone: they are its text. */
function onlyHeadings(blocks: readonly Block[]): Chunk[] {
  const text = blocks.map((block) => block.text).join('\n');
  return text === '' ? [] : piecesOf(text).map((piece, index) => ({ index, headings: [], text: piece }));
}

function columnsOf(text: string): number {
  return text.length + (text.match(WIDE)?.length ?? 0);
}
