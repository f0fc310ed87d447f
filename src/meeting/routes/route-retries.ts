import type { Clock } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import { Backoff, type BackoffOptions } from '../../realtime/connection/backoff.js';

/** Between the failure of a session and the next one: its own attempts to go on are behind it. */
const SESSION_BACKOFF: BackoffOptions = { firstMs: 1_000, longestMs: 60_000, jitter: 0.2 };
/** A session that lasted this long ended in good order: the next one opens without waiting. */
const PROVEN_MS = 60_000;
/** A session that cannot be opened is left to its own attempts, as after a loss. */
const PATIENCE_MS = 60_000;
/** Where the other engine would take over: longer than what is said may wait, so that an outage that costs nothing does not change engines. */
const PATIENCE_BEFORE_OTHER_MS = 12_000;

/** For how long a session that cannot be opened is left to its own attempts. */
export function patienceMs(otherWouldTakeOver: boolean): number {
  return otherWouldTakeOver ? PATIENCE_BEFORE_OTHER_MS : PATIENCE_MS;
}

/** When a route whose session failed may have another, and how long one that cannot be opened is tried. */
export class RouteRetries {
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  #failed = false;
  #notBeforeMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#backoff = new Backoff(() => clock.random(), SESSION_BACKOFF);
  }

  /** The last session failed, and none was opened since. */
  get pending(): boolean {
    return this.#failed;
  }

  /** The wait after the last failure is over. */
  get due(): boolean {
    return this.#clock.nowMs() >= this.#notBeforeMs;
  }

  /** A session is opened. */
  opened(): void {
    this.#failed = false;
  }

  /** A turn was translated: the next wait is the first one again. */
  worked(): void {
    this.#backoff.succeeded();
  }

  /**
   * A session failed that had been ready for `lastedMs`; with `otherTakesOver` the next one is of an engine that nothing is
   * held against. Returns the milliseconds until one may be opened, infinite where trying again cannot help.
   */
  failed(error: ParleyError, lastedMs: number, otherTakesOver: boolean): number {
    this.#failed = true;
    const proven = error.retryable && error.retryAfterMs === undefined && lastedMs >= PROVEN_MS;
    const waitMs = proven || otherTakesOver ? 0 : this.#nextWaitMs(error);
    this.#notBeforeMs = this.#clock.nowMs() + waitMs;
    return waitMs;
  }

  #nextWaitMs({ retryable, retryAfterMs }: ParleyError): number {
    return retryable ? this.#backoff.failed(retryAfterMs) : Infinity;
  }
}
