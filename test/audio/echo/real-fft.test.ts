import { describe, expect, it } from 'vitest';
import { RealFft } from '../../../audio/echo/real-fft.js';
import { seededRandom } from '../../../src/seeded-random.js';

const randomBlock = (size: number, seed: number): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: size }, () => random() * 2 - 1);
};

describe.each([32, 128, 512, 2048])('RealFft of %i samples', (size) => {
  const fft = new RealFft(size);
  const re = new Float32Array(fft.binCount);
  const im = new Float32Array(fft.binCount);

  it('is the discrete Fourier transform', () => {
    const samples = randomBlock(size, size);
    fft.forward(samples, re, im);
    for (let k = 0; k < fft.binCount; k += Math.max(1, size >> 6)) {
      let sumRe = 0;
      let sumIm = 0;
      for (const [n, sample] of samples.entries()) {
        sumRe += sample * Math.cos((2 * Math.PI * k * n) / size);
        sumIm -= sample * Math.sin((2 * Math.PI * k * n) / size);
      }
      expect(re[k]).toBeCloseTo(sumRe, 3);
      expect(im[k]).toBeCloseTo(sumIm, 3);
    }
  });

  it('comes back by its inverse', () => {
    const samples = randomBlock(size, size + 1);
    const back = new Float32Array(size);
    fft.forward(samples, re, im);
    fft.inverse(re, im, back);
    for (const [n, sample] of samples.entries()) expect(back[n]).toBeCloseTo(sample, 5);
  });
});
