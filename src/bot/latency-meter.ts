import type { Latency } from './events.js';

/** Delays kept for the median; the oldest are forgotten. */
const MAX_DELAYS = 200;

/** Collects how long translations took to be heard. */
export class LatencyMeter {
  readonly #delaysMs: number[] = [];
  #turns = 0;

  add(delayMs: number): void {
    this.#turns++;
    this.#delaysMs.push(delayMs);
    if (this.#delaysMs.length > MAX_DELAYS) this.#delaysMs.shift();
  }

  get latency(): Latency {
    const lastMs = this.#delaysMs.at(-1);
    if (lastMs === undefined) return { turns: 0 };
    const sorted = [...this.#delaysMs].sort((a, b) => a - b);
    const middle = sorted.length / 2;
    const medianMs = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
    return { turns: this.#turns, lastMs: Math.round(lastMs), medianMs: Math.round(medianMs) };
  }
}
