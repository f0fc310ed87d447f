/** Finds passages: by words, by pieces of words, and by meaning where there is a model for that; ranked together by place. */
import { fusedByRank, type Ranking } from '../../../search/fusion.js';
import { grams } from '../../../search/grams.js';
import { beginningOf, type Quote, quoteOf, scores } from '../../../search/ranking.js';
import { words } from '../../../search/words.js';
import type { Chunk } from '../document.js';
import type { DocumentInfo, DocumentStore } from '../store/document-store.js';
import { similarity } from './embedder.js';
import { type Terms, termsOfQuery, termsOfTokens } from './indexed-chunk.js';

const MAX_CANDIDATES = 300;
const MAX_MEANT = 50;
/** Of text-embedding-3-small: passages that are less like the question have nothing to do with it. */
const LEAST_SIMILARITY = 0.2;
/** A passage that fits as a whole text shows its beginning. */

/** A passage that fits. */
export type DocumentHit = {
  readonly document: DocumentInfo;
  readonly chunk: Chunk;
  /** What of it to show. */
  readonly quote: Quote;
  /** Where it is, for people: `handbook.pdf, page 3, Travel › Costs`. */
  readonly source: string;
  /** Of the same search, the best has the largest. */
  readonly score: number;
};

/** A question as a vector, by one model. */
export type MeantQuery = { readonly model: string; readonly vector: Float32Array };

/** The best passages for a question, the best first; the same question in several languages is asked at once. */
export async function searchDocuments(
  store: DocumentStore,
  queries: readonly string[],
  { limit, meant = [] }: { limit: number; meant?: readonly MeantQuery[] },
): Promise<DocumentHit[]> {
  const asked = queries.map(termsOfQuery).filter(({ words }) => words.length > 0);
  const rankings: Ranking<string>[] = [];
  for (const terms of asked) rankings.push({ keys: await byWords(store, terms), weight: 1 / asked.length });
  for (const query of meant) rankings.push({ keys: await byMeaning(store, query), weight: 1 / meant.length });
  const best = fusedByRank(rankings).slice(0, limit);
  const found = new Map((await store.chunks(best.map(({ key }) => key))).map((chunk) => [chunk.id, chunk]));
  return best.flatMap(({ key, score }) => {
    const stored = found.get(key);
    if (stored === undefined) return []; // removed in this moment
    const { document, ...chunk } = stored;
    const quote = quoteFor(asked, chunk.text);
    return [{ document, chunk, quote, source: sourceOf(document, chunk), score }];
  });
}

/** What was asked for, or else words that share a piece with it; of a passage that fits by its meaning its beginning. */
function quoteFor(asked: readonly Terms[], text: string): Quote {
  const pieces = new Set(asked.flatMap((terms) => terms.grams));
  const alike = (): string[] =>
    words(text).filter((word) => grams([word]).some((piece) => pieces.has(piece)));
  return (
    quoteOf(
      asked.flatMap((terms) => terms.words),
      text,
    ) ??
    quoteOf(alike(), text) ??
    beginningOf(text)
  );
}

/** Where a passage is, for people. */
export function sourceOf({ name }: Pick<DocumentInfo, 'name'>, { page, headings }: Chunk): string {
  return [
    name,
    ...(page === undefined ? [] : [`page ${page}`]),
    ...(headings.length === 0 ? [] : [headings.join(' › ')]),
  ].join(', ');
}

async function byWords(store: DocumentStore, asked: Terms): Promise<string[]> {
  const candidates = await store.candidates([...new Set([...asked.words, ...asked.grams])], MAX_CANDIDATES);
  const terms = candidates.map(({ tokens }) => termsOfTokens(tokens));
  const ranking = (score: readonly number[]): Ranking<number> => ({
    keys: [...score.keys()].filter((index) => score[index]! > 0).sort((a, b) => score[b]! - score[a]!),
  });
  const fused = fusedByRank([
    ranking(
      scores(
        asked.words,
        terms.map(({ words }) => words),
      ),
    ),
    ranking(
      scores(
        asked.grams,
        terms.map(({ grams }) => grams),
      ),
    ),
  ]);
  return fused.map(({ key }) => candidates[key]!.chunkId);
}

async function byMeaning(store: DocumentStore, { model, vector }: MeantQuery): Promise<string[]> {
  let best: { chunkId: string; score: number }[] = [];
  for await (const batch of store.vectors(model)) {
    const near = batch
      .map((each) => ({ chunkId: each.chunkId, score: similarity(vector, each.vector) }))
      .filter(({ score }) => score >= LEAST_SIMILARITY);
    best = [...best, ...near].sort((a, b) => b.score - a.score).slice(0, MAX_MEANT);
  }
  return best.map(({ chunkId }) => chunkId);
}
