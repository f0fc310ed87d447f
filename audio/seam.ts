import { clampToInt16 } from './pcm.js';

/** Nodes of the interpolating polynomial on each side of a position. */
const HALF_WINDOW = 4;
const WINDOW = HALF_WINDOW * 2;
/** Two nodes of a mixed window are at least this share of the coarser spacing apart: 44.1 and 48 kHz count as alike. */
const MIN_SPACING_SHARE = 0.9;

/** How far before a position a window can reach, in output samples, for input samples up to 6 apart (8 to 48 kHz). */
const SEAM_LOOKBEHIND = 64;
/** How far after a position samples must be known before its value is final, in output samples. */
export const SEAM_LOOKAHEAD = 26;

/**
 * The samples around a change of sample rate, where the grid is not uniform and no resampler has samples of its own rate
 * on both sides. Positions are in output samples; a value is read from the polynomial (Lagrange, 8 nodes) through the
 * samples around it. Within a run of one rate the window stays inside the run. Across a change the denser side is thinned
 * to the spacing of the coarser one: unevenly crowded nodes would amplify rounding noise by up to 40 dB.
 */
export class Seam {
  readonly #positions: number[] = [];
  readonly #values: number[] = [];
  /** Spacing of the run that each sample belongs to. */
  readonly #spacings: number[] = [];
  /** Which run each sample belongs to. */
  readonly #runs: number[] = [];
  #run = 0;
  readonly #nodes = new Int32Array(WINDOW);

  /** Position of the last sample; -Infinity when there is none. */
  get newest(): number {
    return this.#positions.at(-1) ?? -Infinity;
  }

  clear(): void {
    this.#drop(this.#positions.length);
  }

  /** The samples appended from now on are of another run. Its first may coincide with the last one of the run before. */
  beginRun(): void {
    this.#run++;
  }

  /** Adds the next sample. Positions never fall. */
  append(position: number, value: number, spacing: number): void {
    this.#positions.push(position);
    this.#values.push(value);
    this.#spacings.push(spacing);
    this.#runs.push(this.#run);
  }

  /** Forgets what no position from `position` on can need. */
  forgetBefore(position: number): void {
    this.#drop(this.#firstFrom(position - SEAM_LOOKBEHIND));
  }

  /** The value at `position`, rounded to int16; undefined while it could still change with the samples to come. */
  valueAt(position: number): number | undefined {
    const right = this.#firstFrom(position);
    if (this.#positions[right] === position) return this.#values[right]!;
    if (this.newest < position + SEAM_LOOKAHEAD) return undefined;
    const count = this.#windowInRun(right) || this.#windowAcross(right);
    return clampToInt16(Math.round(this.#interpolate(position, count)));
  }

  #drop(count: number): void {
    for (const list of [this.#positions, this.#values, this.#spacings, this.#runs]) list.splice(0, count);
  }

  /** Index of the first sample at or after a position. */
  #firstFrom(position: number): number {
    let low = 0;
    let high = this.#positions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#positions[middle]! < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Picks the 8 samples around the gap before `right` from one run; 0 when the gap is between runs or the run is short. */
  #windowInRun(right: number): number {
    const run = this.#runs[right];
    if (right === 0 || this.#runs[right - 1] !== run) return 0;
    let start = right - 1;
    let end = right + 1;
    while (right - start < WINDOW && this.#runs[start - 1] === run) start--;
    while (end - right < WINDOW && this.#runs[end] === run) end++;
    if (end - start < WINDOW) return 0;
    const from = Math.max(start, Math.min(right - HALF_WINDOW, end - WINDOW));
    for (let i = 0; i < WINDOW; i++) this.#nodes[i] = from + i;
    return WINDOW;
  }

  /** Picks up to 4 samples on each side of the gap before `right`, thinned to the coarsest spacing near it. */
  #windowAcross(right: number): number {
    let coarsest = 0;
    const last = this.#positions.length - 1;
    for (let i = Math.max(0, right - HALF_WINDOW); i <= Math.min(last, right + HALF_WINDOW - 1); i++) {
      coarsest = Math.max(coarsest, this.#spacings[i]!);
    }
    const leftCount = this.#pick(right - 1, -1, 0, coarsest * MIN_SPACING_SHARE);
    return this.#pick(right, 1, leftCount, coarsest * MIN_SPACING_SHARE);
  }

  /** Picks up to 4 nodes outwards from a sample, at least `minSpacing` apart. Returns how many are picked in all. */
  #pick(from: number, direction: 1 | -1, already: number, minSpacing: number): number {
    let count = already;
    let position = NaN;
    for (
      let i = from;
      i >= 0 && i < this.#positions.length && count < already + HALF_WINDOW;
      i += direction
    ) {
      if (Math.abs(this.#positions[i]! - position) < minSpacing) continue;
      position = this.#positions[i]!;
      this.#nodes[count++] = i;
    }
    return count;
  }

  #interpolate(position: number, count: number): number {
    let sum = 0;
    for (let j = 0; j < count; j++) {
      const node = this.#nodes[j]!;
      const at = this.#positions[node]!;
      let weight = this.#values[node]!;
      for (let m = 0; m < count; m++) {
        if (m === j) continue;
        const other = this.#positions[this.#nodes[m]!]!;
        weight *= (position - other) / (at - other);
      }
      sum += weight;
    }
    return sum;
  }
}
