/** Documents from their files to the passages that answer a question. */
import { createHash } from 'node:crypto';
import { BoundedMap } from '../../bounded-map.js';
import { type Clock, systemClock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import { loadLanguageDetector } from '../../languages/language-detector.js';
import { parseLanguage } from '../../languages/languages.js';
import { oneLine } from '../../text.js';
import { chunksOf } from './chunks.js';
import { MAX_NAME_CHARS } from './limits.js';
import { readDocument } from './reading/read-document.js';
import type { Embedder } from './search/embedder.js';
import { indexedChunk } from './search/indexed-chunk.js';
import { type DocumentHit, type MeantQuery, searchDocuments } from './search/search-documents.js';
import type { DocumentInfo, DocumentStore } from './store/document-store.js';

/** Passages in one call of the model. */
const EMBEDDED_AT_ONCE = 64;
const KEPT_QUERIES = 200;
/** A model that failed is left alone for so long. */
const FAILED_MS = 60_000;
/** A question waits for its meaning no longer: it is answered by words alone. */
const MEANING_TIMEOUT_MS = 2_000;
const LEAST_LANGUAGE_SCORE = 0.3;

/** What went on, for whoever runs this. */
export type LibraryCounters = { searches: number; embeddingCalls: number; embeddingFailures: number };

/** What a library is made of. */
export type LibraryOptions = {
  readonly store: DocumentStore;
  /** Finds by meaning, too; without one, by words alone. */
  readonly embedder?: Embedder | undefined;
  readonly clock?: Clock;
  /** Told in one line what whoever runs this should know. */
  readonly onNotice?: (message: string) => void;
};

/** The documents of one workspace or installation: added, removed, searched. */
export class DocumentLibrary {
  readonly #store: DocumentStore;
  readonly #embedder: Embedder | undefined;
  readonly #clock: Clock;
  readonly #onNotice: (message: string) => void;
  readonly #queries = new BoundedMap<Float32Array>(KEPT_QUERIES);
  #failedAtMs = -Infinity;
  readonly counters: LibraryCounters = { searches: 0, embeddingCalls: 0, embeddingFailures: 0 };

  constructor({ store, embedder, clock = systemClock, onNotice = () => undefined }: LibraryOptions) {
    this.#store = store;
    this.#embedder = embedder;
    this.#clock = clock;
    this.#onNotice = onNotice;
  }

  list(): Promise<readonly DocumentInfo[]> {
    return this.#store.list();
  }

  find(id: string): Promise<DocumentInfo | undefined> {
    return this.#store.find(id);
  }

  remove(id: string): Promise<boolean> {
    return this.#store.remove(id);
  }

  /**
   * Reads a file and keeps it. `language` is a BCP 47 tag; without it, it is recognised. The same bytes are kept once.
   * @throws ParleyError `input_unusable` for a file that cannot be read (see {@link readDocument}), and where there are too many.
   */
  async add(file: {
    name: string;
    bytes: Uint8Array;
    language?: string | undefined;
  }): Promise<{ document: DocumentInfo; isNew: boolean }> {
    const name = oneLine(file.name.replace(/^.*[/\\]/, ''), MAX_NAME_CHARS);
    if (name === '') throw new ParleyError('input_unusable', 'a document needs a name');
    const text = await readDocument(name, file.bytes);
    const title = text.title === undefined ? undefined : oneLine(text.title, MAX_NAME_CHARS);
    const called = `${title ?? ''}\n${name.replace(/\.\w{1,8}$/, '').replace(/[-_]+/g, ' ')}`;
    const chunks = chunksOf(text.blocks).flatMap((chunk) => indexedChunk(chunk, called) ?? []);
    if (chunks.length === 0) throw new ParleyError('input_unusable', 'the document holds no words');
    const sample = chunks
      .slice(0, 5)
      .map((chunk) => chunk.text)
      .join(' ');
    const language = file.language ?? (await languageOf(sample));
    const { format, pages, warnings } = text;
    const added = await this.#store.add({
      ...{ name, format, warnings, bytes: file.bytes.byteLength },
      sha256: createHash('sha256').update(file.bytes).digest('hex'),
      ...(title === undefined || title === '' ? {} : { title }),
      ...(language === undefined ? {} : { language }),
      ...(pages === undefined ? {} : { pages }),
      chunks: chunks.map((chunk, index) => ({ ...chunk, index })),
    });
    if (added.isNew) await this.embedMissing();
    return added;
  }

  /** The passages that fit best; the same question in several languages finds documents in each. */
  async search(
    queries: readonly string[],
    { limit = 5, signal }: { limit?: number; signal?: AbortSignal } = {},
  ): Promise<DocumentHit[]> {
    this.counters.searches++;
    return searchDocuments(this.#store, queries, { limit, meant: await this.#meaningOf(queries, signal) });
  }

  /** Passages without a vector get one; after a failure at the next occasion. Never rejects. */
  async embedMissing(signal?: AbortSignal): Promise<void> {
    const embedder = this.#embedder;
    if (embedder === undefined) return;
    for (;;) {
      const missing = await this.#store.withoutVector(embedder.id, EMBEDDED_AT_ONCE);
      if (missing.length === 0) return;
      const vectors = await this.#embedded(
        embedder,
        missing.map(({ text }) => text),
        signal,
      );
      if (vectors === undefined) return;
      await this.#store.keepVectors(
        embedder.id,
        missing.map(({ chunkId }, index) => ({ chunkId, vector: vectors[index]! })),
      );
    }
  }

  async #meaningOf(queries: readonly string[], signal: AbortSignal | undefined): Promise<MeantQuery[]> {
    const embedder = this.#embedder;
    if (embedder === undefined) return [];
    const unknown = queries.filter((query) => !this.#queries.has(query));
    const limit = AbortSignal.timeout(MEANING_TIMEOUT_MS);
    const until = signal === undefined ? limit : AbortSignal.any([limit, signal]);
    const vectors = unknown.length === 0 ? [] : await this.#embedded(embedder, unknown, until);
    vectors?.forEach((vector, index) => this.#queries.set(unknown[index]!, vector));
    signal?.throwIfAborted();
    return queries.flatMap((query) => {
      const vector = this.#queries.get(query);
      return vector === undefined ? [] : [{ model: embedder.id, vector }];
    });
  }

  async #embedded(
    embedder: Embedder,
    texts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[] | undefined> {
    if (this.#clock.nowMs() - this.#failedAtMs < FAILED_MS) return undefined;
    this.counters.embeddingCalls++;
    try {
      return await embedder.embed(texts, signal === undefined ? {} : { signal });
    } catch (error) {
      this.counters.embeddingFailures++;
      this.#failedAtMs = this.#clock.nowMs();
      this.#onNotice(`documents are found by words alone for a minute: ${messageOf(error)}`);
      return undefined;
    }
  }
}

async function languageOf(text: string): Promise<string | undefined> {
  const [best] = (await loadLanguageDetector()).scoresOf(text);
  return best === undefined || best.score < LEAST_LANGUAGE_SCORE ? undefined : parseLanguage(best.language);
}
