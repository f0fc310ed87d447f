import { beforeAll, describe, expect, it } from 'vitest';
import { AudioError, loadResampler, measureLevel } from '../../../audio/index.js';
import { SpeakerDownsampler } from '../../../src/interpreter/route/speaker-downsampler.js';

beforeAll(() => loadResampler());

type Heard = { atMs: number; pcm: Int16Array };

function makeEar() {
  const heard: Heard[] = [];
  const ear = new SpeakerDownsampler((pcm, atMs) => heard.push({ atMs, pcm: pcm.slice() }));
  return { ear, heard, samples: () => heard.flatMap(({ pcm }) => [...pcm]) };
}

/** 10 ms of a 440 Hz tone at meeting time `atMs`, `channelCount` times the same. */
function frameAt(atMs: number, sampleRateHz = 48_000, channelCount = 1, amplitude = 8_000) {
  const count = sampleRateHz / 100;
  const samples = new Int16Array(count * channelCount);
  for (let n = 0; n < count; n++) {
    const seconds = atMs / 1000 + n / sampleRateHz;
    const value = Math.round(amplitude * Math.sin(2 * Math.PI * 440 * seconds));
    samples.fill(value, n * channelCount, (n + 1) * channelCount);
  }
  return { samples, sampleRateHz, channelCount };
}

/** Where a single click comes out, in the meeting's time. */
function clickTimeMs(heard: readonly Heard[]): number {
  let best = { value: 0, atMs: NaN };
  for (const { atMs, pcm } of heard) {
    pcm.forEach((sample, n) => {
      if (Math.abs(sample) > best.value) best = { value: Math.abs(sample), atMs: atMs + n / 24 };
    });
  }
  return best.atMs;
}

describe('ear', () => {
  it('gives 240 samples per 48 kHz frame, every time, at the frame’s time less the filter’s delay', () => {
    const { ear, heard } = makeEar();
    for (let n = 0; n < 100; n++) ear.push(frameAt(n * 10), 5_000 + n * 10);
    expect(heard).toHaveLength(100);
    heard.forEach(({ atMs, pcm }, n) => {
      expect(pcm).toHaveLength(240);
      expect(atMs).toBeCloseTo(5_000 + n * 10 - 64 / 24, 6);
    });
    ear.close();
  });

  it.each([
    [8_000, 1],
    [16_000, 1],
    [16_000, 2],
    [24_000, 1],
    [32_000, 1],
    [44_100, 2],
    [48_000, 1],
    [48_000, 8],
    [96_000, 1],
  ])('hears %i Hz with %i channels at its level and its time', (sampleRateHz, channelCount) => {
    const { ear, heard, samples } = makeEar();
    for (let n = 0; n < 100; n++) ear.push(frameAt(n * 10, sampleRateHz, channelCount), n * 10);
    ear.flush();
    const pcm = Int16Array.from(samples());
    expect(Math.abs(pcm.length / 24 - 1_000)).toBeLessThan(6);
    const { rmsDbfs } = measureLevel(pcm.subarray(2_400, 21_600));
    const own = measureLevel(frameAt(0).samples).rmsDbfs;
    expect(Math.abs(rmsDbfs - own)).toBeLessThan(0.2);

    const click = makeEar();
    for (let n = 0; n < 20; n++) {
      const frame = frameAt(0, sampleRateHz, channelCount, 0);
      if (n === 10) frame.samples.fill(30_000, 0, channelCount);
      click.ear.push(frame, 1_000 + n * 10);
    }
    click.ear.flush();
    expect(Math.abs(clickTimeMs(click.heard) - 1_100)).toBeLessThan(1);
    expect(heard[0]?.atMs).toBeLessThanOrEqual(0);
    ear.close();
    click.ear.close();
  });

  it('keeps its time through a change of rate', () => {
    const { ear, heard } = makeEar();
    const rates = [16_000, 48_000, 16_000, 44_100];
    for (let n = 0; n < 80; n++) {
      const frame = frameAt(0, rates[Math.floor(n / 20)], 1, 0);
      if (n === 70) frame.samples[0] = 30_000;
      ear.push(frame, n * 10);
    }
    ear.flush();
    expect(Math.abs(clickTimeMs(heard) - 700)).toBeLessThan(1);
    ear.close();
  });

  it('takes early and late frames for what they are: no time is lost or won by jitter', () => {
    const { ear, heard } = makeEar();
    for (let n = 0; n < 200; n++) ear.push(frameAt(n * 10), n * 10 + [0, 12, -9, 25, -28][n % 5]!);
    for (let n = 1; n < heard.length; n++) expect(heard[n]!.atMs - heard[n - 1]!.atMs).toBeCloseTo(10, 6);
    ear.close();
  });

  it('moves its time, and nothing else, when frames stay off by more than jitter', () => {
    const { ear, heard } = makeEar();
    for (let n = 0; n < 20; n++) ear.push(frameAt(n * 10), n * 10 + (n < 10 ? 0 : 60));
    expect(heard.every(({ pcm }) => pcm.length === 240)).toBe(true);
    expect(heard[9]!.atMs).toBeCloseTo(90 - 64 / 24, 6);
    expect(heard[10]!.atMs).toBeCloseTo(160 - 64 / 24, 6);
    ear.close();
  });

  it('ends a stretch at a hole: its tail comes out before it, and what follows is on time', () => {
    const { ear, heard } = makeEar();
    for (let n = 0; n < 10; n++) ear.push(frameAt(n * 10), n * 10);
    ear.push(frameAt(2_100), 2_100);
    expect(heard).toHaveLength(12);
    expect(heard[10]!.atMs + heard[10]!.pcm.length / 24).toBeCloseTo(100, 1);
    expect(heard[11]!.atMs).toBeCloseTo(2_100 - 64 / 24, 6);
    ear.close();
  });

  it('flushes once, and nothing before the first frame', () => {
    const { ear, heard } = makeEar();
    ear.flush();
    expect(heard).toEqual([]);
    ear.push(frameAt(0), 0);
    ear.flush();
    const count = heard.length;
    ear.flush();
    expect(heard).toHaveLength(count);
    ear.close();
  });

  it.each([
    { samples: new Int16Array(480), sampleRateHz: 11_025, channelCount: 1 },
    { samples: new Int16Array(480), sampleRateHz: 0, channelCount: 1 },
    { samples: new Int16Array(480), sampleRateHz: NaN, channelCount: 1 },
    { samples: new Int16Array(480), sampleRateHz: 48_000, channelCount: 0 },
    { samples: new Int16Array(480), sampleRateHz: 48_000, channelCount: 9 },
    { samples: new Int16Array(481), sampleRateHz: 48_000, channelCount: 2 },
  ])('refuses $sampleRateHz Hz with $channelCount channels, and hears the next frame on time', (frame) => {
    for (const before of [0, 3]) {
      const { ear, heard } = makeEar();
      for (let n = 0; n < before; n++) ear.push(frameAt(n * 10), n * 10);
      expect(() => {
        ear.push(frame, before * 10);
      }).toThrow(AudioError);
      ear.push(frameAt(0), 5_000);
      expect(heard.at(-1)!.atMs).toBeCloseTo(5_000 - 64 / 24, 6);
      ear.close();
    }
  });

  it('takes an empty frame for nothing', () => {
    const { ear, heard } = makeEar();
    ear.push({ samples: new Int16Array(0), sampleRateHz: 48_000, channelCount: 1 }, 0);
    ear.push(frameAt(0), 0);
    expect(heard.map(({ pcm }) => pcm.length)).toEqual([240]);
    ear.close();
  });
});
