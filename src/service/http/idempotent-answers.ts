/** The same request with the same `Idempotency-Key` is done once, and answered alike for a day. */
import { createHash } from 'node:crypto';
import type { Repetition } from '../../records/store/workspaces.js';
import { Problem } from './problem.js';

const KEY = /^[\x21-\x7e]{1,255}$/;
const KEPT_HEADERS = ['content-type', 'location', 'etag'];

/** Keeps the answers to requests that may come again. */
export interface IdempotencyStore {
  /** Begins a request, or says what is known of it by its key. */
  begin(entry: { workspaceId: string; key: string; requestHash: string }): Promise<Repetition>;
  /** Keeps its answer. */
  keep(entry: { workspaceId: string; key: string; status: number; response: unknown }): Promise<void>;
  /** It came to nothing and may be tried again. */
  forget(entry: { workspaceId: string; key: string }): Promise<void>;
}

/** One request that may come again. */
export type RepeatableRequest = {
  readonly workspaceId: string;
  readonly key: string;
  /** What makes it the same request. */
  readonly request: readonly string[];
  /** Its answer holds a secret, which is kept nowhere. */
  readonly isSecret: boolean;
};

type KeptResponse = { headers: Record<string, string>; text: string | null };

/** Answers requests once. */
export class IdempotentAnswers {
  readonly #store: IdempotencyStore;

  constructor(store: IdempotencyStore) {
    this.#store = store;
  }

  /** Runs a request, or answers as it was answered before. What failed is not kept: it can be tried again. */
  async once(
    { workspaceId, key, request, isSecret }: RepeatableRequest,
    run: () => Promise<Response>,
  ): Promise<Response> {
    if (!KEY.test(key))
      throw new Problem('invalid_request', 'Idempotency-Key has 1 to 255 visible ASCII characters', {
        errors: [{ path: 'header.Idempotency-Key', problem: 'has 1 to 255 visible ASCII characters' }],
      });
    const requestHash = createHash('sha256').update(request.join('\n')).digest('hex');
    const before = await this.#store.begin({ workspaceId, key, requestHash });
    switch (before.kind) {
      case 'other':
        throw new Problem(
          'other_request',
          'this Idempotency-Key was used for another request: use a new one',
        );
      case 'running':
        throw new Problem('request_in_progress', 'this request is being answered: ask again in a second', {
          retryAfterS: 1,
        });
      case 'answered':
        return repeated(before.status, before.response as KeptResponse | null);
      case 'new':
    }
    let response: Response;
    try {
      response = await run();
    } catch (error) {
      await this.#store.forget({ workspaceId, key });
      throw error;
    }
    if (response.status >= 300) {
      await this.#store.forget({ workspaceId, key });
      return response;
    }
    const kept = isSecret ? null : await keptResponse(response.clone());
    await this.#store.keep({ workspaceId, key, status: response.status, response: kept });
    return response;
  }
}

async function keptResponse(response: Response): Promise<KeptResponse> {
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  const text = await response.text();
  return { headers: Object.fromEntries(headers), text: text === '' ? null : text };
}

function repeated(status: number, kept: KeptResponse | null): Response {
  if (kept === null)
    throw new Problem(
      'shown_once',
      'this request was done before, and its answer held a secret that is shown once: make another',
    );
  return new Response(kept.text, { status, headers: { ...kept.headers, 'idempotent-replayed': 'true' } });
}
