import type { EchoCheck } from './echo-search.js';

/** Chance scores 4 to 10. */
const CLEAR_SCORE = 12;
const CLEAR_RATIO = 1.25;
/** Delays this close are one (2 ms). */
const SAME_DELAY_SAMPLES = 32;
/**
 * Checks this far apart have no sound in common (208 ms). A vowel of a synthetic voice may match one of another voice as
 * perfectly as an echo would, but the next one does so at another delay.
 */
const APART_BLOCKS = 13;
/** A delay that was not seen again for so long is forgotten: 2 s. */
const FORGOTTEN_BLOCKS = 125;

const LATELY_BLOCKS = 8;

/** Gathers checks until they agree on a delay. */
export class EchoEvidence {
  #delaySamples = -Infinity;
  #firstBlock = 0;
  #lastBlock = -Infinity;
  #pieces = 0;

  /** Blocks between the first and the last check that showed the present delay. */
  get span(): number {
    return this.#lastBlock - this.#firstBlock;
  }

  /** Whether a delay was seen by the checks of the last 128 ms before block `index`. */
  seenLately(index: number): boolean {
    return index - this.#lastBlock < LATELY_BLOCKS;
  }

  /** The delay that was seen last. */
  get delaySamples(): number {
    return this.#delaySamples;
  }

  /** How many checks without common sound have shown it. */
  get pieces(): number {
    return this.#pieces;
  }

  /** Starts over. */
  forget(): void {
    this.#pieces = 0;
    this.#delaySamples = -Infinity;
    this.#lastBlock = -Infinity;
  }

  /** Takes a check of block `index`. */
  add({ score, ratio, delaySamples }: Readonly<EchoCheck>, index: number): void {
    if (score < CLEAR_SCORE || ratio < CLEAR_RATIO) return;
    const same = isSameDelay(delaySamples, this.#delaySamples) && index - this.#lastBlock < FORGOTTEN_BLOCKS;
    if (!same) {
      this.#pieces = 1;
      this.#firstBlock = index;
      this.#delaySamples = delaySamples;
    } else if (index - this.#firstBlock >= this.#pieces * APART_BLOCKS) {
      this.#pieces++;
    }
    this.#lastBlock = index;
  }
}

/** Whether two delays, in samples at 16 kHz, are one. */
export function isSameDelay(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME_DELAY_SAMPLES;
}
