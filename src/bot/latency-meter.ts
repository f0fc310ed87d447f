import { BoundedMap } from '../bounded-map.js';
import type { Latency } from './events.js';

/** Delays kept for the median; the oldest are forgotten. */
const MAX_DELAYS = 200;

/** Collects how long translations took to be heard. */
export class LatencyMeter {
  readonly #delaysMs = new BoundedMap<number>(MAX_DELAYS);
  #turns = 0;

  /** A turn counts once; a later delay of it replaces the first. */
  add(turnId: string, delayMs: number): void {
    if (!this.#delaysMs.has(turnId)) this.#turns++;
    this.#delaysMs.set(turnId, delayMs);
  }

  /** What was heard of this turn was no translation. */
  remove(turnId: string): void {
    if (this.#delaysMs.delete(turnId)) this.#turns--;
  }

  get latency(): Latency {
    const delaysMs = [...this.#delaysMs.values()];
    const lastMs = delaysMs.at(-1);
    if (lastMs === undefined) return { turns: 0 };
    const sorted = delaysMs.sort((a, b) => a - b);
    const middle = sorted.length / 2;
    const medianMs = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
    return { turns: this.#turns, lastMs: Math.round(lastMs), medianMs: Math.round(medianMs) };
  }
}
