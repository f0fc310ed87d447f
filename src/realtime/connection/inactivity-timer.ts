import type { Clock, TimerHandle } from '../../clock.js';

/** Notices that something awaited shows no sign of life: one timer, however often there is one. */
export class InactivityTimer {
  readonly #options: { clock: Clock; timeoutMs: number; awaited: () => boolean; onExpired: () => void };
  #lastActivityMs = 0;
  #timer: TimerHandle | undefined;

  /** Calls `onExpired` when there was no activity for `timeoutMs` although something is `awaited`. */
  constructor(options: { clock: Clock; timeoutMs: number; awaited: () => boolean; onExpired: () => void }) {
    this.#options = options;
  }

  /** A sign of life, or the start of the wait. */
  noteActivity(): void {
    this.#lastActivityMs = this.#options.clock.nowMs();
    if (this.#timer === undefined) this.#checkAfter(this.#options.timeoutMs);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #checkAfter(delayMs: number): void {
    this.#timer = this.#options.clock.setTimer(() => {
      this.#tick();
    }, delayMs);
  }

  #tick(): void {
    const { clock, timeoutMs, awaited, onExpired } = this.#options;
    this.#timer = undefined;
    if (!awaited()) return;
    const leftMs = timeoutMs - (clock.nowMs() - this.#lastActivityMs);
    if (leftMs > 0) this.#checkAfter(leftMs);
    else onExpired();
  }
}
