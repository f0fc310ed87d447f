/** Time and randomness come in through a {@link Clock}, so that tests and replay can hold both still. */
import { seededRandom } from './seeded-random.js';

/** A running timer. Cancelling one that already fired does nothing. */
export interface TimerHandle {
  cancel(): void;
}

/** Source of time, timers and randomness for everything that is not pure. */
export interface Clock {
  /** Monotonic time in milliseconds (fractional); the origin is the clock's own. */
  nowMs(): number;
  /** Wall-clock time in milliseconds since 1970, for protocol fields such as `expires_at`. */
  epochMs(): number;
  /** Calls `callback` once, `delayMs` from now (at once for zero or less, but never synchronously). */
  setTimer(callback: () => void, delayMs: number): TimerHandle;
  /** A number in [0, 1). */
  random(): number;
}

/** The clock of the machine: `performance.now`, `setTimeout`, `Math.random`. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, Math.max(0, delayMs));
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
  random: () => Math.random(),
};

type VirtualTimer = { dueMs: number; sequence: number; callback: () => void; cancelled: boolean };

/**
 * A clock that stands still until it is told to advance. Timers fire in the order of their due times (equal ones in the
 * order in which they were set), each seeing its own due time as now. Randomness is seeded: equal seeds give
 * equal runs.
 */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #sequence = 0;
  readonly #random: () => number;
  readonly #epochOriginMs: number;
  readonly #timers: VirtualTimer[] = []; // kept sorted by (dueMs, sequence)

  constructor(options: { seed?: number; epochOriginMs?: number } = {}) {
    this.#random = seededRandom(options.seed ?? 1);
    this.#epochOriginMs = options.epochOriginMs ?? Date.UTC(2026, 0, 1);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return this.#epochOriginMs + this.#nowMs;
  }

  setTimer(callback: () => void, delayMs: number): TimerHandle {
    const timer: VirtualTimer = {
      dueMs: this.#nowMs + Math.max(0, delayMs),
      sequence: this.#sequence++,
      callback,
      cancelled: false,
    };
    let index = this.#timers.length;
    while (index > 0 && this.#timers[index - 1]!.dueMs > timer.dueMs) index--;
    this.#timers.splice(index, 0, timer);
    return {
      cancel: () => {
        timer.cancelled = true;
      },
    };
  }

  random(): number {
    return this.#random();
  }

  /** When the next timer is due, in milliseconds of this clock; undefined when none is set. */
  nextDueMs(): number | undefined {
    this.#dropCancelled();
    return this.#timers[0]?.dueMs;
  }

  /** Moves to `targetMs` (never back), firing every timer due on the way, those set meanwhile included. */
  advanceTo(targetMs: number): void {
    for (;;) {
      this.#dropCancelled();
      const next = this.#timers[0];
      if (next === undefined || next.dueMs > targetMs) break;
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#nowMs = Math.max(this.#nowMs, targetMs);
  }

  /** Moves `deltaMs` forward; see {@link VirtualClock.advanceTo}. */
  advanceBy(deltaMs: number): void {
    this.advanceTo(this.#nowMs + deltaMs);
  }

  #dropCancelled(): void {
    while (this.#timers[0]?.cancelled === true) this.#timers.shift();
  }
}
