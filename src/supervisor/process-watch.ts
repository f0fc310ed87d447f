/** Looks once a second whether a meeting's process lives. */
import type { Clock, TimerHandle } from '../clock.js';
import type { Liveness, LivenessFinding } from './liveness.js';

const WATCH_MS = 1_000;
/** We ourselves stood still: what did not come meanwhile is not held against anybody. */
const OWN_GAP_MS = 3_000;

/** One process after the other. */
export class ProcessWatch {
  readonly #clock: Clock;
  #timer: TimerHandle | undefined;
  #checkedMs = -Infinity;
  #awakeSinceMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks at this process from now on, and tells what is wrong with it each time that something is. */
  start(liveness: Liveness, onFinding: (finding: LivenessFinding) => void): void {
    this.stop();
    this.#timer = this.#clock.setTimer(() => {
      const nowMs = this.#clock.nowMs();
      if (nowMs - this.#checkedMs > OWN_GAP_MS) this.#awakeSinceMs = nowMs;
      this.#checkedMs = nowMs;
      const finding = liveness.check(nowMs, this.#awakeSinceMs);
      if (finding !== undefined) onFinding(finding);
      this.start(liveness, onFinding);
    }, WATCH_MS);
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
