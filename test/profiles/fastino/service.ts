/** A Fastino in memory: what each request gets is written down in a test; time is a virtual clock's. */
import { setImmediate as turn } from 'node:timers/promises';
import { VirtualClock } from '../../../src/clock.js';
import { FastinoClient } from '../../../src/profiles/fastino/client.js';
import type { Fetch } from '../../../src/profiles/fastino/exchange.js';

/** One answer: a status with a body (an object as JSON, a text as it is), no answer at all, or a broken connection. */
export type Answer =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  | 'never'
  | 'stalls'
  | { broken: string };

export type Request = { method: string; url: URL; headers: Headers; body: unknown; atMs: number };

export const KEY = 'pio_sk_0123456789abcdef';
export const SUMMARY = { user_id: 'usr_1', max_chars: 400, purpose: 'conversation' };
export const NOT_GIVEN_UP = { signal: new AbortController().signal };
export const NOT_FOUND: Answer = {
  status: 404,
  body: { error: { code: 'USER_NOT_FOUND', message: 'No user found with ID usr_1' } },
};

export function summaryOf(userId: string, summary: string): Answer {
  return { status: 200, body: { user_id: userId, generated_at: null, purpose: null, summary, cached: true } };
}

export class ScriptedService {
  readonly clock = new VirtualClock();
  readonly requests: Request[] = [];
  readonly notices: string[] = [];
  /** The next answers; the last one stays. A function is asked each time. */
  answers: (Answer | ((request: Request) => Answer))[];

  constructor(...answers: (Answer | ((request: Request) => Answer))[]) {
    this.answers = answers;
  }

  client(options: { apiKey?: string; baseUrl?: string } = {}): FastinoClient {
    return new FastinoClient({
      apiKey: KEY,
      clock: this.clock,
      fetch: this.fetch,
      onNotice: (message) => this.notices.push(message),
      ...options,
    });
  }

  /** Lets time pass until `promise` is settled, 10 minutes at most; while no timer is set, files are waited for. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    void promise.finally(() => (settled = true)).catch(() => undefined);
    const endMs = this.clock.nowMs() + 600_000;
    await turns();
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the callback above
    while (!settled) {
      const dueMs = this.clock.nextDueMs();
      if (dueMs !== undefined && dueMs > endMs) throw new Error('nothing happens any more');
      if (dueMs !== undefined) this.clock.advanceTo(dueMs);
      await turns();
    }
    return promise;
  }

  readonly fetch: Fetch = async (url, init) => {
    const { method = 'GET', body, signal } = init;
    const request: Request = {
      method,
      url: new URL(url),
      headers: new Headers(init.headers),
      body: typeof body === 'string' ? JSON.parse(body) : undefined,
      atMs: this.clock.nowMs(),
    };
    this.requests.push(request);
    const next = this.answers.length > 1 ? this.answers.shift()! : this.answers[0]!;
    const answer = typeof next === 'function' ? next(request) : next;
    if (answer === 'never') return aborted(signal!);
    if (answer === 'stalls') {
      const body = new ReadableStream({
        start: (controller) => {
          controller.enqueue(Buffer.from('{"summary": "'));
          signal!.addEventListener('abort', () => controller.error(signal!.reason));
        },
      });
      return new Response(body);
    }
    if ('broken' in answer) {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: answer.broken }) });
    }
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
    const { status, headers = {} } = answer;
    return new Response(status === 204 ? null : text, { status, headers });
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}

/** Lets everything run that waits for nothing but its turn. */
export async function turns(): Promise<void> {
  for (let count = 0; count < 5; count++) await turn();
}
