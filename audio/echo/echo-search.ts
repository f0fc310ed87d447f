import type { EchoReference } from './echo-reference.js';
import {
  END_WINDOW_BIN,
  FIRST_WINDOW_BIN,
  makePhases,
  type Phases,
  Whitener,
  WINDOW_BINS,
  WINDOW_SAMPLES,
} from './whitener.js';

/** Distance of the windows of what was published, in blocks: half a window, 64 ms. */
const STEP_BLOCKS = 4;
const STEP_SAMPLES = WINDOW_SAMPLES / 2;
/** Delays up to 672 ms are checked. */
const STEPS = 11;
/** Delays that are checked, in blocks. */
export const SEARCHED_BLOCKS = STEPS * STEP_BLOCKS;
/** Samples per cell: 1 ms. */
const CELL_SAMPLES = 16;
const CELLS_PER_STEP = STEP_SAMPLES / CELL_SAMPLES;
const CELLS = (STEPS * STEP_SAMPLES) / CELL_SAMPLES;
/** Peaks nearer than this to the highest one are part of it. */
const NEAR_CELLS = 2;
/** Share of earlier checks in the present one. */
const MEMORY = 0.6;

/** The likeliest delay, and how far it stands out. */
export type EchoCheck = {
  /** In samples at 16 kHz. */
  delaySamples: number;
  /** Height of the correlation there, in standard deviations of what chance gives. */
  score: number;
  /** The same relative to the next highest peak elsewhere: a steady vowel has a peak at each period of its pitch. */
  ratio: number;
};

/**
 * Whether a sound holds what was published, and how much later: the generalised cross-correlation with phase transform
 * (Knapp and Carter, 1976), over all delays up to 672 ms at once. Loudness and colour do not matter to it, so that its
 * height under chance is known: speech that is no echo scores 4 to 10, an echo 15 to 45.
 */
export class EchoSearch {
  readonly #whitener = new Whitener();
  readonly #phases = makePhases();
  readonly #re = Array.from({ length: STEPS }, () => new Float32Array(WINDOW_BINS));
  readonly #im = Array.from({ length: STEPS }, () => new Float32Array(WINDOW_BINS));
  readonly #samples = new Float32Array(WINDOW_SAMPLES);
  readonly #cells = new Float32Array(CELLS);
  readonly #evidence: EchoCheck = { delaySamples: 0, score: 0, ratio: 0 };
  #highestAt = 0;
  #weight = 0;

  /** Starts over. */
  clear(): void {
    if (this.#weight === 0) return;
    for (const sums of this.#re) sums.fill(0);
    for (const sums of this.#im) sums.fill(0);
    this.#weight = 0;
  }

  /**
   * Checks the window that ends with block `index`, and remembers earlier ones.
   *
   * @returns one object that the next check overwrites
   */
  check(reference: EchoReference, index: number, window: Float32Array): EchoCheck {
    this.#whitener.whiten(window, this.#phases);
    this.#weight = this.#weight * MEMORY * MEMORY + 1;
    let best = 0;
    let bestAt = 0;
    for (let step = 0; step < STEPS; step++) {
      this.#correlate(step, reference.phasesAt(index - step * STEP_BLOCKS));
      for (let cell = step === 0 ? 0 : -CELLS_PER_STEP / 2; cell < CELLS_PER_STEP / 2; cell++) {
        const at = step * STEP_SAMPLES + cell * CELL_SAMPLES;
        const highest = this.#highestIn(
          cell < 0 ? WINDOW_SAMPLES + cell * CELL_SAMPLES : cell * CELL_SAMPLES,
        );
        this.#cells[at / CELL_SAMPLES] = highest;
        if (highest <= best) continue;
        best = highest;
        bestAt = at + this.#highestAt;
      }
    }
    const chance = Math.sqrt(2 * (END_WINDOW_BIN - FIRST_WINDOW_BIN) * this.#weight) / WINDOW_SAMPLES;
    const bestCell = Math.floor(bestAt / CELL_SAMPLES);
    let next = chance;
    for (let cell = 0; cell < CELLS; cell++) {
      const height = this.#cells[cell]!;
      if (height > next && Math.abs(cell - bestCell) > NEAR_CELLS) next = height;
      this.#cells[cell] = height / chance;
    }
    this.#evidence.delaySamples = bestAt;
    this.#evidence.score = best / chance;
    this.#evidence.ratio = best / next;
    return this.#evidence;
  }

  /** The score of the last check around one delay. */
  scoreNear(delaySamples: number): number {
    const middle = Math.floor(delaySamples / CELL_SAMPLES);
    let score = 0;
    for (let cell = middle - NEAR_CELLS; cell <= middle + NEAR_CELLS; cell++) {
      score = Math.max(score, this.#cells[cell] ?? 0);
    }
    return score;
  }

  /** Adds one window of what was published, and leaves the correlation with it in `#samples`. */
  #correlate(step: number, published: Phases): void {
    const sumRe = this.#re[step]!;
    const sumIm = this.#im[step]!;
    const { re: a, im: b } = this.#phases;
    const { re: c, im: d } = published;
    for (let k = FIRST_WINDOW_BIN; k < END_WINDOW_BIN; k++) {
      sumRe[k] = sumRe[k]! * MEMORY + a[k]! * c[k]! + b[k]! * d[k]!;
      sumIm[k] = sumIm[k]! * MEMORY + b[k]! * c[k]! - a[k]! * d[k]!;
    }
    this.#whitener.fft.inverse(sumRe, sumIm, this.#samples);
  }

  /** The greatest height in the cell that begins at `from`; where in it is in `#highestAt`. */
  #highestIn(from: number): number {
    const samples = this.#samples;
    let highest = 0;
    for (let i = 0; i < CELL_SAMPLES; i++) {
      const sample = samples[from + i]!;
      const height = sample < 0 ? -sample : sample;
      if (height <= highest) continue;
      highest = height;
      this.#highestAt = i;
    }
    return highest;
  }
}
