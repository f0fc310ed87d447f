/** Test signals and measurements. Levels are amplitudes of int16 samples, or dB relative to 32768. */
import { expect } from 'vitest';
import { seededRandom } from '../../src/seeded-random.js';

export const dB = (ratio: number): number => 20 * Math.log10(ratio);

/** Amplitude of a level in dBFS. */
export const amplitudeOf = (dbfs: number): number => 32768 * 10 ** (dbfs / 20);

export type Tone = { frequencyHz: number; dbfs: number; phase?: number };

/** Sum of tones, rounded to int16. `startSeconds` is the time of sample 0. */
export function tones(
  list: readonly Tone[],
  sampleRateHz: number,
  sampleCount: number,
  startSeconds = 0,
): Int16Array {
  return Int16Array.from({ length: sampleCount }, (_, i) => {
    const t = startSeconds + i / sampleRateHz;
    let sum = 0;
    for (const { frequencyHz, dbfs, phase = 0 } of list) {
      sum += amplitudeOf(dbfs) * Math.sin(2 * Math.PI * frequencyHz * t + phase);
    }
    return Math.round(sum);
  });
}

export const tone = (
  frequencyHz: number,
  dbfs: number,
  sampleRateHz: number,
  sampleCount: number,
): Int16Array => tones([{ frequencyHz, dbfs }], sampleRateHz, sampleCount);

export function noise(sampleCount: number, dbfs: number, seed: number): Int16Array {
  const random = seededRandom(seed);
  const amplitude = amplitudeOf(dbfs);
  return Int16Array.from({ length: sampleCount }, () => Math.round((random() * 2 - 1) * amplitude));
}

export type Fit = {
  amplitude: number;
  /** Radians, of a sine that starts at sample 0. */
  phase: number;
  /** Root mean square and largest absolute value of what the fit leaves. */
  residualRms: number;
  residualPeak: number;
};

/** Least-squares fit of a sine of known frequency plus a constant. Over many samples, so the three are near orthogonal. */
export function fitSine(samples: ArrayLike<number>, frequencyHz: number, sampleRateHz: number): Fit {
  const omega = (2 * Math.PI * frequencyHz) / sampleRateHz;
  // Normal equations of [sin, cos, 1], solved by elimination. The oscillator turns step by step: errors stay near 1e-11.
  const [stepCos, stepSin] = [Math.cos(omega), Math.sin(omega)];
  const n = samples.length;
  let [ss, sc, cc, s1, c1, sx, cx, x1] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0, sin = 0, cos = 1; i < n; i++) {
    const x = samples[i]!;
    ss += sin * sin;
    sc += sin * cos;
    cc += cos * cos;
    s1 += sin;
    c1 += cos;
    sx += sin * x;
    cx += cos * x;
    x1 += x;
    [sin, cos] = [sin * stepCos + cos * stepSin, cos * stepCos - sin * stepSin];
  }
  const rows = [
    [ss, sc, s1, sx],
    [sc, cc, c1, cx],
    [s1, c1, n, x1],
  ];
  for (let pivot = 0; pivot < 3; pivot++) {
    for (let r = 0; r < 3; r++) {
      if (r === pivot) continue;
      const factor = rows[r]![pivot]! / rows[pivot]![pivot]!;
      for (let c = 0; c < 4; c++) rows[r]![c]! -= factor * rows[pivot]![c]!;
    }
  }
  const [a, b, constant] = rows.map((row, i) => row[3]! / row[i]!) as [number, number, number];
  let energy = 0;
  let peak = 0;
  for (let i = 0, sin = 0, cos = 1; i < n; i++) {
    const rest = samples[i]! - (a * sin + b * cos + constant);
    [sin, cos] = [sin * stepCos + cos * stepSin, cos * stepCos - sin * stepSin];
    energy += rest * rest;
    peak = Math.max(peak, Math.abs(rest));
  }
  return {
    amplitude: Math.hypot(a, b),
    phase: Math.atan2(b, a),
    residualRms: Math.sqrt(energy / samples.length),
    residualPeak: peak,
  };
}

export function concat(parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Equality of two signals with a short message: a diff of a hundred thousand samples helps nobody. */
export function expectSameSamples(actual: Int16Array, expected: Int16Array): void {
  expect(actual.length).toBe(expected.length);
  const at = actual.findIndex((sample, i) => sample !== expected[i]);
  expect(at === -1 ? 'same' : `differs at ${at}: ${actual[at]!} instead of ${expected[at]!}`).toBe('same');
}
