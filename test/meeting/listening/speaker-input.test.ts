import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AudioError, loadResampler, loadSpeechDetector, measureLevel } from '../../../audio/index.js';
import { SpeakerInput } from '../../../src/meeting/listening/speaker-input.js';
import type { AudioChunk } from '../../../src/realtime/uplink/audio-chunk.js';
import { loadBook } from '../../embedded/phrasebook/book.js';
import type { Phrasebook } from '../../../src/embedded/phrasebook/phrasebook.js';

/** How late the resampler makes what it is given. */
const DELAY_MS = 40 / 24;

let book: Phrasebook;
let speaker: SpeakerInput | undefined;
beforeAll(async () => {
  await Promise.all([loadResampler(), loadSpeechDetector()]);
  book = await loadBook();
});
afterEach(() => {
  speaker?.close();
});

type Noted = { kind: 'speaking'; speaking: boolean } | { kind: 'chunk'; chunk: AudioChunk };

function listen() {
  const noted: Noted[] = [];
  const made = new SpeakerInput({
    speaking: (speaking) => noted.push({ kind: 'speaking', speaking }),
    chunk: (chunk) => noted.push({ kind: 'chunk', chunk }),
  });
  speaker = made;
  const chunks = () => noted.flatMap((note) => (note.kind === 'chunk' ? [note.chunk] : []));
  const samples = () => Int16Array.from(chunks().flatMap(({ pcm }) => [...pcm]));
  const speaking = () => noted.flatMap((note) => (note.kind === 'speaking' ? [note.speaking] : []));
  const preRoll = () => {
    const kept: AudioChunk[] = [];
    made.preRoll((chunk) => kept.push(chunk));
    return kept;
  };
  return { speaker: made, noted, chunks, samples, speaking, preRoll };
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
function clickTimeMs(chunks: readonly AudioChunk[]): number {
  let best = { value: 0, atMs: NaN };
  for (const { atMs, pcm } of chunks) {
    pcm.forEach((sample, n) => {
      if (Math.abs(sample) > best.value) best = { value: Math.abs(sample), atMs: atMs + n / 24 };
    });
  }
  return best.atMs;
}

describe('the input of a speaker', () => {
  it('gives chunks of 20 ms at 24 kHz, at the frames’ time less the filter’s delay', () => {
    const { speaker, chunks } = listen();
    for (let n = 0; n < 100; n++) speaker.push(frameAt(n * 10), 5_000 + n * 10);
    expect(chunks()).toHaveLength(50);
    chunks().forEach(({ atMs, pcm }, n) => {
      expect(pcm).toHaveLength(480);
      expect(atMs).toBeCloseTo(5_000 + n * 20 - DELAY_MS, 6);
    });
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
    const { speaker, chunks, samples } = listen();
    for (let n = 0; n < 100; n++) speaker.push(frameAt(n * 10, sampleRateHz, channelCount), n * 10);
    speaker.stop();
    const pcm = samples();
    expect(Math.abs(pcm.length / 24 - 1_000)).toBeLessThan(6);
    const { rmsDbfs } = measureLevel(pcm.subarray(2_400, 21_600));
    const own = measureLevel(frameAt(0).samples).rmsDbfs;
    expect(Math.abs(rmsDbfs - own)).toBeLessThan(0.2);
    expect(chunks()[0]!.atMs).toBeLessThanOrEqual(0);
    speaker.close();

    const click = listen();
    for (let n = 0; n < 20; n++) {
      const frame = frameAt(0, sampleRateHz, channelCount, 0);
      if (n === 10) frame.samples.fill(30_000, 0, channelCount);
      click.speaker.push(frame, 1_000 + n * 10);
    }
    click.speaker.stop();
    expect(Math.abs(clickTimeMs(click.chunks()) - 1_100)).toBeLessThan(1);
  });

  it('keeps its time through a change of rate', () => {
    const { speaker, chunks } = listen();
    const rates = [16_000, 48_000, 16_000, 44_100];
    for (let n = 0; n < 80; n++) {
      const frame = frameAt(0, rates[Math.floor(n / 20)], 1, 0);
      if (n === 70) frame.samples[0] = 30_000;
      speaker.push(frame, n * 10);
    }
    speaker.stop();
    expect(Math.abs(clickTimeMs(chunks()) - 700)).toBeLessThan(1);
  });

  it('takes early and late frames for what they are: no time is lost or won by jitter', () => {
    const { speaker, chunks } = listen();
    for (let n = 0; n < 200; n++) speaker.push(frameAt(n * 10), n * 10 + [0, 12, -9, 25, -28][n % 5]!);
    expect(chunks()).toHaveLength(100);
    chunks().forEach(({ atMs }, n) => {
      expect(atMs).toBeCloseTo(n * 20 - DELAY_MS, 6);
    });
  });

  it('moves its time where frames stay off by more than jitter: no chunk holds audio of two moments', () => {
    const { speaker, chunks, samples } = listen();
    for (let n = 0; n < 20; n++) speaker.push(frameAt(n * 10), n * 10 + (n < 9 ? 0 : 60));
    const lengths = chunks().map(({ durationMs }) => durationMs);
    expect(lengths).toEqual([20, 20, 20, 20, 10, 20, 20, 20, 20, 20]);
    expect(chunks()[4]!.atMs).toBeCloseTo(80 - DELAY_MS, 6);
    expect(chunks()[5]!.atMs).toBeCloseTo(150 - DELAY_MS, 6);
    expect(samples()).toHaveLength(19 * 240);
  });

  it('ends a stretch at a hole: its tail comes out before it, and what follows is on time', () => {
    const { speaker, chunks, preRoll } = listen();
    for (let n = 0; n < 10; n++) speaker.push(frameAt(n * 10), n * 10);
    speaker.push(frameAt(2_100), 2_100);
    speaker.push(frameAt(2_110), 2_110);
    expect(chunks()).toHaveLength(7);
    expect(chunks()[5]!.endMs).toBeCloseTo(100, 1);
    expect(chunks()[6]!.atMs).toBeCloseTo(2_100 - DELAY_MS, 6);
    expect(preRoll()).toEqual([chunks()[6]]); // what was before a hole was not just before
    speaker.stop();
    expect(preRoll()).toEqual([]);
  });

  it('stops once, and not before the first frame', () => {
    const { speaker, chunks } = listen();
    speaker.stop();
    expect(chunks()).toEqual([]);
    speaker.push(frameAt(0), 0);
    expect(chunks()).toEqual([]);
    speaker.stop();
    expect(chunks().map(({ pcm }) => pcm.length)).toEqual([280]); // 10 ms, and what the filter held
    speaker.stop();
    expect(chunks()).toHaveLength(1);
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
      const { speaker, chunks } = listen();
      for (let n = 0; n < before; n++) speaker.push(frameAt(n * 10), n * 10);
      expect(() => {
        speaker.push(frame, before * 10);
      }).toThrow(AudioError);
      speaker.push(frameAt(0), 5_000);
      speaker.push(frameAt(0), 5_010);
      expect(chunks().at(-1)!.atMs).toBeCloseTo(5_000 - DELAY_MS, 6);
      speaker.close();
    }
  });

  it('takes an empty frame for nothing', () => {
    const { speaker, samples } = listen();
    speaker.push({ samples: new Int16Array(0), sampleRateHz: 48_000, channelCount: 1 }, 0);
    speaker.push(frameAt(0), 0);
    speaker.push(frameAt(10), 10);
    expect(samples()).toHaveLength(480);
  });

  it('keeps the last 600 ms for whoever is to hear them', () => {
    const { speaker, chunks, preRoll } = listen();
    for (let n = 0; n < 200; n++) speaker.push(frameAt(n * 10), n * 10);
    const kept = preRoll();
    expect(kept).toHaveLength(30);
    expect(kept.every((chunk, index) => chunk === chunks()[70 + index])).toBe(true);
  });

  it('notices speech, tells before handing it out, and has its beginning in the pre-roll', () => {
    const { speaker, noted, chunks, speaking, preRoll } = listen();
    const phrase = book.get('the-meeting-starts')!.get('en')!.pcm24k;
    const silence = new Int16Array(240);
    let atMs = 0;
    let kept: AudioChunk[] | undefined;
    const push = (samples: Int16Array) => {
      speaker.push({ samples, sampleRateHz: 24_000, channelCount: 1 }, atMs);
      if (speaker.speaking) kept ??= preRoll();
      atMs += 10;
    };
    for (let n = 0; n < 100; n++) push(silence);
    expect(speaking()).toEqual([]);
    for (let at = 0; at < phrase.length; at += 240) push(phrase.subarray(at, at + 240));
    for (let n = 0; n < 100; n++) push(silence);
    expect(speaking().at(0)).toBe(true);
    expect(speaking().at(-1)).toBe(false);
    expect(kept![0]!.atMs).toBeLessThan(1_000);
    const noticedAt = noted.findIndex(({ kind }) => kind === 'speaking');
    const firstVoiced = noted.findIndex((note) => note.kind === 'chunk' && note.chunk.voiced);
    expect(noticedAt).toBeLessThan(80);
    expect(firstVoiced).toBe(noticedAt + 1);
    const last = chunks().findLast(({ voiced }) => voiced)!;
    const speechMs = phrase.length / 24;
    expect(last.pauseMs).toBeLessThanOrEqual(110); // voiced at its beginning, and not in two frames since
    expect(Math.abs(last.endMs - 1_000 - speechMs)).toBeLessThan(400);
    expect(chunks().at(-1)!.pauseMs).toBeCloseTo(chunks().at(-1)!.endMs - last.endMs + 90, -2);
  });

  it('speech that is cut off has ended', () => {
    const { speaker, speaking } = listen();
    const phrase = book.get('the-meeting-starts')!.get('en')!.pcm24k;
    for (let at = 0; at < 24_000; at += 240) {
      speaker.push(
        { samples: phrase.subarray(at, at + 240), sampleRateHz: 24_000, channelCount: 1 },
        at / 24,
      );
    }
    expect(speaker.speaking).toBe(true);
    speaker.stop();
    expect(speaking().at(-1)).toBe(false);
    speaker.stop();
    expect(speaking().filter((on) => !on)).toHaveLength(speaking().filter((on) => on).length);
  });

  it('measures the loudest frame since it was last asked', () => {
    const { speaker } = listen();
    expect(speaker.takeLevelDbfs()).toBe(-100);
    const square = (amplitude: number) => new Int16Array(480).fill(amplitude);
    speaker.push({ samples: square(16_384), sampleRateHz: 48_000, channelCount: 1 }, 0);
    speaker.push({ samples: square(0), sampleRateHz: 48_000, channelCount: 1 }, 10);
    expect(speaker.takeLevelDbfs()).toBeCloseTo(-6.02, 2);
    speaker.push({ samples: square(0), sampleRateHz: 48_000, channelCount: 1 }, 20);
    expect(speaker.takeLevelDbfs()).toBe(-100);
  });
});
