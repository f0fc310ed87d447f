/** Documents of a workspace in the database: the agent's port to them (`src/agent/documents/store/document-store.ts`). */
import { and, asc, eq, or, sql } from 'drizzle-orm';
import type { DocumentFormat } from '../../agent/documents/document.js';
import { MAX_DOCUMENTS } from '../../agent/documents/limits.js';
import { bytesOfVector, vectorOfBytes } from '../../agent/documents/search/embedder.js';
import type {
  Candidate,
  ChunkVector,
  DocumentInfo,
  DocumentStore,
  NewDocument,
  StoredChunk,
} from '../../agent/documents/store/document-store.js';
import type { Database } from '../../database/database.js';
import { documentChunks, documents } from '../../database/schema.js';
import { ParleyError } from '../../errors.js';
import { newId } from '../../ids.js';

const ROWS_AT_ONCE = 200;
const VECTORS_AT_ONCE = 1_000;

type Row = typeof documents.$inferSelect;

/** See {@link DocumentStore}. */
export class DatabaseDocuments implements DocumentStore {
  readonly #database: Database;
  readonly #workspaceId: string;

  constructor(database: Database, workspaceId: string) {
    this.#database = database;
    this.#workspaceId = workspaceId;
  }

  async list(): Promise<readonly DocumentInfo[]> {
    const rows = await this.#database.orm
      .select()
      .from(documents)
      .where(eq(documents.workspaceId, this.#workspaceId))
      .orderBy(documents.id);
    return rows.map(infoOf);
  }

  async find(id: string): Promise<DocumentInfo | undefined> {
    const [row] = await this.#database.orm.select().from(documents).where(this.#isOwn(id));
    return row === undefined ? undefined : infoOf(row);
  }

  async add({ chunks, ...about }: NewDocument): Promise<{ document: DocumentInfo; isNew: boolean }> {
    return this.#database.transaction(async (tx) => {
      const same = async (): Promise<Row | undefined> =>
        (
          await tx
            .select()
            .from(documents)
            .where(and(eq(documents.workspaceId, this.#workspaceId), eq(documents.sha256, about.sha256)))
        )[0];
      const known = await same();
      if (known !== undefined) return { document: infoOf(known), isNew: false };
      if ((await tx.$count(documents, eq(documents.workspaceId, this.#workspaceId))) >= MAX_DOCUMENTS)
        throw new ParleyError(
          'input_unusable',
          `there are ${MAX_DOCUMENTS} documents already: remove some first`,
        );
      const [row] = await tx
        .insert(documents)
        .values({
          ...about,
          ...{ id: newId('doc'), workspaceId: this.#workspaceId },
          ...{ chunkCount: chunks.length, warnings: [...about.warnings] },
        })
        .onConflictDoNothing()
        .returning();
      if (row === undefined) return { document: infoOf((await same())!), isNew: false }; // added in this moment by somebody else
      const rows = chunks.map(({ headings, ...chunk }) => ({
        ...chunk,
        ...{ documentId: row.id, workspaceId: this.#workspaceId, headings: [...headings] },
      }));
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
        await tx.insert(documentChunks).values(rows.slice(at, at + ROWS_AT_ONCE));
      return { document: infoOf(row), isNew: true };
    });
  }

  async remove(id: string): Promise<boolean> {
    return this.#database.transaction(async (tx) => {
      const rows = await tx.delete(documents).where(this.#isOwn(id)).returning({ id: documents.id });
      return rows.length > 0;
    });
  }

  async candidates(tokens: readonly string[], limit: number): Promise<readonly Candidate[]> {
    if (tokens.length === 0) return [];
    const wanted = sql`${tokens.map(lexemeOf).join(' | ')}::tsquery`;
    const rows = await this.#database.orm
      .select({
        documentId: documentChunks.documentId,
        index: documentChunks.index,
        tokens: documentChunks.tokens,
      })
      .from(documentChunks)
      .where(and(eq(documentChunks.workspaceId, this.#workspaceId), sql`${documentChunks.tsv} @@ ${wanted}`))
      .orderBy(
        sql`ts_rank(${documentChunks.tsv}, ${wanted}) desc`,
        documentChunks.documentId,
        documentChunks.index,
      )
      .limit(limit);
    return rows.map((row) => ({ chunkId: chunkId(row), tokens: row.tokens }));
  }

  async chunks(ids: readonly string[]): Promise<readonly StoredChunk[]> {
    if (ids.length === 0) return [];
    const wanted = ids.map((id) => {
      const [documentId, index] = placeOf(id);
      return and(eq(documentChunks.documentId, documentId), eq(documentChunks.index, index));
    });
    const rows = await this.#database.orm
      .select({
        document: documents,
        index: documentChunks.index,
        headings: documentChunks.headings,
        page: documentChunks.page,
        text: documentChunks.text,
      })
      .from(documentChunks)
      .innerJoin(documents, eq(documents.id, documentChunks.documentId))
      .where(and(eq(documentChunks.workspaceId, this.#workspaceId), or(...wanted)));
    return rows.map(({ document, page, ...chunk }) => ({
      ...chunk,
      id: chunkId({ documentId: document.id, index: chunk.index }),
      ...(page === null ? {} : { page }),
      document: infoOf(document),
    }));
  }

  async withoutVector(model: string, limit: number): Promise<readonly { chunkId: string; text: string }[]> {
    const rows = await this.#database.orm
      .select({
        documentId: documentChunks.documentId,
        index: documentChunks.index,
        headings: documentChunks.headings,
        text: documentChunks.text,
      })
      .from(documentChunks)
      .where(
        and(
          eq(documentChunks.workspaceId, this.#workspaceId),
          sql`${documentChunks.embeddingModel} is distinct from ${model}`,
        ),
      )
      .orderBy(documentChunks.documentId, documentChunks.index)
      .limit(limit);
    return rows.map(({ headings, text, ...row }) => ({
      chunkId: chunkId(row),
      text: [...headings, text].join('\n'),
    }));
  }

  async keepVectors(model: string, vectors: readonly ChunkVector[]): Promise<void> {
    await this.#database.transaction(async (tx) => {
      for (const { chunkId: id, vector } of vectors) {
        const [documentId, index] = placeOf(id);
        await tx
          .update(documentChunks)
          .set({ embedding: bytesOfVector(vector), embeddingModel: model })
          .where(
            and(
              eq(documentChunks.workspaceId, this.#workspaceId),
              eq(documentChunks.documentId, documentId),
              eq(documentChunks.index, index),
            ),
          );
      }
    });
  }

  async *vectors(model: string): AsyncIterable<readonly ChunkVector[]> {
    for (let last: readonly [documentId: string, index: number] = ['', 0]; ;) {
      const rows = await this.#database.orm
        .select({
          documentId: documentChunks.documentId,
          index: documentChunks.index,
          embedding: documentChunks.embedding,
        })
        .from(documentChunks)
        .where(
          and(
            eq(documentChunks.workspaceId, this.#workspaceId),
            eq(documentChunks.embeddingModel, model),
            sql`(${documentChunks.documentId}, ${documentChunks.index}) > (${last[0]}, ${last[1]}::int)`,
          ),
        )
        .orderBy(asc(documentChunks.documentId), asc(documentChunks.index))
        .limit(VECTORS_AT_ONCE);
      yield rows.flatMap(({ embedding, ...row }) =>
        embedding === null ? [] : [{ chunkId: chunkId(row), vector: vectorOfBytes(embedding) }],
      );
      const end = rows.at(-1);
      if (end === undefined || rows.length < VECTORS_AT_ONCE) return;
      last = [end.documentId, end.index];
    }
  }

  #isOwn(id: string) {
    return and(eq(documents.id, id), eq(documents.workspaceId, this.#workspaceId));
  }
}

function infoOf(row: Row): DocumentInfo {
  const { id, name, title, format, language, bytes, sha256, pages, chunkCount, warnings, createdAt } = row;
  return {
    ...{ id, name, bytes, sha256, chunkCount, warnings, addedAt: createdAt },
    format: format as DocumentFormat, // written by nobody else
    ...(title === null ? {} : { title }),
    ...(language === null ? {} : { language }),
    ...(pages === null ? {} : { pages }),
  };
}

function chunkId({ documentId, index }: { documentId: string; index: number }): string {
  return `${documentId}#${index}`;
}

function placeOf(id: string): [documentId: string, index: number] {
  const [documentId = '', index] = id.split('#');
  return [documentId, Number(index)];
}

/** A word as the database reads it in a query. */
function lexemeOf(word: string): string {
  return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
