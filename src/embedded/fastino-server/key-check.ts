/** Who may call: a key, in one of the two headers that the documents show. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { sameSecret } from '../http/http-guard.js';

/** `x-api-key: KEY` (Quick Start), or `Authorization: x-api-key KEY` (Realtime guide). */
export type KeyHeader = 'x-api-key' | 'authorization';

/** The key of a request in one of these headers; undefined when there is none. */
export function keyOf(headers: IncomingHttpHeaders, taken: readonly KeyHeader[]): string | undefined {
  const plain = headers['x-api-key'];
  if (taken.includes('x-api-key') && typeof plain === 'string' && plain !== '') return plain;
  if (!taken.includes('authorization')) return undefined;
  return /^x-api-key +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** Whether a key opens the server: the wanted one, or any where none is wanted. */
export function isKeyGood(key: string | undefined, wanted: string | undefined): key is string {
  return key !== undefined && (wanted === undefined || sameSecret(key, wanted));
}

const WINDOW_MS = 60_000;
const MAX_KEYS = 1_000;

/** So many requests a minute and key; the keys themselves are not kept. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #windows = new Map<string, { endMs: number; count: number }>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Counts a request. In how many seconds the next one is taken, where this one is too many. */
  count(key: string, nowMs: number): number | undefined {
    const digest = createHash('sha256').update(key).digest('base64');
    let window = this.#windows.get(digest);
    if (window === undefined || window.endMs <= nowMs) {
      if (this.#windows.size >= MAX_KEYS) this.#windows.clear();
      window = { endMs: nowMs + WINDOW_MS, count: 0 };
      this.#windows.set(digest, window);
    }
    window.count++;
    return window.count <= this.#perMinute ? undefined : Math.ceil((window.endMs - nowMs) / 1_000);
  }
}
