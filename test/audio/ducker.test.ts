import { describe, expect, it } from 'vitest';
import { Ducker } from '../../audio/index.js';

const FULL = 10_000;
/** `ms` of a constant, through the ducker in frames of 10 ms. */
function through(ducker: Ducker, ms: number): number[] {
  const out: number[] = [];
  for (let at = 0; at < ms; at += 10) {
    const frame = new Int16Array(480).fill(FULL);
    ducker.process(frame);
    out.push(...frame);
  }
  return out;
}
const largestStep = (samples: readonly number[]) =>
  samples.reduce((step, sample, n) => Math.max(step, Math.abs(sample - (samples[n - 1] ?? sample))), 0);

describe('ducker', () => {
  it('leaves audio as it is until it is told to duck', () => {
    expect(new Set(through(new Ducker(), 50))).toEqual(new Set([FULL]));
  });

  it('is 15 dB down after 10 ms and back at full level after 150 ms, without a step', () => {
    const ducker = new Ducker();
    ducker.duck(true);
    const down = through(ducker, 20);
    expect(20 * Math.log10(down[480]! / FULL)).toBeCloseTo(-15, 1);
    expect(down.at(-1)).toBe(down[480]);
    ducker.duck(false);
    const up = through(ducker, 160);
    expect(up[140 * 48]).toBeLessThan(FULL);
    expect(up[150 * 48]).toBe(FULL);
    expect(largestStep([...down, ...up])).toBeLessThan(25); // of 10,000
  });

  it('turns round on its way', () => {
    const ducker = new Ducker({ attackMs: 20 });
    ducker.duck(true);
    const down = through(ducker, 10);
    expect(ducker.ducked).toBe(true);
    ducker.duck(false);
    expect(ducker.ducked).toBe(false);
    const up = through(ducker, 100);
    expect(up[0]).toBeGreaterThanOrEqual(down.at(-1)!);
    expect(up.at(-1)).toBe(FULL);
  });

  it('begins something else at full level', () => {
    const ducker = new Ducker();
    ducker.duck(true);
    through(ducker, 20);
    ducker.reset();
    expect(through(ducker, 10)[0]).toBe(FULL);
  });
});
