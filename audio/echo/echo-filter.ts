import { BLOCK_SAMPLES } from './echo-grid.js';
import { BIN_COUNT, type EchoReference, SPECTRUM_SAMPLES } from './echo-reference.js';
import { RealFft } from './real-fft.js';

/** The band that is compared: 190 Hz to 6.5 kHz, where the filters on the way are flat. */
const FIRST_BIN = 6;
const END_BIN = 209;
/** Partitions of one block each: the filter spans 160 ms of the room. */
const PARTITION_COUNT = 10;
/** How much of what it knows is kept from block to block (power); the rest is doubt that grows with the filter. */
const KEPT = 0.9995 ** 2;
/** Share of the past in the power of what is not echo. */
const NOISE_MEMORY = 0.7;
/** The room is expected to fade by this much per partition (power; 60 dB in 480 ms). */
const EXPECTED_DECAY = 10 ** -0.2;
/** Keeps digital silence from dividing by nothing. */
const TINY = 1;

/**
 * What of a microphone is echo of what was published: an adaptive filter in blocks of the frequency domain, whose step is
 * set bin by bin from how unsure it is of itself and how loud everything else is (the partitioned diagonal Kalman filter of
 * Kuech, Mabande and Enzner, ICASSP 2014). Whoever talks over the echo slows it down and hardly misleads it.
 */
export class EchoFilter {
  readonly #fft = new RealFft(SPECTRUM_SAMPLES);
  readonly #re = arrays();
  readonly #im = arrays();
  /** How far each coefficient may be off (its expected squared error). */
  readonly #doubt = arrays();
  readonly #noisePower = new Float32Array(BIN_COUNT);
  readonly #sumRe = new Float32Array(BIN_COUNT);
  readonly #sumIm = new Float32Array(BIN_COUNT);
  readonly #samples = new Float32Array(SPECTRUM_SAMPLES);
  readonly #weights = new Float32Array(BIN_COUNT);
  #firstBlock = 0;
  #nextConstrained = 0;

  /** Blocks between a block and the first that the filter takes in for it. */
  get firstBlock(): number {
    return this.#firstBlock;
  }

  /**
   * Forgets the room.
   *
   * @param firstBlock where in the past the filter begins, in blocks
   * @param coupling about how loud the echo is, as a ratio of powers
   */
  begin(firstBlock: number, coupling: number): void {
    this.#firstBlock = firstBlock;
    for (let p = 0; p < PARTITION_COUNT; p++) {
      this.#re[p]!.fill(0);
      this.#im[p]!.fill(0);
      this.#doubt[p]!.fill(coupling * EXPECTED_DECAY ** p);
    }
    this.#noisePower.fill(0);
  }

  /** The echo expected in this block, 256 samples into `out`. Returns false when there is none. */
  predict(reference: EchoReference, index: number, out: Float32Array): boolean {
    const { re: sumRe, im: sumIm } = { re: this.#sumRe.fill(0), im: this.#sumIm.fill(0) };
    let any = false;
    for (let p = 0; p < PARTITION_COUNT; p++) {
      const x = reference.spectrumAt(index - this.#firstBlock - p);
      if (x === undefined) continue;
      any = true;
      const xRe = x.re;
      const xIm = x.im;
      const hRe = this.#re[p]!;
      const hIm = this.#im[p]!;
      for (let k = FIRST_BIN; k < END_BIN; k++) {
        const a = xRe[k]!;
        const b = xIm[k]!;
        const c = hRe[k]!;
        const d = hIm[k]!;
        sumRe[k] = sumRe[k]! + a * c - b * d;
        sumIm[k] = sumIm[k]! + a * d + b * c;
      }
    }
    if (!any) return false;
    this.#fft.inverse(sumRe, sumIm, this.#samples);
    out.set(this.#samples.subarray(BLOCK_SAMPLES));
    return true;
  }

  /** Learns from what was left of a block after the predicted echo was taken away. */
  adapt(reference: EchoReference, index: number, error: Float32Array): void {
    const samples = this.#samples;
    samples.fill(0, 0, BLOCK_SAMPLES);
    samples.set(error, BLOCK_SAMPLES);
    const errorRe = this.#sumRe;
    const errorIm = this.#sumIm;
    this.#fft.forward(samples, errorRe, errorIm);
    this.#weigh(reference, index, errorRe, errorIm);
    const weights = this.#weights;
    for (let p = 0; p < PARTITION_COUNT; p++) {
      const x = reference.spectrumAt(index - this.#firstBlock - p);
      if (x === undefined) continue;
      const { re: xRe, im: xIm, powers } = x;
      const hRe = this.#re[p]!;
      const hIm = this.#im[p]!;
      const doubt = this.#doubt[p]!;
      for (let k = FIRST_BIN; k < END_BIN; k++) {
        const unsure = doubt[k]!;
        const gain = unsure * weights[k]!;
        const a = xRe[k]!;
        const b = xIm[k]!;
        const c = errorRe[k]!;
        const d = errorIm[k]!;
        const re = hRe[k]! + gain * (a * c + b * d);
        const im = hIm[k]! + gain * (a * d - b * c);
        hRe[k] = re;
        hIm[k] = im;
        doubt[k] = KEPT * (1 - 0.5 * gain * powers[k]!) * unsure + (1 - KEPT) * (re * re + im * im);
      }
    }
    this.#constrain(this.#nextConstrained);
    this.#nextConstrained = (this.#nextConstrained + 1) % PARTITION_COUNT;
  }

  /** One over the power of everything in the error, bin by bin: what is not echo, and what the filter is unsure of. */
  #weigh(reference: EchoReference, index: number, errorRe: Float32Array, errorIm: Float32Array): void {
    const weights = this.#weights;
    const noisePower = this.#noisePower;
    for (let k = FIRST_BIN; k < END_BIN; k++) {
      const power = errorRe[k]! * errorRe[k]! + errorIm[k]! * errorIm[k]!;
      noisePower[k] = NOISE_MEMORY * noisePower[k]! + (1 - NOISE_MEMORY) * power;
      weights[k] = noisePower[k]! + TINY;
    }
    for (let p = 0; p < PARTITION_COUNT; p++) {
      const powers = reference.spectrumAt(index - this.#firstBlock - p)?.powers;
      if (powers === undefined) continue;
      const doubt = this.#doubt[p]!;
      for (let k = FIRST_BIN; k < END_BIN; k++) weights[k] = weights[k]! + 0.5 * doubt[k]! * powers[k]!;
    }
    for (let k = FIRST_BIN; k < END_BIN; k++) weights[k] = 1 / weights[k]!;
  }

  /** Keeps a partition's impulse response in its own block; one partition at a time is enough. */
  #constrain(p: number): void {
    const re = this.#re[p]!;
    const im = this.#im[p]!;
    this.#fft.inverse(re, im, this.#samples);
    this.#samples.fill(0, BLOCK_SAMPLES);
    this.#fft.forward(this.#samples, re, im);
  }
}

function arrays(): Float32Array[] {
  return Array.from({ length: PARTITION_COUNT }, () => new Float32Array(BIN_COUNT));
}
