/**
 * Runs of text on the pages of a PDF become lines, paragraphs and headings. Pure.
 *
 * pdf.js gives runs in the order in which they were drawn, those of Hebrew and Arabic from left to right; so a line that is
 * mostly of such letters is taken from right to left. Presentation forms, ligatures and radicals become the letters that people
 * type.
 */
import type { Block } from '../document.js';
import type { PdfItem } from './parse-apart.js';
import { withoutRadicals } from './radicals.js';

const RIGHT_TO_LEFT = /[\p{sc=Hebrew}\p{sc=Arabic}]/gu;
const LEFT_TO_RIGHT = /(?![\p{sc=Hebrew}\p{sc=Arabic}])\p{L}/gu;
/** A baseline that is this share of the height away is another line. */
const LINE_SHIFT = 0.5;
/** As a share of the usual distance between lines: more of it parts paragraphs. */
const PARAGRAPH_GAP = 1.45;
/** As a share of the usual height: larger letters are a heading. */
const HEADING_SIZE = 1.15;
const MAX_HEADING_CHARS = 200;

type Line = { text: string; y: number; height: number; page: number };

/** Blocks of all pages, and whether letters are missing in them: such text cannot be found. */
export function pdfBlocks(pages: readonly (readonly PdfItem[])[]): { blocks: Block[]; isDamaged: boolean } {
  let damaged = 0;
  let letters = 0;
  const lines = pages.flatMap((items, index) =>
    linesOf(items).map((line): Line => {
      const raw = textOf(line);
      damaged += raw.match(/\0/g)?.length ?? 0;
      letters += raw.length;
      const text = withoutRadicals(raw.replace(/\0/g, '').normalize('NFKC')).replace(/\s+/g, ' ').trim();
      return {
        text,
        y: line[0]![2],
        height: Math.max(...line.map(([, , , , height]) => height)),
        page: index + 1,
      };
    }),
  );
  return { blocks: blocksOf(lines.filter(({ text }) => text !== '')), isDamaged: damaged > letters / 500 };
}

function linesOf(items: readonly PdfItem[]): PdfItem[][] {
  const lines: PdfItem[][] = [];
  let line: PdfItem[] = [];
  const end = (): void => {
    if (line.length > 0) lines.push(line);
    line = [];
  };
  for (const item of items) {
    const [text, , y, , height, isLast] = item;
    const last = line.at(-1);
    if (
      last !== undefined &&
      text.trim() !== '' &&
      Math.abs(y - last[2]) > LINE_SHIFT * Math.max(height, last[4], 1)
    )
      end();
    if (text !== '') line.push(item);
    if (isLast === 1) end();
  }
  end();
  return lines;
}

function textOf(line: readonly PdfItem[]): string {
  const text = line.map(([words]) => words).join('');
  if ((text.match(RIGHT_TO_LEFT)?.length ?? 0) <= (text.match(LEFT_TO_RIGHT)?.length ?? 0)) return text;
  return [...line]
    .sort((a, b) => b[1] - a[1])
    .map(([words]) => words)
    .join('');
}

function blocksOf(lines: readonly Line[]): Block[] {
  const usualHeight = quantile(
    lines.flatMap(({ text, height }) => Array<number>(Math.ceil(text.length / 20)).fill(height)),
    1 / 2,
  );
  const gaps = lines.slice(1).flatMap(({ y, page }, index) => {
    const gap = lines[index]!.y - y;
    return lines[index]!.page === page && gap > 0 ? [gap] : [];
  });
  const usualGap = quantile(gaps, 1 / 4); // lines within a paragraph: there are more of them than of gaps between
  const blocks: { text: string; page: number; headingLevel?: number }[] = [];
  let previous: Line | undefined;
  for (const line of lines) {
    const isHeading =
      line.height > usualHeight * HEADING_SIZE &&
      line.text.length <= MAX_HEADING_CHARS &&
      /\p{L}/u.test(line.text);
    const block = blocks.at(-1);
    const gap = previous === undefined ? 0 : previous.y - line.y;
    const goesOn =
      block !== undefined &&
      previous?.page === line.page &&
      isHeading === (block.headingLevel !== undefined) &&
      (!isHeading || Math.abs(previous.height - line.height) < 0.5) &&
      gap <= usualGap * (isHeading ? 2 : PARAGRAPH_GAP) &&
      gap > -usualGap;
    if (goesOn) block.text = joined(block.text, line.text);
    else {
      const level = line.height > usualHeight * 1.6 ? 1 : line.height > usualHeight * 1.3 ? 2 : 3;
      blocks.push({ text: line.text, page: line.page, ...(isHeading ? { headingLevel: level } : {}) });
    }
    previous = line;
  }
  return blocks;
}

/** Two lines: a word that was parted at the end of the first is one again; no space between letters that have none. */
function joined(first: string, second: string): string {
  if (/\p{Ll}[\u2010\u00ad-]$/u.test(first) && /^\p{Ll}/u.test(second)) return first.slice(0, -1) + second;
  const parted =
    /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}、。，]$/u.test(first) &&
    /^[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}]/u.test(second);
  return parted ? first + second : `${first} ${second}`;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? 0;
}
