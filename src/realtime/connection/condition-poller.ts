import type { Clock, TimerHandle } from '../../clock.js';

const TICK_MS = 20;

type Wait = { timer: TimerHandle | undefined; readonly then: () => void };

/** Waiting for conditions that nobody announces: looked at again and again, until they hold or it is over. */
export class ConditionPoller {
  readonly #clock: Clock;
  readonly #waits = new Set<Wait>();
  #over = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `then` once: when `condition` holds (at once, if it does), after `timeoutMs`, or when all waiting ends. */
  until(condition: () => boolean, timeoutMs: number, then: () => void): void {
    const deadlineMs = this.#clock.nowMs() + timeoutMs;
    const wait: Wait = { timer: undefined, then };
    const tick = (): void => {
      if (!this.#over && !condition() && this.#clock.nowMs() < deadlineMs) {
        wait.timer = this.#clock.setTimer(tick, TICK_MS);
        return;
      }
      this.#waits.delete(wait);
      then();
    };
    this.#waits.add(wait);
    tick();
  }

  /** Ends all waiting. */
  end(): void {
    this.#over = true;
    for (const { timer, then } of this.#waits) {
      timer?.cancel();
      then();
    }
    this.#waits.clear();
  }
}
