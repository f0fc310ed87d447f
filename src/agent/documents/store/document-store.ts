/** The port to where documents are kept. Adapters: a folder (`folder-documents.ts`), and the service's database. */
import type { Chunk, DocumentFormat } from '../document.js';

/** What is known of a document. */
export type DocumentInfo = {
  readonly id: string;
  /** Of its file; untrusted. */
  readonly name: string;
  /** What it says of itself; untrusted. */
  readonly title?: string;
  readonly format: DocumentFormat;
  /** A BCP 47 tag, as far as it was recognised. */
  readonly language?: string;
  /** Of its file. */
  readonly bytes: number;
  /** Of its file, hexadecimal. */
  readonly sha256: string;
  readonly pages?: number;
  readonly chunkCount: number;
  /** What its owner should know. */
  readonly warnings: readonly string[];
  readonly addedAt: Date;
};

/** A passage with its words for search (`indexed-chunk.ts`). */
export type IndexedChunk = Chunk & { readonly tokens: string };

/** A document to be kept. */
export type NewDocument = Omit<DocumentInfo, 'id' | 'addedAt' | 'chunkCount'> & {
  readonly chunks: readonly IndexedChunk[];
};

/** A passage that may fit a query. */
export type Candidate = { readonly chunkId: string; readonly tokens: string };

/** A passage as it is kept. */
export type StoredChunk = Chunk & { readonly id: string; readonly document: DocumentInfo };

/** What a passage means, as numbers. */
export type ChunkVector = { readonly chunkId: string; readonly vector: Float32Array };

/** Documents of one workspace, or of one installation. */
export interface DocumentStore {
  /** In the order in which they were added. */
  list(): Promise<readonly DocumentInfo[]>;
  find(id: string): Promise<DocumentInfo | undefined>;
  /** Keeps a document. One with the same bytes is kept once: `isNew` is false then. Throws ParleyError where there are too many. */
  add(document: NewDocument): Promise<{ document: DocumentInfo; isNew: boolean }>;
  /** Whether there was one. */
  remove(id: string): Promise<boolean>;
  /** Passages that have some of the words, those that have most of them first. */
  candidates(tokens: readonly string[], limit: number): Promise<readonly Candidate[]>;
  /** Those that are still there. */
  chunks(ids: readonly string[]): Promise<readonly StoredChunk[]>;
  /** Passages that have no vector of this model yet. */
  withoutVector(model: string, limit: number): Promise<readonly { chunkId: string; text: string }[]>;
  keepVectors(model: string, vectors: readonly ChunkVector[]): Promise<void>;
  /** In batches: there may be many. */
  vectors(model: string): AsyncIterable<readonly ChunkVector[]>;
}
