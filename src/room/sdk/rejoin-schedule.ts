/** When a meeting that was lost is joined again. Pure. */

/** Waits before each new connection after one died; after the last of them the meeting is lost. */
const DELAYS_MS = [0, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000] as const;
/** A join that lasted this long was a success: after it the delays begin anew. */
const SUCCESS_MS = 60_000;
/** Stays shorter than that, one after the other, in which the SDK may come back by itself: it knows no growing delays. */
const SHORT_STAYS = 2;

/** Counts the stays in one meeting that were too short to count as joined. */
export class RejoinSchedule {
  #joinedAtMs: number | undefined;
  #shortStays = 0;
  #attempts = 0;

  /** In the meeting, for the first time or again. */
  joined(nowMs: number): void {
    this.#joinedAtMs ??= nowMs;
  }

  /** The connection broke. Returns whether the SDK may come back by itself. */
  lost(nowMs: number): boolean {
    if (this.#joinedAtMs !== undefined) {
      if (nowMs - this.#joinedAtMs >= SUCCESS_MS) {
        this.#shortStays = 0;
        this.#attempts = 0;
      } else {
        this.#shortStays++;
      }
      this.#joinedAtMs = undefined;
    }
    return this.#shortStays <= SHORT_STAYS;
  }

  /** The wait before the next attempt of ours; undefined: no more. */
  nextDelayMs(): number | undefined {
    return DELAYS_MS[this.#attempts++];
  }
}
