/**
 * Whether this process may speak. A process that stood still, stopped, paused with its machine, or blocked, may have been
 * replaced meanwhile: it is silent from the first frame on, until its supervisor says that its claim holds. Pure: time comes in
 * with each call.
 */

/**
 * Longer than this no process stands still that others believe to be alive. Shorter than a claim lasts without a sign of life,
 * less the time between two of those.
 */
export const MAX_GAP_MS = 5_000;
/** A supervisor that has not answered after so long cannot: the meeting is left. */
const PATIENCE_MS = 5_000;

/** Two clocks, since the monotonic one stands still while a machine sleeps. */
export type Moment = { readonly monotonicMs: number; readonly wallMs: number };

/** See the head of this file. */
export class EpochFence {
  readonly #onGap: (gapMs: number) => void;
  readonly #onExpired: () => void;
  #last: Moment | undefined;
  /** Closed since then. */
  #closedAtMs: number | undefined;

  /** `onGap` asks for the claim; `onExpired` is called once when nobody answers. */
  constructor(options: { onGap: (gapMs: number) => void; onExpired: () => void }) {
    this.#onGap = options.onGap;
    this.#onExpired = options.onExpired;
  }

  /** Nothing may be heard of us. */
  get isClosed(): boolean {
    return this.#closedAtMs !== undefined;
  }

  /** Called with every frame and every beat. Returns whether a frame may be heard. */
  passes({ monotonicMs, wallMs }: Moment): boolean {
    const last = this.#last;
    this.#last = { monotonicMs, wallMs };
    const gapMs = last === undefined ? 0 : Math.max(monotonicMs - last.monotonicMs, wallMs - last.wallMs);
    if (gapMs > MAX_GAP_MS) {
      this.#closedAtMs = monotonicMs;
      this.#onGap(gapMs);
    } else if (this.#closedAtMs !== undefined && monotonicMs - this.#closedAtMs > PATIENCE_MS) {
      this.#closedAtMs = Infinity; // told once
      this.#onExpired();
    }
    return this.#closedAtMs === undefined;
  }

  /** The claim holds. */
  open(): void {
    if (this.#closedAtMs !== Infinity) this.#closedAtMs = undefined;
  }
}
