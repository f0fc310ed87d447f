import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  InputAdapter,
  loadResampler,
  loadSpeechDetector,
  measureLevel,
  readWav,
  SpeechDetector,
  StreamingResampler,
  type SpeechChange,
  type SpeechDetectorOptions,
} from '../../audio/index.js';
import { concat } from './signals.js';

beforeAll(async () => {
  await loadResampler();
  await loadSpeechDetector();
});

const fixture = (name: string) => readWav(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url)));

/** A recording as the live path takes it: 10 ms frames to 48 kHz mono. */
function at48k(name: string): Int16Array {
  const { samples, sampleRateHz, channelCount } = fixture(name);
  const adapter = new InputAdapter();
  const parts: Int16Array[] = [];
  const frameSamples = (sampleRateHz / 100) * channelCount;
  for (let start = 0; start < samples.length; start += frameSamples) {
    const frame = samples.subarray(start, start + frameSamples);
    parts.push(adapter.process({ samples: frame, sampleRateHz, channelCount }).slice());
  }
  parts.push(adapter.flush().slice());
  adapter.close();
  return concat(parts);
}

function at24k(name: string): Int16Array {
  const resampler = new StreamingResampler(48_000, 24_000);
  const samples = resampler.process(at48k(name)).slice();
  resampler.close();
  return samples;
}

function detect(
  samples: Int16Array,
  sampleRateHz: 16_000 | 24_000 | 48_000,
  options: SpeechDetectorOptions,
): SpeechChange[] {
  const detector = new SpeechDetector(sampleRateHz, options);
  const changes: SpeechChange[] = [];
  detector.push(samples, (change) => changes.push(change));
  detector.close();
  return changes;
}

/** Where these clean recordings hold anything at all: stretches of loud 10 ms frames, pauses up to `bridgeMs` bridged. */
function loudStretches(samples48k: Int16Array, bridgeMs: number): { startMs: number; endMs: number }[] {
  const stretches: { startMs: number; endMs: number }[] = [];
  for (let start = 0; start < samples48k.length; start += 480) {
    if (measureLevel(samples48k.subarray(start, start + 480)).peakDbfs < -50) continue;
    const startMs = start / 48;
    const last = stretches.at(-1);
    if (last !== undefined && startMs - last.endMs <= bridgeMs) last.endMs = startMs + 10;
    else stretches.push({ startMs, endMs: startMs + 10 });
  }
  return stretches;
}

describe.each([
  ['es-where-is-the-station.wav', 3],
  ['en-the-meeting-starts.wav', 1],
  ['de-question-about-the-budget.wav', 1],
  ['fr-send-the-report.wav', 1],
  ['es-two-phrases-pause.wav', 2],
  ['es-monologue.wav', 6],
  ['es-where-is-the-station-44100-stereo-24bit.wav', 1],
  ['es-where-is-the-station-16000-8bit.wav', 1],
  ['es-where-is-the-station-8000-mulaw.wav', 1],
])('%s', (name, phrases) => {
  it.each([48_000, 24_000, 16_000] as const)(
    `is heard as ${phrases} stretches of speech at %d Hz`,
    (rate) => {
      const samples48k = at48k(name);
      const expected = loudStretches(samples48k, 400);
      expect(expected.length).toBe(phrases);
      const resampler = new StreamingResampler(48_000, rate);
      const heard = detect(resampler.process(samples48k), rate, { hangoverMs: 400 });
      const delayMs = resampler.delayMs;
      resampler.close();
      expect(heard.map(({ kind }) => kind)).toEqual(expected.flatMap(() => ['started', 'stopped']));
      for (const [index, { startMs, endMs }] of expected.entries()) {
        expect(Math.abs(heard[index * 2]!.atMs - delayMs - startMs)).toBeLessThanOrEqual(40);
        const lateMs = heard[index * 2 + 1]!.atMs - delayMs - endMs;
        expect(lateMs).toBeGreaterThanOrEqual(-40);
        expect(lateMs).toBeLessThanOrEqual(130);
      }
    },
  );
});

it('hears nothing in silence.wav', () => {
  expect(detect(at48k('silence.wav'), 48_000, {})).toEqual([]);
  expect(detect(at24k('silence.wav'), 24_000, {})).toEqual([]);
});

it('hears no speech in noise.wav when it is asked to be careful', () => {
  expect(detect(at48k('noise.wav'), 48_000, { aggressiveness: 3, onsetMs: 100 })).toEqual([]);
  expect(detect(at24k('noise.wav'), 24_000, { aggressiveness: 3, onsetMs: 100 })).toEqual([]);
});
