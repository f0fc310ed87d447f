import { BLOCK_SAMPLES } from './echo-grid.js';
import { RealFft } from './real-fft.js';

/** Samples at 16 kHz that are transformed together: 128 ms. */
export const WINDOW_SAMPLES = 8 * BLOCK_SAMPLES;
export const WINDOW_BINS = WINDOW_SAMPLES / 2 + 1;
/** The band that counts: 190 Hz to 6.5 kHz. */
export const FIRST_WINDOW_BIN = 24;
export const END_WINDOW_BIN = 833;
const RISE_SAMPLES = 1024;
/** Short, so that what was heard last counts at once. */
const FALL_SAMPLES = 128;
const PRE_EMPHASIS = 0.9;

/** The phases of a window: every bin has size 1 or is 0. */
export type Phases = { readonly re: Float32Array; readonly im: Float32Array };

/** Turns windows of sound into their phases, so that neither loudness nor colour counts. */
export class Whitener {
  readonly fft = new RealFft(WINDOW_SAMPLES);
  readonly #samples = new Float32Array(WINDOW_SAMPLES);
  readonly #shape = Float32Array.from({ length: WINDOW_SAMPLES }, (_, i) => {
    if (i < RISE_SAMPLES) return 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / RISE_SAMPLES);
    const left = WINDOW_SAMPLES - i;
    return left > FALL_SAMPLES ? 1 : 0.5 - 0.5 * Math.cos((Math.PI * (left - 0.5)) / FALL_SAMPLES);
  });

  /** @param window the last {@link WINDOW_SAMPLES} samples */
  whiten(window: Float32Array, out: Phases): void {
    const samples = this.#samples;
    const shape = this.#shape;
    samples[0] = 0;
    for (let i = 1; i < WINDOW_SAMPLES; i++)
      samples[i] = (window[i]! - PRE_EMPHASIS * window[i - 1]!) * shape[i]!;
    const { re, im } = out;
    this.fft.forward(samples, re, im);
    for (let k = FIRST_WINDOW_BIN; k < END_WINDOW_BIN; k++) {
      const scale = 1 / (Math.sqrt(re[k]! * re[k]! + im[k]! * im[k]!) + 1e-3);
      re[k] = re[k]! * scale;
      im[k] = im[k]! * scale;
    }
  }
}

/** Room for the phases of one window. */
export function makePhases(): Phases {
  return { re: new Float32Array(WINDOW_BINS), im: new Float32Array(WINDOW_BINS) };
}
