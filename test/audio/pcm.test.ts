import { describe, expect, it } from 'vitest';
import {
  AudioError,
  downmixToMono,
  float32ToInt16,
  int16ToFloat32,
  measureLevel,
} from '../../audio/index.js';
import { amplitudeOf, noise, tone } from './signals.js';

describe('downmixToMono', () => {
  it('averages stereo, rounded to nearest with halves up', () => {
    const stereo = Int16Array.of(0, 1, 0, -1, 3, 4, -3, -4, 32767, 32767, -32768, -32768, 32767, -32768);
    expect([...downmixToMono(stereo, 2)]).toEqual([1, 0, 4, -3, 32767, -32768, 0]);
  });

  it('averages any number of channels the same way', () => {
    for (let channelCount = 1; channelCount <= 8; channelCount++) {
      const samples = noise(channelCount * 100, 0, channelCount);
      const expected = Array.from({ length: 100 }, (_, i) => {
        const frame = samples.subarray(i * channelCount, (i + 1) * channelCount);
        return Math.floor(frame.reduce((sum, sample) => sum + sample, 0) / channelCount + 0.5);
      });
      expect([...downmixToMono(samples, channelCount)]).toEqual(expected);
    }
  });

  it('leaves mono alone, and copies it where a place is given', () => {
    const mono = noise(50, -3, 1);
    expect(downmixToMono(mono, 1)).toBe(mono);
    const out = new Int16Array(60);
    const copied = downmixToMono(mono, 1, out);
    expect(copied.buffer).toBe(out.buffer);
    expect([...copied]).toEqual([...mono]);
  });

  it('writes where it is told, and refuses too little room', () => {
    const out = new Int16Array(3);
    expect(downmixToMono(Int16Array.of(1, 3, 5, 7, 9, 11), 2, out)).toBe(out);
    expect([...out]).toEqual([2, 6, 10]);
    expect(() => downmixToMono(new Int16Array(8), 2, out)).toThrow('downmix needs room for 4 samples, got 3');
  });

  it.each([
    [7, 2, '7 samples do not make whole frames of 2 channels'],
    [6, 0, 'channel count must be 1 to 8, got 0'],
    [6, -1, 'channel count must be 1 to 8, got -1'],
    [18, 9, 'channel count must be 1 to 8, got 9'],
    [6, NaN, 'channel count must be 1 to 8, got NaN'],
    [6, 1.5, 'channel count must be 1 to 8, got 1.5'],
  ])('refuses %d samples of %d channels', (length, channelCount, message) => {
    expect(() => downmixToMono(new Int16Array(length), channelCount)).toThrow(message);
    expect(() => downmixToMono(new Int16Array(length), channelCount)).toThrow(AudioError);
  });
});

describe('int16 and float32', () => {
  it('go there and back without loss, for every value', () => {
    const all = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
    const floats = int16ToFloat32(all);
    expect([floats[0], floats[32_768], floats[65_535]]).toEqual([-1, 0, 32_767 / 32_768]);
    expect(float32ToInt16(floats)).toEqual(all);
  });

  it('round to nearest, clip what is out of range, and make silence of NaN', () => {
    const floats = Float32Array.of(
      0.4 / 32768,
      0.6 / 32768,
      -0.6 / 32768,
      1,
      1.5,
      -1,
      -7,
      Infinity,
      -Infinity,
      NaN,
    );
    expect([...float32ToInt16(floats)]).toEqual([0, 1, -1, 32767, 32767, -32768, -32768, 32767, -32768, 0]);
  });

  it('write where they are told', () => {
    const floats = new Float32Array(2);
    expect(int16ToFloat32(Int16Array.of(16384, -16384), floats)).toBe(floats);
    const samples = new Int16Array(2);
    expect(float32ToInt16(floats, samples)).toBe(samples);
    expect([...samples]).toEqual([16384, -16384]);
  });
});

describe('measureLevel', () => {
  it('gives a full-scale sine a peak of 0 dBFS and an RMS of -3.01', () => {
    const { peakDbfs, rmsDbfs } = measureLevel(tone(1000, -0.0003, 48_000, 48_000));
    expect(peakDbfs).toBeCloseTo(0, 2);
    expect(rmsDbfs).toBeCloseTo(-3.01, 2);
  });

  it('gives a full-scale square 0 and 0', () => {
    const square = Int16Array.from({ length: 100 }, () => -32_768);
    expect(measureLevel(square)).toEqual({ rmsDbfs: 0, peakDbfs: 0 });
  });

  it('follows the level', () => {
    const { peakDbfs, rmsDbfs } = measureLevel(tone(997, -20, 48_000, 48_000));
    expect(peakDbfs).toBeCloseTo(-20, 2);
    expect(rmsDbfs).toBeCloseTo(-23.01, 2);
    const burst = new Int16Array(1000);
    burst[500] = Math.round(amplitudeOf(-6));
    expect(measureLevel(burst).peakDbfs).toBeCloseTo(-6, 2);
    expect(measureLevel(burst).rmsDbfs).toBeCloseTo(-36, 2);
  });

  it('calls silence, and nothing at all, -Infinity', () => {
    const silence = { rmsDbfs: -Infinity, peakDbfs: -Infinity };
    expect(measureLevel(new Int16Array(480))).toEqual(silence);
    expect(measureLevel(new Int16Array(0))).toEqual(silence);
  });
});
