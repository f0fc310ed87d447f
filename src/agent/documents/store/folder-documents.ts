/**
 * Documents in a folder of the installation: a file each, readable by its owner alone, with its passages and their vectors.
 * Several processes may use the folder: a file is written whole, and read anew when it has changed.
 */
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, ParleyError } from '../../../errors.js';
import { newId } from '../../../ids.js';
import { DOCUMENT_FORMATS } from '../document.js';
import { MAX_DOCUMENTS } from '../limits.js';
import { bytesOfVector, vectorOfBytes } from '../search/embedder.js';
import type {
  Candidate,
  ChunkVector,
  DocumentInfo,
  DocumentStore,
  NewDocument,
  StoredChunk,
} from './document-store.js';

const VECTOR_BATCH = 500;
const FILE = /^(doc_[0-9a-f]{32})\.json$/;

const fileSchema = z.object({
  v: z.literal(1),
  info: z.object({
    id: z.string(),
    name: z.string(),
    title: z.exactOptional(z.string()),
    format: z.enum(DOCUMENT_FORMATS),
    language: z.exactOptional(z.string()),
    bytes: z.number(),
    sha256: z.string(),
    pages: z.exactOptional(z.number()),
    chunkCount: z.number(),
    warnings: z.array(z.string()),
    addedAt: z.string(),
  }),
  chunks: z.array(
    z.object({
      index: z.number(),
      headings: z.array(z.string()),
      page: z.exactOptional(z.number()),
      text: z.string(),
      tokens: z.string(),
    }),
  ),
  /** In the order of the chunks, base64; empty where there is none yet. */
  vectors: z.exactOptional(z.object({ model: z.string(), of: z.array(z.string()) })),
});
type KeptFile = z.infer<typeof fileSchema>;
type Kept = {
  file: KeptFile;
  info: DocumentInfo;
  tokens: readonly ReadonlySet<string>[];
  changedAtMs: number;
};

/** See above. The folder is made when it is needed. */
export class FolderDocuments implements DocumentStore {
  readonly #folder: string;
  #known = new Map<string, Kept>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async list(): Promise<readonly DocumentInfo[]> {
    return (await this.#all()).map(({ info }) => info);
  }

  async find(id: string): Promise<DocumentInfo | undefined> {
    return (await this.list()).find((info) => info.id === id);
  }

  async add({ chunks, ...about }: NewDocument): Promise<{ document: DocumentInfo; isNew: boolean }> {
    const all = await this.list();
    const same = all.find(({ sha256 }) => sha256 === about.sha256);
    if (same !== undefined) return { document: same, isNew: false };
    if (all.length >= MAX_DOCUMENTS)
      throw new ParleyError(
        'input_unusable',
        `there are ${MAX_DOCUMENTS} documents already: remove some first`,
      );
    const info = { id: newId('doc'), ...about, chunkCount: chunks.length, addedAt: new Date() };
    await this.#write({
      v: 1,
      info: { ...info, warnings: [...info.warnings], addedAt: info.addedAt.toISOString() },
      chunks: chunks.map(({ headings, ...chunk }) => ({ ...chunk, headings: [...headings] })),
    });
    return { document: info, isNew: true };
  }

  async remove(id: string): Promise<boolean> {
    if ((await this.find(id)) === undefined) return false;
    await rm(this.#pathOf(id), { force: true });
    return true;
  }

  async candidates(tokens: readonly string[], limit: number): Promise<readonly Candidate[]> {
    const found: { chunkId: string; tokens: string; count: number }[] = [];
    for (const { info, file, tokens: known } of await this.#all()) {
      for (const [index, words] of known.entries()) {
        const count = tokens.reduce((sum, token) => sum + (words.has(token) ? 1 : 0), 0);
        if (count > 0)
          found.push({ chunkId: chunkId(info.id, index), tokens: file.chunks[index]!.tokens, count });
      }
    }
    return found.sort((a, b) => b.count - a.count).slice(0, limit);
  }

  async chunks(ids: readonly string[]): Promise<readonly StoredChunk[]> {
    await this.#all();
    return ids.flatMap((id) => {
      const [documentId, index] = id.split('#');
      const kept = this.#known.get(documentId!);
      const chunk = kept?.file.chunks[Number(index)];
      if (kept === undefined || chunk === undefined) return [];
      const { index: at, headings, page, text } = chunk;
      return [
        { id, index: at, headings, text, ...(page === undefined ? {} : { page }), document: kept.info },
      ];
    });
  }

  async withoutVector(model: string, limit: number): Promise<readonly { chunkId: string; text: string }[]> {
    const missing: { chunkId: string; text: string }[] = [];
    for (const { info, file } of await this.#all()) {
      const vectors = file.vectors?.model === model ? file.vectors.of : [];
      for (const [index, { text, headings }] of file.chunks.entries()) {
        if ((vectors[index] ?? '') !== '') continue;
        missing.push({ chunkId: chunkId(info.id, index), text: [...headings, text].join('\n') });
        if (missing.length === limit) return missing;
      }
    }
    return missing;
  }

  async keepVectors(model: string, vectors: readonly ChunkVector[]): Promise<void> {
    await this.#all();
    const changed = new Map<string, KeptFile>();
    for (const { chunkId: id, vector } of vectors) {
      const [documentId, index] = id.split('#');
      const file = changed.get(documentId!) ?? this.#known.get(documentId!)?.file;
      if (file === undefined) continue; // removed meanwhile
      const of = file.vectors?.model === model ? file.vectors.of : file.chunks.map(() => '');
      const next = of.with(Number(index), Buffer.from(bytesOfVector(vector)).toString('base64'));
      changed.set(documentId!, { ...file, vectors: { model, of: next } });
    }
    for (const file of changed.values()) await this.#write(file);
  }

  async *vectors(model: string): AsyncIterable<readonly ChunkVector[]> {
    for (const { info, file } of await this.#all()) {
      if (file.vectors?.model !== model) continue;
      const vectors = file.vectors.of.flatMap((text, index) =>
        text === ''
          ? []
          : [{ chunkId: chunkId(info.id, index), vector: vectorOfBytes(Buffer.from(text, 'base64')) }],
      );
      for (let at = 0; at < vectors.length; at += VECTOR_BATCH) yield vectors.slice(at, at + VECTOR_BATCH);
    }
  }

  /** Every document as it is on disk now, the oldest first. Files that are none are left out. */
  async #all(): Promise<readonly Kept[]> {
    const names = await readdir(this.#folder).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw this.#unusable(cause);
    });
    const known = new Map<string, Kept>();
    for (const name of names.sort()) {
      const id = FILE.exec(name)?.[1];
      if (id === undefined) continue;
      const kept = await this.#read(id);
      if (kept !== undefined) known.set(id, kept);
    }
    this.#known = known;
    return [...known.values()];
  }

  async #read(id: string): Promise<Kept | undefined> {
    const path = this.#pathOf(id);
    const changedAtMs = (await stat(path).catch(() => undefined))?.mtimeMs;
    if (changedAtMs === undefined) return undefined;
    const known = this.#known.get(id);
    if (known?.changedAtMs === changedAtMs) return known;
    const { data: file } = fileSchema.safeParse(jsonOf(await readFile(path, 'utf8').catch(() => '')));
    if (file?.info.id !== id) return undefined;
    const info = { ...file.info, addedAt: new Date(file.info.addedAt) };
    return { file, info, changedAtMs, tokens: file.chunks.map(({ tokens }) => new Set(tokens.split(' '))) };
  }

  async #write(file: KeptFile): Promise<void> {
    const path = this.#pathOf(file.info.id);
    const draft = `${path}.${randomBytes(6).toString('hex')}`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await chmod(this.#folder, 0o700);
      await writeFile(draft, JSON.stringify(file), { mode: 0o600, flag: 'wx' });
      await rename(draft, path); // whoever reads it reads all of it
    } catch (cause) {
      throw this.#unusable(cause);
    } finally {
      await rm(draft, { force: true }).catch(() => undefined);
    }
  }

  #pathOf(id: string): string {
    return join(this.#folder, `${id}.json`);
  }

  #unusable(cause: unknown): ParleyError {
    return new ParleyError('usage', `the folder of documents cannot be used: ${messageOf(cause)}`, { cause });
  }
}

function chunkId(documentId: string, index: number): string {
  return `${documentId}#${index}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
