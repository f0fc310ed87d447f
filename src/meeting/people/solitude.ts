import type { Clock } from '../../clock.js';

/** Whoever is alone for longer than this waits, and does not try whether they are heard. */
const WRITES_FOR_MS = 300_000;

/**
 * Somebody alone in a meeting sees their own words, so that they know that they are heard: for some minutes, since nobody else
 * reads what they say and writing it down has its price.
 */
export class Solitude {
  readonly #clock: Clock;
  #sinceMs: number | undefined;
  #writes = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** So many people are here now. Returns whether words of one who is alone are written down. */
  writes(peopleCount: number): boolean {
    if (peopleCount !== 1) this.#sinceMs = undefined;
    else this.#sinceMs ??= this.#clock.nowMs();
    this.#writes = this.#sinceMs !== undefined && this.#clock.nowMs() - this.#sinceMs < WRITES_FOR_MS;
    return this.#writes;
  }

  /** The words of one who is alone are written down, and have been for long enough: it is time to plan again. */
  get isOver(): boolean {
    return this.#writes && this.#clock.nowMs() - (this.#sinceMs ?? -Infinity) >= WRITES_FOR_MS;
  }
}
