/** Small signal tools of the recogniser: band-limited decimation, a real power spectrum, normalised correlation. */

/** Rate of the signal that features are read from. Its band (to 3.4 kHz) survives 8 kHz telephony. */
export const FEATURE_RATE_HZ = 8000;
/** Rate of the signal whose waveform is followed. Its band (to 800 Hz) holds the pitch and the first formant. */
export const WAVEFORM_RATE_HZ = 2000;

/**
 * Low-passes and keeps every `factor`-th sample. The filter is a linear-phase FIR (Hann-windowed sinc) centred on the
 * kept sample, so nothing is delayed; outside the input is silence.
 * @param cutoff as a fraction of the input rate (half amplitude point)
 */
function decimate(
  input: Int16Array | Float32Array,
  factor: number,
  cutoff: number,
  halfTaps: number,
): Float32Array {
  const taps = new Float32Array(2 * halfTaps + 1);
  let sum = 0;
  for (let i = -halfTaps; i <= halfTaps; i++) {
    const sinc = i === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * i) / (Math.PI * i);
    const tap = sinc * (0.5 + 0.5 * Math.cos((Math.PI * i) / (halfTaps + 1)));
    taps[i + halfTaps] = tap;
    sum += tap;
  }
  const output = new Float32Array(Math.ceil(input.length / factor));
  const padded = new Float32Array((output.length + 3) * factor + 2 * halfTaps);
  padded.set(input, halfTaps);
  // Four outputs side by side, since a sum waits for itself; what is set past the end is dropped.
  for (let i = 0; i < output.length; i += 4) {
    const low = i * factor;
    const high = low + 2 * halfTaps;
    let value0 = 0;
    let value1 = 0;
    let value2 = 0;
    let value3 = 0;
    // The filter is symmetric: add the two samples of each pair of equal taps first.
    for (let j = 0; j < halfTaps; j++) {
      const tap = taps[j]!;
      value0 += tap * (padded[low + j]! + padded[high - j]!);
      value1 += tap * (padded[low + factor + j]! + padded[high + factor - j]!);
      value2 += tap * (padded[low + 2 * factor + j]! + padded[high + 2 * factor - j]!);
      value3 += tap * (padded[low + 3 * factor + j]! + padded[high + 3 * factor - j]!);
    }
    const middle = taps[halfTaps]!;
    const at = low + halfTaps;
    output[i] = (value0 + middle * padded[at]!) / sum;
    output[i + 1] = (value1 + middle * padded[at + factor]!) / sum;
    output[i + 2] = (value2 + middle * padded[at + 2 * factor]!) / sum;
    output[i + 3] = (value3 + middle * padded[at + 3 * factor]!) / sum;
  }
  return output;
}

/** 24 kHz speech as the recogniser sees it. */
type Bands = {
  /** at `FEATURE_RATE_HZ` */
  wide: Float32Array;
  /** at `WAVEFORM_RATE_HZ` */
  narrow: Float32Array;
};

/** Splits 24 kHz PCM16 into the two decimated signals. */
export function toBands(pcm24k: Int16Array): Bands {
  const wide = decimate(pcm24k, 24_000 / FEATURE_RATE_HZ, 3400 / 24_000, 18);
  const narrow = decimate(wide, FEATURE_RATE_HZ / WAVEFORM_RATE_HZ, 800 / FEATURE_RATE_HZ, 20);
  return { wide, narrow };
}

/** Reads `signal` at the positions `start + i * step` (linear interpolation of a 2.5 times oversampled signal, silence outside). */
export function resampleLinear(
  signal: Float32Array,
  start: number,
  step: number,
  length: number,
): Float32Array {
  const output = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const position = start + i * step;
    const index = Math.floor(position);
    if (index < 0 || index + 1 >= signal.length) continue;
    const fraction = position - index;
    output[i] = signal[index]! * (1 - fraction) + signal[index + 1]! * fraction;
  }
  return output;
}

/** Power spectrum of real frames of a fixed power-of-two size, by a radix-2 FFT whose tables are made once. */
export class PowerSpectrum {
  readonly size: number;
  readonly #window: Float64Array;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #reversed: Uint16Array;
  readonly #re: Float64Array;
  readonly #im: Float64Array;

  constructor(size: number) {
    this.size = size;
    const half = size / 2;
    this.#window = Float64Array.from(
      { length: size },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / size),
    );
    this.#cos = Float64Array.from({ length: half }, (_, i) => Math.cos((2 * Math.PI * i) / size));
    this.#sin = Float64Array.from({ length: half }, (_, i) => Math.sin((2 * Math.PI * i) / size));
    const bits = Math.log2(half);
    this.#reversed = Uint16Array.from({ length: half }, (_, i) => {
      let out = 0;
      for (let bit = 0; bit < bits; bit++) out |= ((i >> bit) & 1) << (bits - 1 - bit);
      return out;
    });
    this.#re = new Float64Array(half);
    this.#im = new Float64Array(half);
  }

  /** Power of the Hann-windowed frame that starts at `start`, into `out` (bins 0 to size / 2 - 1); silence past the end. */
  compute(signal: Float32Array, start: number, out: Float32Array): void {
    const half = this.size / 2;
    const re = this.#re;
    const im = this.#im;
    const cos = this.#cos;
    const sin = this.#sin;
    // Even samples as the real part and odd ones as the imaginary part: one complex FFT of half the size.
    for (let i = 0; i < half; i++) {
      const at = start + 2 * i;
      const to = this.#reversed[i]!;
      re[to] = at >= 0 && at < signal.length ? signal[at]! * this.#window[2 * i]! : 0;
      im[to] = at >= -1 && at + 1 < signal.length ? signal[at + 1]! * this.#window[2 * i + 1]! : 0;
    }
    for (let span = 1; span < half; span *= 2) {
      const stride = half / span; // tables step by size / (2 * span)
      for (let block = 0; block < half; block += 2 * span) {
        for (let k = 0; k < span; k++) {
          const c = cos[k * stride]!;
          const s = sin[k * stride]!;
          const a = block + k;
          const b = a + span;
          const xr = re[b]! * c + im[b]! * s;
          const xi = im[b]! * c - re[b]! * s;
          re[b] = re[a]! - xr;
          im[b] = im[a]! - xi;
          re[a] = re[a]! + xr;
          im[a] = im[a]! + xi;
        }
      }
    }
    for (let k = 0; k < half; k++) {
      const mirror = (half - k) % half;
      const evenRe = (re[k]! + re[mirror]!) / 2;
      const evenIm = (im[k]! - im[mirror]!) / 2;
      const oddRe = (im[k]! + im[mirror]!) / 2;
      const oddIm = (re[mirror]! - re[k]!) / 2;
      const xr = evenRe + cos[k]! * oddRe + sin[k]! * oddIm;
      const xi = evenIm + cos[k]! * oddIm - sin[k]! * oddRe;
      out[k] = xr * xr + xi * xi;
    }
  }
}
