import type { Clock, TimerHandle } from '../../../clock.js';

/** `idle_timeout_ms`: nobody has spoken for so long after the last reply was heard to its end. */
export class IdleTimeout {
  readonly #clock: Clock;
  #timer: TimerHandle | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits `playbackMs`, calls `onQuiet`, waits `idleMs`, calls `onIdle`. Replaces what was waited for. */
  arm(playbackMs: number, idleMs: number, onQuiet: () => void, onIdle: () => void): void {
    this.cancel();
    this.#timer = this.#clock.setTimer(() => {
      onQuiet();
      this.#timer = this.#clock.setTimer(onIdle, idleMs);
    }, playbackMs);
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
