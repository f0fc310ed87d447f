import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readWav } from '../../../audio/wav.js';
import { DEFAULT_SERVER_VAD } from '../../../src/embedded/realtime-server/config/session-config.js';
import { TurnDetector } from '../../../src/embedded/realtime-server/input/turn-detector.js';
import { mix, noise, silence, join } from './harness.js';

const AUDIBLE = 33; // -60 dBFS

/** A 48 kHz mono fixture at 24 kHz, and a second of silence. */
function load(name: string): Int16Array {
  const { samples, sampleRateHz, channelCount } = readWav(
    readFileSync(new URL(`../../../fixtures/${name}`, import.meta.url)),
  );
  expect([sampleRateHz, channelCount]).toEqual([48_000, 1]);
  const half = Int16Array.from({ length: samples.length >> 1 }, (_, index) =>
    Math.round((samples[2 * index]! + samples[2 * index + 1]!) / 2),
  );
  return join(half, silence(1_000));
}

/** Onset and end in ms of every stretch of speech, with 500 ms of silence between two. */
function heard(pcm: Int16Array): [number, number][] {
  const detector = new TurnDetector();
  const found: [number, number][] = [];
  let onset = 0;
  for (let from = 0; from + 240 <= pcm.length; from += 240) {
    const vad = { ...DEFAULT_SERVER_VAD, silence_duration_ms: 500 };
    const boundary = detector.push(pcm.subarray(from, from + 240), vad);
    if (boundary?.kind === 'started') onset = boundary.onsetSample / 24;
    if (boundary?.kind === 'stopped') found.push([onset, boundary.endSample / 24]);
  }
  return found;
}

/** The same from the waveform itself: what is audible, parted where nothing is for 500 ms. */
function audible(pcm: Int16Array): [number, number][] {
  const found: [number, number][] = [];
  pcm.forEach((sample, index) => {
    if (Math.abs(sample) < AUDIBLE) return;
    const last = found.at(-1);
    if (last !== undefined && index / 24 - last[1] < 500) last[1] = index / 24;
    else found.push([index / 24, index / 24]);
  });
  return found;
}

describe('speech in the fixtures', () => {
  it.each([
    ['es-where-is-the-station.wav', 3],
    ['es-two-phrases-pause.wav', 2],
    ['es-monologue.wav', 6],
    ['es-overlap-answer.wav', 2],
    ['en-the-meeting-starts.wav', 1],
    ['de-question-about-the-budget.wav', 1],
    ['fr-send-the-report.wav', 1],
  ])('%s: %i turns, each found to ±20 ms', (name, turns) => {
    const pcm = load(name);
    const expected = audible(pcm);
    const found = heard(pcm);
    expect(expected).toHaveLength(turns);
    expect(found).toHaveLength(turns);
    found.forEach(([onset, end], index) => {
      expect(Math.abs(onset - expected[index]![0])).toBeLessThanOrEqual(20);
      expect(Math.abs(end - expected[index]![1])).toBeLessThanOrEqual(20);
    });
  });

  it('is found at -40 dBFS and in noise, and noise and silence are not speech', () => {
    const pcm = load('es-two-phrases-pause.wav');
    const rms = Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length) / 32_768;
    const quiet = pcm.map((sample) => Math.round((sample * 0.01) / rms));
    expect(heard(quiet)).toHaveLength(2);
    expect(heard(mix(pcm, noise(10_000, 'pink', -50)))).toHaveLength(2);
    expect(heard(load('noise.wav'))).toEqual([]);
    expect(heard(load('silence.wav'))).toEqual([]);
  });
});
