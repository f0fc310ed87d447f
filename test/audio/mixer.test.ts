import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AudioError, mix } from '../../audio/index.js';
import { expectSameSamples, noise } from './signals.js';

describe('mix', () => {
  it('passes a single stream bit-exact, full scale included', () => {
    const input = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
    const out = new Int16Array(65_536).fill(99);
    expect(mix([input], out)).toBe(0);
    expectSameSamples(out, input);
  });

  it('is silence without streams', () => {
    const out = Int16Array.of(1, 2, 3);
    expect(mix([], out)).toBe(0);
    expect([...out]).toEqual([0, 0, 0]);
  });

  it('adds, and saturates instead of wrapping around', () => {
    const out = new Int16Array(5);
    const limited = mix(
      [Int16Array.of(1, 30_000, -30_000, 32_767, -32_768), Int16Array.of(2, 2767, -2768, 1, -1)],
      out,
    );
    expect([...out]).toEqual([3, 32_767, -32_768, 32_767, -32_768]);
    expect(limited).toBe(2);
  });

  it('is the exact sum, limited once, for any number of streams', () => {
    const streams = fc.array(fc.int16Array({ minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(streams, (inputs) => {
        const out = new Int16Array(8);
        const limited = mix(inputs, out);
        const sums = Array.from({ length: 8 }, (_, i) => inputs.reduce((sum, input) => sum + input[i]!, 0));
        expect([...out]).toEqual(sums.map((sum) => Math.max(-32_768, Math.min(32_767, sum))));
        expect(limited).toBe(sums.filter((sum) => sum > 32_767 || sum < -32_768).length);
      }),
      { seed: 20261120, numRuns: 200 },
    );
  });

  it('mixes into one of its own inputs', () => {
    const one = noise(480, -12, 1);
    const other = noise(480, -12, 2);
    const expected = new Int16Array(480);
    mix([one, other], expected);
    mix([one, other], one);
    expectSameSamples(one, expected);
  });

  it('refuses streams of another length', () => {
    const attempt = () => mix([new Int16Array(480), new Int16Array(240)], new Int16Array(480));
    expect(attempt).toThrow(AudioError);
    expect(attempt).toThrow('cannot mix 240 samples into 480');
  });
});
