const MAX_BEHIND_MS = 20_000;
/** Speech resumes, with the next utterance, once no more than this is waiting. */
const CAUGHT_UP_MS = 5_000;

/**
 * How far a listener of a continuous engine would be behind: what was said to them, less the time in which it could be
 * heard. Beyond a bound the rest is left to captions until they have caught up; the model cannot be asked to hurry.
 * Times are of one clock.
 */
export class ListenerDelay {
  #behindMs = 0;
  #lastMs = 0;
  /** When there was nothing left to hear. */
  #emptyAtMs = 0;
  #overflowing = false;
  /** Playback is full: nothing is said while it is. */
  held = false;

  /** Milliseconds that a listener still has to hear at `nowMs`. */
  behindMs(nowMs: number): number {
    if (this.#behindMs > 0) this.#emptyAtMs = this.#lastMs + this.#behindMs;
    this.#behindMs = Math.max(0, this.#behindMs - Math.max(0, nowMs - this.#lastMs));
    this.#lastMs = nowMs;
    return this.#behindMs;
  }

  /** Milliseconds for which a listener has had nothing to hear, at `nowMs`. */
  waitedMs(nowMs: number): number {
    return this.behindMs(nowMs) > 0 ? 0 : Math.max(0, nowMs - this.#emptyAtMs);
  }

  /**
   * Whether `durationMs` more may be said at `nowMs`; then it counts. `begins`: it is the first of an utterance. `finite`:
   * nothing comes after what is left, which is said however long it takes.
   */
  admit(
    durationMs: number,
    nowMs: number,
    { begins, finite }: { begins: boolean; finite: boolean },
  ): boolean {
    if (this.held) return false;
    const behindMs = this.behindMs(nowMs);
    if (finite) return true;
    if (this.#overflowing && begins && behindMs <= CAUGHT_UP_MS) this.#overflowing = false;
    if (behindMs + durationMs > MAX_BEHIND_MS) this.#overflowing = true;
    if (this.#overflowing) return false;
    this.#behindMs += durationMs;
    return true;
  }

  /** What was waiting is not heard any more. */
  clear(): void {
    if (this.#behindMs > 0) this.#emptyAtMs = this.#lastMs;
    this.#behindMs = 0;
  }
}
