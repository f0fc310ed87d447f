import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AudioChunk } from '../../../src/realtime/uplink/audio-chunk.js';
import { RecentAudio } from '../../../src/realtime/uplink/recent-audio.js';
import { chunkOf } from '../chunks.js';

const SAMPLES_PER_MS = 24;

function replayed(recent: RecentAudio, fromMs: number): { atMs: number; pcm: Int16Array }[] {
  const pieces: { atMs: number; pcm: Int16Array }[] = [];
  recent.replay(fromMs, ({ pcm, atMs }) => pieces.push({ atMs, pcm }));
  return pieces;
}

it('gives back the end of what it was given, sample by sample, each at its time', () => {
  const chunkLengths = fc.array(fc.integer({ min: 1, max: 12_000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(chunkLengths, fc.integer({ min: 0, max: 3_000 }), (lengths, backMs) => {
      const recent = new RecentAudio(1_000);
      let samples = 0;
      for (const length of lengths) {
        const pcm = Int16Array.from({ length }, (_, index) => (samples + index) % 30_000);
        recent.append(chunkOf(pcm, 100 + samples / SAMPLES_PER_MS));
        samples += length;
      }
      const endMs = 100 + samples / SAMPLES_PER_MS;
      const fromMs = Math.max(endMs - backMs, recent.fromMs ?? 0);
      const pieces = replayed(recent, endMs - backMs);
      const total = pieces.reduce((sum, { pcm }) => sum + pcm.length, 0);
      expect(Math.abs(total - (endMs - fromMs) * SAMPLES_PER_MS)).toBeLessThanOrEqual(1);
      expect(total).toBeGreaterThanOrEqual(Math.min(samples, Math.min(backMs, 1_000) * SAMPLES_PER_MS) - 1);
      for (const { pcm, atMs } of pieces) {
        const first = Math.round((atMs - 100) * SAMPLES_PER_MS);
        expect(pcm[0]).toBe(first % 30_000);
        expect(pcm.at(-1)).toBe((first + pcm.length - 1) % 30_000);
      }
    }),
    { seed: 7, numRuns: 200 },
  );
});

it('keeps holes where there were any, and no more audio than it may', () => {
  const recent = new RecentAudio(60);
  for (let n = 0; n < 500; n++) recent.append(chunkOf(new Int16Array(240).fill(n), n * 50)); // 10 ms of every 50
  const pieces = replayed(recent, -Infinity);
  expect(pieces.map(({ atMs }) => atMs)).toEqual([494, 495, 496, 497, 498, 499].map((n) => n * 50));
  expect(recent.fromMs).toBe(494 * 50);
  recent.clear();
  expect([recent.fromMs, replayed(recent, -Infinity)]).toEqual([undefined, []]);
});

it('knows for how long there has been no voice, frames that stay away included', () => {
  const recent = new RecentAudio(1_000);
  expect(recent.pauseMs(5_000)).toBe(Infinity);
  recent.append(new AudioChunk(new Int16Array(480), 5_000, true, 0));
  expect([5_010, 5_020, 5_320].map((nowMs) => recent.pauseMs(nowMs))).toEqual([0, 0, 300]);
  recent.append(new AudioChunk(new Int16Array(480), 5_020, false, 110));
  expect([5_040, 5_240].map((nowMs) => recent.pauseMs(nowMs))).toEqual([110, 310]);
});

it('hands over the chunks that it was given, and shares their samples', () => {
  const recent = new RecentAudio(1_000);
  const [first, second] = [0, 20].map((atMs) => chunkOf(new Int16Array(480).fill(atMs + 1), atMs));
  recent.append(first!);
  recent.append(second!);
  const all: AudioChunk[] = [];
  recent.replay(10, (chunk) => all.push(chunk));
  expect(all[1]).toBe(second);
  expect(all[0]!.pcm.buffer).toBe(first!.pcm.buffer);
  expect([all[0]!.atMs, all[0]!.pcm.length]).toEqual([10, 240]);
});
