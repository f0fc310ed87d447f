/** Keeps calls away from a service that fails again and again; pure but for its own count. */

/** Attempts that fail in a row before calls are kept away. */
const FAILURES_TO_OPEN = 5;
/** How long they are. */
export const OPEN_MS = 60_000;

/** Closed: calls pass. Open: they do not. After that time one passes, and its end decides. */
export class Circuit {
  #failures = 0;
  #openUntilMs = -Infinity;
  #trying = false;

  /** Whether a call may be made; where it may and the circuit was open, it is the one that decides. */
  admit(nowMs: number): boolean {
    if (this.#failures < FAILURES_TO_OPEN) return true;
    if (nowMs < this.#openUntilMs || this.#trying) return false;
    this.#trying = true;
    return true;
  }

  /** An attempt ended well. */
  succeeded(): void {
    this.#failures = 0;
    this.#trying = false;
  }

  /** An attempt failed. Returns true when this one opened the circuit that was closed. */
  failed(nowMs: number): boolean {
    this.#failures++;
    this.#trying = false;
    if (this.#failures >= FAILURES_TO_OPEN) this.#openUntilMs = Math.max(this.#openUntilMs, nowMs + OPEN_MS);
    return this.#failures === FAILURES_TO_OPEN;
  }

  /** Opens at once, for `openMs`: no further attempt can help. */
  open(nowMs: number, openMs: number): void {
    this.#failures = FAILURES_TO_OPEN;
    this.#trying = false;
    this.#openUntilMs = nowMs + openMs;
  }

  /** A call was given up before it said anything. */
  released(): void {
    this.#trying = false;
  }
}
