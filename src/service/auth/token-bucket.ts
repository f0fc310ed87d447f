import { BoundedMap } from '../../bounded-map.js';
import type { Clock } from '../../clock.js';

/** Callers that are remembered; of further ones the one that came first is forgotten, and begins anew. */
const MAX_CALLERS = 10_000;

/** How many requests come at once, and how many each second. */
export type Rate = { readonly burst: number; readonly perSecond: number };

/** A token bucket for each caller. */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #buckets = new BoundedMap<{ tokens: number; atMs: number }>(MAX_CALLERS);
  #refused = 0;

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Requests that were refused. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes one request; otherwise returns after how many whole seconds there is one. */
  take(caller: string): { readonly retryAfterS?: number } {
    const bucket = this.#filled(caller);
    if (bucket.tokens < 1) {
      this.#refused++;
      return { retryAfterS: Math.ceil((1 - bucket.tokens) / this.#rate.perSecond) };
    }
    bucket.tokens--;
    return {};
  }

  /** Whether there is one, without taking it. */
  has(caller: string): boolean {
    return this.#filled(caller).tokens >= 1;
  }

  #filled(caller: string): { tokens: number; atMs: number } {
    const nowMs = this.#clock.nowMs();
    const { burst, perSecond } = this.#rate;
    const bucket = this.#buckets.get(caller) ?? { tokens: burst, atMs: nowMs };
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1_000) * perSecond);
    bucket.atMs = nowMs;
    this.#buckets.set(caller, bucket);
    return bucket;
  }
}
