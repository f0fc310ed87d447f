import type { Clock } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import { Backoff, type BackoffOptions } from './backoff.js';

/** Short waits: while a connection is gone nothing is translated, and what was said is soon too old. */
const REOPENING: BackoffOptions = { firstMs: 250, longestMs: 500, jitter: 0.2 };
/** Then it is for the owner of the session to try again, in its own time. */
const GIVE_UP_MS = 60_000;
/** A connection that lasted so long was a good one. */
const PROVEN_MS = 10_000;

/**
 * When a connection that was lost, or could not be opened, is opened again, attempt by attempt, and when that is given up.
 */
export class ReconnectSchedule {
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  /** When the first of the present row of failures happened. */
  #troubleSinceMs: number | undefined;
  #giveUpMs = GIVE_UP_MS;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#backoff = new Backoff(() => clock.random(), REOPENING);
  }

  /** A connection was lost that had been ready for so long. */
  lostAfter(ageMs: number): void {
    this.#giveUpMs = GIVE_UP_MS;
    if (ageMs < PROVEN_MS) return;
    this.#backoff.succeeded();
    this.#troubleSinceMs = undefined;
  }

  /** There was no connection yet: none is opened at once, and it is given up after so long, a minute at most. */
  neverOpened(patienceMs: number): void {
    this.#giveUpMs = Math.min(patienceMs, GIVE_UP_MS);
    this.#troubleSinceMs = this.#clock.nowMs();
  }

  /**
   * Milliseconds from now to the next attempt, after this failure: none after a good connection. Undefined where it does not help
   * to try again, or has not for too long.
   */
  nextWaitMs(error: ParleyError): number | undefined {
    if (!error.retryable) return undefined;
    const nowMs = this.#clock.nowMs();
    const isFirst = this.#troubleSinceMs === undefined && error.retryAfterMs === undefined;
    this.#troubleSinceMs ??= nowMs;
    const waitMs = isFirst ? 0 : this.#backoff.failed(error.retryAfterMs);
    return nowMs + waitMs - this.#troubleSinceMs > this.#giveUpMs ? undefined : waitMs;
  }
}
