/**
 * Turns audio down while somebody else speaks, and up again, without a click: the gain moves by a straight line of fixed
 * slope, sample by sample.
 */
export class Ducker {
  readonly #duckedGain: number;
  readonly #downStep: number;
  readonly #upStep: number;
  #gain = 1;
  #target = 1;

  /**
   * @param options.sampleRateHz 48000 by default
   * @param options.levelDb what ducked audio is turned down by, -15 by default
   * @param options.attackMs how long turning down takes, 10 by default
   * @param options.releaseMs how long turning up again takes, 150 by default
   */
  constructor(
    options: { sampleRateHz?: number; levelDb?: number; attackMs?: number; releaseMs?: number } = {},
  ) {
    const { sampleRateHz = 48_000, levelDb = -15, attackMs = 10, releaseMs = 150 } = options;
    this.#duckedGain = 10 ** (levelDb / 20);
    const way = 1 - this.#duckedGain;
    this.#downStep = way / ((attackMs * sampleRateHz) / 1000);
    this.#upStep = way / ((releaseMs * sampleRateHz) / 1000);
  }

  /** Turned down, or on the way there. */
  get ducked(): boolean {
    return this.#target < 1;
  }

  /** Turns what comes next down, or up again. */
  duck(ducked: boolean): void {
    this.#target = ducked ? this.#duckedGain : 1;
  }

  /** What comes next is something else: at full level from its first sample on. */
  reset(): void {
    this.#gain = 1;
    this.#target = 1;
  }

  /** Applies the gain to int16 samples, in place. */
  process(samples: Int16Array): void {
    if (this.#gain === 1 && this.#target === 1) return;
    for (let i = 0; i < samples.length; i++) {
      if (this.#gain > this.#target) this.#gain = Math.max(this.#target, this.#gain - this.#downStep);
      else if (this.#gain < this.#target) this.#gain = Math.min(this.#target, this.#gain + this.#upStep);
      samples[i] = Math.round(samples[i]! * this.#gain);
    }
  }
}
