/**
 * Fourier transform of real blocks of a fixed size. The half-size complex transform is radix 4 in place; all tables are
 * made once. Spectra are two arrays of size / 2 + 1 bins, real and imaginary parts.
 */
export class RealFft {
  readonly size: number;
  /** size / 2 + 1: from 0 Hz to half the sample rate. */
  readonly binCount: number;
  readonly #half: number;
  readonly #re: Float64Array;
  readonly #im: Float64Array;
  /** Where each input of the complex transform goes: its index with its base-4 digits reversed. */
  readonly #order: Uint16Array;
  /** cos and sin of 2 pi i / half, for the butterflies. */
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  /** cos and sin of 2 pi i / size, between the complex and the real transform. */
  readonly #halfCos: Float64Array;
  readonly #halfSin: Float64Array;

  /** @param size twice a power of 4: 32, 128, 512, 2048 */
  constructor(size: number) {
    const half = size / 2;
    const digits = Math.log2(half) / 2;
    this.size = size;
    this.binCount = half + 1;
    this.#half = half;
    this.#re = new Float64Array(half);
    this.#im = new Float64Array(half);
    this.#order = Uint16Array.from({ length: half }, (_, index) => {
      let reversed = 0;
      for (let digit = 0; digit < digits; digit++) reversed = (reversed << 2) | ((index >> (2 * digit)) & 3);
      return reversed;
    });
    const turn = (index: number, of: number): number => (2 * Math.PI * index) / of;
    this.#cos = Float64Array.from({ length: half }, (_, i) => Math.cos(turn(i, half)));
    this.#sin = Float64Array.from({ length: half }, (_, i) => Math.sin(turn(i, half)));
    this.#halfCos = Float64Array.from({ length: half }, (_, i) => Math.cos(turn(i, size)));
    this.#halfSin = Float64Array.from({ length: half }, (_, i) => Math.sin(turn(i, size)));
  }

  /** Spectrum of `size` samples, not scaled. */
  forward(samples: Float32Array, outRe: Float32Array, outIm: Float32Array): void {
    const re = this.#re;
    const im = this.#im;
    const half = this.#half;
    // Even samples as the real part and odd ones as the imaginary part: one complex transform of half the size.
    for (let i = 0; i < half; i++) {
      const to = this.#order[i]!;
      re[to] = samples[2 * i]!;
      im[to] = samples[2 * i + 1]!;
    }
    this.#transform();
    outRe[0] = re[0]! + im[0]!;
    outIm[0] = 0;
    outRe[half] = re[0]! - im[0]!;
    outIm[half] = 0;
    for (let k = 1, mirror = half - 1; k <= mirror; k++, mirror--) {
      const evenRe = (re[k]! + re[mirror]!) / 2;
      const evenIm = (im[k]! - im[mirror]!) / 2;
      const oddRe = (im[k]! + im[mirror]!) / 2;
      const oddIm = (re[mirror]! - re[k]!) / 2;
      const c = this.#halfCos[k]!;
      const s = this.#halfSin[k]!;
      const turnedRe = c * oddRe + s * oddIm;
      const turnedIm = c * oddIm - s * oddRe;
      outRe[k] = evenRe + turnedRe;
      outIm[k] = evenIm + turnedIm;
      outRe[mirror] = evenRe - turnedRe;
      outIm[mirror] = turnedIm - evenIm;
    }
  }

  /** The `size` samples of a spectrum: the inverse of {@link forward}. */
  inverse(inRe: Float32Array, inIm: Float32Array, samples: Float32Array): void {
    const re = this.#re;
    const im = this.#im;
    const half = this.#half;
    // Conjugated in and out, the forward transform is the inverse one.
    for (let k = 0; k < half; k++) {
      const mirror = half - k;
      const evenRe = inRe[k]! + inRe[mirror]!;
      const evenIm = inIm[k]! - inIm[mirror]!;
      const differenceRe = inRe[k]! - inRe[mirror]!;
      const differenceIm = inIm[k]! + inIm[mirror]!;
      const c = this.#halfCos[k]!;
      const s = this.#halfSin[k]!;
      const oddRe = c * differenceRe - s * differenceIm;
      const oddIm = c * differenceIm + s * differenceRe;
      const to = this.#order[k]!;
      re[to] = evenRe - oddIm;
      im[to] = -(evenIm + oddRe);
    }
    this.#transform();
    const scale = 1 / (2 * half);
    for (let i = 0; i < half; i++) {
      samples[2 * i] = re[i]! * scale;
      samples[2 * i + 1] = -im[i]! * scale;
    }
  }

  #transform(): void {
    const re = this.#re;
    const im = this.#im;
    const half = this.#half;
    const cos = this.#cos;
    const sin = this.#sin;
    for (let span = 1; span < half; span *= 4) {
      const step = half / (4 * span);
      for (let k = 0; k < span; k++) {
        const c1 = cos[k * step]!;
        const s1 = sin[k * step]!;
        const c2 = cos[2 * k * step]!;
        const s2 = sin[2 * k * step]!;
        const c3 = cos[3 * k * step]!;
        const s3 = sin[3 * k * step]!;
        for (let a = k; a < half; a += 4 * span) {
          const b = a + span;
          const c = b + span;
          const d = c + span;
          const bRe = re[b]! * c1 + im[b]! * s1;
          const bIm = im[b]! * c1 - re[b]! * s1;
          const cRe = re[c]! * c2 + im[c]! * s2;
          const cIm = im[c]! * c2 - re[c]! * s2;
          const dRe = re[d]! * c3 + im[d]! * s3;
          const dIm = im[d]! * c3 - re[d]! * s3;
          const sumAcRe = re[a]! + cRe;
          const sumAcIm = im[a]! + cIm;
          const differenceAcRe = re[a]! - cRe;
          const differenceAcIm = im[a]! - cIm;
          const sumBdRe = bRe + dRe;
          const sumBdIm = bIm + dIm;
          const differenceBdRe = bRe - dRe;
          const differenceBdIm = bIm - dIm;
          re[a] = sumAcRe + sumBdRe;
          im[a] = sumAcIm + sumBdIm;
          re[b] = differenceAcRe + differenceBdIm;
          im[b] = differenceAcIm - differenceBdRe;
          re[c] = sumAcRe - sumBdRe;
          im[c] = sumAcIm - sumBdIm;
          re[d] = differenceAcRe - differenceBdIm;
          im[d] = differenceAcIm + differenceBdRe;
        }
      }
    }
  }
}
