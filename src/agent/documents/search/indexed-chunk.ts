/** A passage's words for search, and a query's: whole words, and behind a bar their pieces. Pure. */
import { grams } from '../../../search/grams.js';
import { words } from '../../../search/words.js';
import type { Chunk } from '../document.js';
import type { IndexedChunk } from '../store/document-store.js';

/** No word is one. */
const BAR = '|';
const MAX_QUERY_WORDS = 32;

/** A passage is found by its headings and its document's title, too. Undefined where it has no word at all. */
export function indexedChunk(chunk: Chunk, title: string): IndexedChunk | undefined {
  const own = words(chunk.text);
  if (own.length === 0) return undefined;
  const all = [...words([title, ...chunk.headings].join('\n')), ...own];
  return { ...chunk, tokens: [...all, BAR, ...grams(all)].join(' ') };
}

/** Words, and pieces of words. */
export type Terms = { readonly words: readonly string[]; readonly grams: readonly string[] };

/** Of a passage's tokens. */
export function termsOfTokens(tokens: string): Terms {
  const all = tokens.split(' ');
  const bar = all.indexOf(BAR);
  return bar < 0 ? { words: all, grams: [] } : { words: all.slice(0, bar), grams: all.slice(bar + 1) };
}

/** Of a query, each once. */
export function termsOfQuery(text: string): Terms {
  const asked = words(text).slice(0, MAX_QUERY_WORDS);
  return { words: [...new Set(asked)], grams: [...new Set(grams(asked))] };
}
