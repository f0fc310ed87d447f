import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stretch } from '../../../../src/embedded/realtime-server/responses/time-stretch.js';
import { babble, silence, tone } from '../harness.js';

function rms(pcm: Int16Array): number {
  return Math.sqrt(pcm.reduce((sum, value) => sum + value * value, 0) / pcm.length);
}

function crossings(pcm: Int16Array): number {
  let count = 0;
  for (let index = 1; index < pcm.length; index++) if (pcm[index - 1]! < 0 && pcm[index]! >= 0) count++;
  return count;
}

describe('stretch', () => {
  it.each([0.25, 0.8, 1.2, 1.5])('keeps pitch and level of a tone at speed %f', (speed) => {
    const slow = tone(2_000, 300, 8_000);
    const out = stretch(slow, speed);
    expect(out).toHaveLength(Math.round(slow.length / speed));
    const middle = out.subarray(2_400, out.length - 2_400);
    const hz = crossings(middle) / (middle.length / 24_000);
    expect(Math.abs(hz - 300)).toBeLessThan(3);
    expect(Math.abs(20 * Math.log10(rms(middle) / rms(slow)))).toBeLessThan(0.5);
  });

  it.each([0.8, 1.2, 1.5])('keeps the syllables of speech in their places at speed %f', (speed) => {
    const speech = babble(2_200);
    const out = stretch(speech, speed);
    for (let syllable = 0; syllable < 9; syllable++) {
      const at = (ms: number): number => Math.round(((syllable * 220 + ms) * 24) / speed);
      const loud = rms(out.subarray(at(40), at(140)));
      const dip = rms(out.subarray(at(193), at(207)));
      expect(loud / dip).toBeGreaterThan(2);
    }
  });

  it('leaves speech at its own pace, and what is shorter than a piece, as they are', () => {
    const speech = babble(300);
    expect(stretch(speech, 1)).toBe(speech);
    const click = tone(10, 300, 8_000);
    expect(stretch(click, 1.2)).toBe(click);
  });

  it('makes silence of silence, and the right length of anything (property)', () => {
    expect(stretch(silence(500), 1.2).every((sample) => sample === 0)).toBe(true);
    const samples = fc.int16Array({ minLength: 0, maxLength: 3_000 });
    fc.assert(
      fc.property(samples, fc.double({ min: 0.25, max: 1.5, noNaN: true }), (pcm, speed) => {
        const before = Int16Array.from(pcm);
        const out = stretch(pcm, speed);
        expect(pcm).toEqual(before);
        if (out !== pcm) expect(out).toHaveLength(Math.round(pcm.length / speed));
      }),
      { seed: 5, numRuns: 50 },
    );
  });

  it('costs little: a minute of speech in well under a second', () => {
    const minute = babble(60_000);
    const before = process.cpuUsage();
    stretch(minute, 1.2);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_500);
  });
});
