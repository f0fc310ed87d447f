/** Keeps requests under the service's limit a minute, and away from it for as long as it asks. */

/** Said to be the limit of Fastino: 60 a minute. So many may go out at once, the others evenly. */
const BURST = 20;
const INTERVAL_MS = 60_000 / (60 - BURST);
/** A request that would wait longer than this is refused. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** Gives out places; whoever takes one waits for its time. Times are milliseconds of any one clock. */
export class Pacer {
  /** The time of the latest place, as if all had been spread evenly. */
  #spreadMs = -Infinity;
  #pausedUntilMs = -Infinity;

  /** Takes the next place and returns how long to wait for it; undefined, and none taken, when that is too long. */
  take(nowMs: number): number | undefined {
    const earliestMs = Math.max(nowMs, this.#pausedUntilMs);
    const spreadMs = Math.max(this.#spreadMs, earliestMs - BURST * INTERVAL_MS) + INTERVAL_MS;
    const waitMs = Math.max(earliestMs, spreadMs) - nowMs;
    if (waitMs > LONGEST_WAIT_MS) return undefined;
    this.#spreadMs = spreadMs;
    return waitMs;
  }

  /** No request for so long. */
  pause(nowMs: number, durationMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + durationMs);
  }
}
