/** How long to wait before a failed attempt is made again: exponential, with jitter, and never before the server allows it. */

/** Waits double from the first to the longest, and vary by `jitter` of their length to either side. */
export type BackoffOptions = {
  readonly firstMs: number;
  readonly longestMs: number;
  readonly jitter: number;
};

/** For connections to a Realtime server. */
export const CONNECTION_BACKOFF: BackoffOptions = { firstMs: 500, longestMs: 30_000, jitter: 0.2 };

/** Beyond this many doublings a wait is the longest one in any case. */
const MAX_DOUBLINGS = 30;

/**
 * Milliseconds to wait after the given number of failures in a row (1 or more). `random` is in [0, 1). Where the server
 * named a time (`retryAfterMs`), the wait is never shorter than that, and up to `jitter` longer, so that those who were
 * refused together do not come back together.
 */
export function backoffMs(
  failures: number,
  random: number,
  retryAfterMs: number | undefined,
  options: BackoffOptions = CONNECTION_BACKOFF,
): number {
  const { firstMs, longestMs, jitter } = options;
  const doublings = Math.min(Math.max(0, failures - 1), MAX_DOUBLINGS);
  const waitMs = Math.min(firstMs * 2 ** doublings, longestMs) * (1 - jitter + 2 * jitter * random);
  return retryAfterMs === undefined ? waitMs : Math.max(waitMs, retryAfterMs * (1 + jitter * random));
}

/** The waits of one connection or route: one failure after the other, until something works. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #failures = 0;

  /** @param random gives numbers in [0, 1): the clock's */
  constructor(random: () => number, options: BackoffOptions = CONNECTION_BACKOFF) {
    this.#random = random;
    this.#options = options;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** One more attempt failed. Returns the milliseconds to wait before the next one. */
  failed(retryAfterMs?: number): number {
    return backoffMs(++this.#failures, this.#random(), retryAfterMs, this.#options);
  }

  /** An attempt succeeded: the next wait is the first one again. */
  succeeded(): void {
    this.#failures = 0;
  }
}
