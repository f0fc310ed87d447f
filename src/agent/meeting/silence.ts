import type { Clock, TimerHandle } from '../../clock.js';

type Waiting = { readonly silentMs: number; readonly then: () => void; timer: TimerHandle | undefined };

/** Whether people speak, and who waits until nobody does. */
export class Silence {
  readonly #clock: Clock;
  readonly #speaking = new Set<string>();
  readonly #waiting = new Set<Waiting>();
  #sinceMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = -Infinity;
  }

  /** Somebody speaks. */
  get isBroken(): boolean {
    return this.#speaking.size > 0;
  }

  /** Somebody begins or ceases to speak. */
  heard(participantId: string, speaking: boolean): void {
    if (speaking) this.#speaking.add(participantId);
    else if (!this.#speaking.delete(participantId)) return;
    if (this.isBroken) {
      for (const waiting of this.#waiting) waiting.timer?.cancel();
      return;
    }
    this.#sinceMs = this.#clock.nowMs();
    for (const waiting of this.#waiting) this.#start(waiting);
  }

  /** Calls `then` once nobody has spoken for so long: at once where that is so. Returns a function that stops waiting. */
  wait(silentMs: number, then: () => void): () => void {
    const waiting: Waiting = { silentMs, then, timer: undefined };
    this.#waiting.add(waiting);
    if (!this.isBroken) this.#start(waiting);
    return () => {
      this.#waiting.delete(waiting);
      waiting.timer?.cancel();
    };
  }

  /** Nobody waits any more. */
  close(): void {
    for (const waiting of this.#waiting) waiting.timer?.cancel();
    this.#waiting.clear();
  }

  #start(waiting: Waiting): void {
    const leftMs = this.#sinceMs + waiting.silentMs - this.#clock.nowMs();
    const done = (): void => {
      this.#waiting.delete(waiting);
      waiting.then();
    };
    if (leftMs <= 0) done();
    else waiting.timer = this.#clock.setTimer(done, leftMs);
  }
}
