/** How fast a recording goes through: in steps of 10 ms, on a clock of its own that starts with its first frame. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, VirtualClock } from '../clock.js';

/** Length of a step, and of the frame that is pushed and pulled in it. */
export const STEP_MS = 10;

/** Late steps done in one go before the rest of the process gets its turn. */
const MAX_BURST_STEPS = 10;

/** Drives the steps of one recording. */
export interface Pace {
  /** The clock that sessions and servers of this run live on. */
  readonly clock: Clock;
  /** Time on the recording's clock; 0 until {@link Pace.start}. Never past the end of the current step. */
  nowMs(): number;
  /** The recording begins: what came before, such as opening the connection, took no time on its clock. */
  start(): void;
  /** Resolves when the step that begins at `atMs` is due. Steps are reached in order. */
  reach(atMs: number): Promise<void>;
  /** Lets everything happen that belongs to the current step. */
  settle(): Promise<void>;
}

/** As fast as the machine can: a step is over when both ends of the connection are idle. */
export class VirtualPace implements Pace {
  readonly clock: VirtualClock;
  readonly #settle: () => Promise<void>;
  #steps = 0;

  constructor(clock: VirtualClock, settle: () => Promise<void>) {
    this.clock = clock;
    this.#settle = settle;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  start(): void {
    // Time stands still unless a step is reached.
  }

  async reach(atMs: number): Promise<void> {
    if (++this.#steps % 100 === 0) await turn(); // signals and progress get their turn
    this.clock.advanceTo(atMs);
  }

  async settle(): Promise<void> {
    await this.#settle();
  }
}

/** In real time: steps keep to the clock without drifting, and late ones are caught up, never dropped. */
export class RealtimePace implements Pace {
  readonly clock: Clock;
  readonly #settle: () => Promise<void>;
  #originMs: number | undefined;
  #stepMs = 0;
  #burst = 0;

  constructor(clock: Clock, settle: () => Promise<void>) {
    this.clock = clock;
    this.#settle = settle;
  }

  nowMs(): number {
    if (this.#originMs === undefined) return 0;
    const elapsedMs = this.clock.nowMs() - this.#originMs;
    return Math.min(Math.max(elapsedMs, this.#stepMs), this.#stepMs + STEP_MS - 0.001);
  }

  start(): void {
    this.#originMs = this.clock.nowMs();
  }

  async reach(atMs: number): Promise<void> {
    const dueMs = (this.#originMs ?? this.clock.nowMs()) + atMs;
    if (this.clock.nowMs() >= dueMs) {
      if (++this.#burst % MAX_BURST_STEPS === 0) await turn();
    } else {
      this.#burst = 0;
      for (let waitMs = dueMs - this.clock.nowMs(); waitMs > 0; waitMs = dueMs - this.clock.nowMs()) {
        await new Promise<void>((resolve) => this.clock.setTimer(resolve, waitMs));
      }
    }
    this.#stepMs = atMs;
  }

  async settle(): Promise<void> {
    await this.#settle();
  }
}
