/** Plain text becomes paragraphs. Pure. */
import type { Block } from '../document.js';

/** Paragraphs stand apart by an empty line. */
export function textBlocks(text: string): Block[] {
  return text
    .split(/\n[^\S\n]*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => ({ text: paragraph }));
}
