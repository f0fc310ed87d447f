import { samplesOf } from './audio-format.js';

/** The most that is kept uncommitted; older audio is dropped and counted. */
const CAPACITY_MS = 600_000;

/**
 * The input audio buffer: what was written and is not committed yet, addressed by samples since the session began.
 */
export class InputBuffer {
  readonly #capacitySamples: number;
  #store = new Int16Array(24_000);
  #head = 0; // index in the store of the oldest retained sample
  #startSample = 0;
  #endSample = 0;
  #droppedSamples = 0;

  constructor(capacityMs = CAPACITY_MS) {
    this.#capacitySamples = samplesOf(capacityMs);
  }

  /** Position of the oldest retained sample. */
  get startSample(): number {
    return this.#startSample;
  }

  /** Position after the newest sample: everything written in the session. */
  get endSample(): number {
    return this.#endSample;
  }

  /** Samples lost because the buffer was full. */
  get droppedSamples(): number {
    return this.#droppedSamples;
  }

  append(pcm: Int16Array): void {
    const held = this.#endSample - this.#startSample;
    if (this.#head + held + pcm.length > this.#store.length) this.#makeRoom(held, pcm.length);
    this.#store.set(pcm, this.#head + held);
    this.#endSample += pcm.length;
    const excess = this.#endSample - this.#startSample - this.#capacitySamples;
    if (excess > 0) {
      this.#droppedSamples += excess;
      this.dropBefore(this.#startSample + excess);
    }
  }

  /** A copy of [fromSample, toSample), as far as it is retained. */
  slice(fromSample: number, toSample: number): Int16Array {
    const from = Math.max(fromSample, this.#startSample);
    const to = Math.min(toSample, this.#endSample);
    const offset = this.#head - this.#startSample;
    return this.#store.slice(offset + from, offset + Math.max(from, to));
  }

  /** The retained samples [fromSample, toSample) in place: valid until the next append. */
  view(fromSample: number, toSample: number): Int16Array {
    const offset = this.#head - this.#startSample;
    return this.#store.subarray(offset + fromSample, offset + toSample);
  }

  /** Forgets everything before `sample`. */
  dropBefore(sample: number): void {
    const start = Math.min(Math.max(sample, this.#startSample), this.#endSample);
    this.#head += start - this.#startSample;
    this.#startSample = start;
  }

  #makeRoom(held: number, incoming: number): void {
    const needed = held + incoming;
    const kept = this.#store.subarray(this.#head, this.#head + held);
    // Twice what is needed, so that sliding the store to its front is rare; shrinks again after a long stretch.
    const length = Math.max(24_000, needed * 2);
    if (length > this.#store.length || length * 8 < this.#store.length) {
      const store = new Int16Array(length);
      store.set(kept);
      this.#store = store;
    } else {
      this.#store.copyWithin(0, this.#head, this.#head + held);
    }
    this.#head = 0;
  }
}
