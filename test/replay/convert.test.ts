import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../src/errors.js';
import { CONVERT_RATES_HZ, convertAudio } from '../../src/replay/convert.js';
import { framesOf } from '../../src/replay/recording/file-frames.js';

function sine(frequencyHz: number, sampleRateHz: number, sampleCount: number, channelCount = 1): Int16Array {
  const samples = new Int16Array(sampleCount * channelCount);
  for (let frame = 0; frame < sampleCount; frame++) {
    const value = Math.round(20_000 * Math.sin((2 * Math.PI * frequencyHz * frame) / sampleRateHz));
    samples.fill(value, frame * channelCount, (frame + 1) * channelCount);
  }
  return samples;
}

describe('convertAudio', () => {
  it.each([8000, 16_000, 24_000, 32_000, 44_100, 48_000, 96_000])(
    'keeps length and timing from %d Hz to every rate',
    async (sampleRateHz) => {
      const sampleCount = Math.round(sampleRateHz * 0.7123);
      for (const rateHz of CONVERT_RATES_HZ) {
        const samples = sine(440, sampleRateHz, sampleCount, 2);
        const out = await convertAudio({ samples, sampleRateHz, channelCount: 2 }, rateHz);
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
    const audio = { samples: new Int16Array(0), sampleRateHz: 48_000, channelCount: 1 };
    expect(await convertAudio(audio, 16_000)).toHaveLength(0);
  });

  it('refuses a rate that the live path does not take', async () => {
    const audio = { samples: new Int16Array(100), sampleRateHz: 12_345, channelCount: 1 };
    await expect(convertAudio(audio, 16_000)).rejects.toThrow(ParleyError);
    await expect(convertAudio(audio, 16_000)).rejects.toMatchObject({ code: 'input_unusable' });
  });
});

describe('framesOf', () => {
  it('gives whole frames, the last filled up with silence', async () => {
    const audio = { samples: sine(440, 48_000, 1000), sampleRateHz: 48_000, channelCount: 1 };
    const frames = await framesOf(audio, { pad: true });
    const all: number[] = [];
    for (let frame = frames.next(); frame.done !== true; frame = frames.next()) {
      expect(frame.value).toHaveLength(480);
      all.push(...frame.value);
    }
    expect(all).toHaveLength(1440);
    expect(all.slice(0, 1000)).toEqual([...audio.samples]);
    expect(all.slice(1000).every((sample) => sample === 0)).toBe(true);
  });
});
