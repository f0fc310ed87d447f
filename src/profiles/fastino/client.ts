/**
 * A client for the five calls of the Fastino Personalization API. What goes over the wire stands in `wire.ts`, how calls are
 * made in `connection.ts`.
 */
import { createHash } from 'node:crypto';
import type { CallOptions } from '../profile-source.js';
import { FastinoConnection, type FastinoOptions } from './connection.js';
import {
  type ChunksAnswer,
  chunksAnswerSchema,
  type ChunksRequest,
  type IngestAnswer,
  ingestAnswerSchema,
  type IngestRequest,
  type QueryAnswer,
  queryAnswerSchema,
  type QueryRequest,
  type RegisterAnswer,
  registerAnswerSchema,
  type RegisterRequest,
  type SummaryAnswer,
  summaryAnswerSchema,
  type SummaryRequest,
} from './wire.js';

/** Longest time for one attempt at each call; `/query` may search for minutes. */
const TIMEOUT_MS = { register: 10_000, ingest: 10_000, summary: 5_000, chunks: 5_000, query: 180_000 };

/** One thing that Fastino knows of a user, in whichever shape it was answered. */
type FastinoChunk = { readonly id: string; readonly text: string };

/**
 * Every call rejects with a ParleyError: `key_refused`, `config` (the address is wrong), `service_unavailable`, `protocol`
 * (an answer that is none). Calls about a user resolve to undefined when there is no such user.
 */
export class FastinoClient {
  readonly #connection: FastinoConnection;

  /** Throws ParleyError `key_refused` without a key, and `config` for one that no header can carry. */
  constructor(options: FastinoOptions) {
    this.#connection = new FastinoConnection(options);
  }

  /** For people: `Fastino at api.fastino.ai`. */
  get description(): string {
    return this.#connection.description;
  }

  /** Makes a user; an existing one's traits are merged. */
  async register(request: RegisterRequest, { signal }: CallOptions): Promise<RegisterAnswer> {
    const call = { path: '/register', timeoutMs: TIMEOUT_MS.register, body: request };
    const answer = await this.#connection.ask(call, registerAnswerSchema, signal);
    if (answer !== undefined) return answer;
    throw this.#connection.errorOf({ code: 'protocol', message: 'did not register the user' });
  }

  /** Adds messages and documents to what is known of a user. Repeated, so ask for `dedupe`. */
  ingest(request: IngestRequest, { signal }: CallOptions): Promise<IngestAnswer | undefined> {
    const call = { path: '/ingest', timeoutMs: TIMEOUT_MS.ingest, body: request };
    return this.#connection.ask(call, ingestAnswerSchema, signal);
  }

  /** A user in prose. Rejects with `protocol` when the answer is about somebody else. */
  async summary(request: SummaryRequest, { signal }: CallOptions): Promise<SummaryAnswer | undefined> {
    const { user_id, max_chars, purpose } = request;
    const query = { user_id, max_chars: String(max_chars), purpose };
    const call = { path: '/summary', timeoutMs: TIMEOUT_MS.summary, query };
    return this.#about(user_id, await this.#connection.ask(call, summaryAnswerSchema, signal));
  }

  /** What fits a conversation, the best first. */
  async chunks(
    request: ChunksRequest,
    { signal }: CallOptions,
  ): Promise<readonly FastinoChunk[] | undefined> {
    const call = { path: '/chunks', timeoutMs: TIMEOUT_MS.chunks, body: request };
    const answer = await this.#connection.ask(call, chunksAnswerSchema, signal);
    return answer === undefined ? undefined : chunksOf(answer);
  }

  /** Answers a question about a user; takes up to minutes. */
  async query(request: QueryRequest, { signal }: CallOptions): Promise<QueryAnswer | undefined> {
    const call = { path: '/query', timeoutMs: TIMEOUT_MS.query, body: request };
    return this.#about(request.user_id, await this.#connection.ask(call, queryAnswerSchema, signal));
  }

  #about<Answer extends { user_id?: string | null | undefined }>(
    userId: string,
    answer: Answer | undefined,
  ): Answer | undefined {
    if (answer?.user_id == null || answer.user_id === userId) return answer;
    throw this.#connection.errorOf({ code: 'protocol', message: 'answered about somebody else' });
  }
}

/** An excerpt without an id is known by its text. */
function chunksOf(answer: ChunksAnswer): FastinoChunk[] {
  if ('chunks' in answer) return answer.chunks.map(({ id, text }) => ({ id, text }));
  return answer.results.map(({ id, excerpt }) => ({ id: id ?? sha256(excerpt), text: excerpt }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
