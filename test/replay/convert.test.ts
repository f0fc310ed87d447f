import { describe, expect, it } from 'vitest';
import { CONVERT_RATES_HZ } from '../../src/replay/convert.js';
import { RecordedFrames } from '../../src/replay/recording/recorded-frames.js';
import { convertAudio } from './convert-audio.js';

function sine(frequencyHz: number, sampleRateHz: number, sampleCount: number): Int16Array {
  const samples = new Int16Array(sampleCount);
  for (let frame = 0; frame < sampleCount; frame++) {
    const value = Math.round(20_000 * Math.sin((2 * Math.PI * frequencyHz * frame) / sampleRateHz));
    samples[frame] = value;
  }
  return samples;
}

describe('convertAudio', () => {
  it.each([8000, 16_000, 24_000, 32_000, 44_100, 48_000, 96_000])(
    'keeps length and timing from %d Hz to every rate',
    async (sampleRateHz) => {
      const sampleCount = Math.round(sampleRateHz * 0.7123);
      for (const rateHz of CONVERT_RATES_HZ) {
        const samples = sine(440, sampleRateHz, sampleCount);
        const out = await convertAudio({ samples, sampleRateHz }, rateHz);
        expect(out.length).toBe(Math.round((sampleCount * rateHz) / sampleRateHz));
        const ideal = sine(440, rateHz, out.length);
        const edge = Math.round(rateHz * 0.02);
        let error = 0;
        for (let index = edge; index < out.length - edge; index++)
          error += (out[index]! - ideal[index]!) ** 2;
        const errorDb = 10 * Math.log10(error / (out.length - 2 * edge) / (20_000 ** 2 / 2));
        expect(errorDb).toBeLessThan(-55); // a shift of one sample at 48 kHz is -25 dB
      }
    },
  );

  it('makes nothing of nothing', async () => {
    const audio = { samples: new Int16Array(0), sampleRateHz: 48_000 };
    expect(await convertAudio(audio, 16_000)).toHaveLength(0);
  });

  it('refuses a rate that the live path does not take', async () => {
    const audio = { samples: new Int16Array(100), sampleRateHz: 12_345 };
    await expect(convertAudio(audio, 16_000)).rejects.toMatchObject({ code: 'bad_rate' });
  });
});

describe('RecordedFrames', () => {
  /** A recording of two voices that is read in blocks of these lengths. */
  async function framesOf(sampleRateHz: number, voices: readonly Int16Array[], blocks: readonly number[]) {
    const lengths = [...blocks];
    let at = 0;
    const read = () => {
      const length = lengths.shift();
      if (length === undefined) return Promise.resolve(undefined);
      at += length;
      return Promise.resolve(voices.map((samples) => samples.subarray(at - length, at)));
    };
    const frames = await RecordedFrames.of({ sampleRateHz, voiceCount: voices.length, read });
    const all: number[][] = voices.map(() => []);
    for (let next = await frames.next(); next !== undefined; next = await frames.next()) {
      next.forEach((frame, voice) => {
        expect(frame).toHaveLength(480);
        all[voice]!.push(...frame);
      });
    }
    frames.close();
    return all;
  }

  it('are whole frames of every voice, the last filled up with silence', async () => {
    const voices = [sine(440, 48_000, 1000), sine(880, 48_000, 1000)];
    const all = await framesOf(48_000, voices, [7, 480, 13, 500]);
    voices.forEach((samples, voice) => {
      expect(all[voice]).toHaveLength(1440);
      expect(all[voice]!.slice(0, 1000)).toEqual([...samples]);
      expect(all[voice]!.slice(1000).every((sample) => sample === 0)).toBe(true);
    });
  });

  it('are the same however the recording is read', async () => {
    const voices = [sine(440, 44_100, 4410)];
    const [whole] = await framesOf(44_100, voices, [4410]);
    const [pieces] = await framesOf(44_100, voices, [1, 1000, 2, 3407]);
    expect(pieces).toEqual(whole);
    expect(whole!.length).toBe(4800);
  });
});
