import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChunkCutter } from '../../../src/meeting/listening/chunk-cutter.js';
import type { AudioChunk } from '../../../src/realtime/uplink/audio-chunk.js';

/** Samples that tell where they are in the stream. */
const numbered = (from: number, length: number) =>
  Int16Array.from({ length }, (_, n) => ((from + n) % 60_000) - 30_000);

it('hands over every sample at its time, in chunks of 20 ms that stay as they are for 10 s (property)', () => {
  const piece = fc.record({
    samples: fc.integer({ min: 1, max: 9_000 }),
    gapMs: fc.constantFrom(0, 0, 0, 50),
  });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 70, maxLength: 100 }), (pieces) => {
      const kept: { chunk: AudioChunk; from: number }[] = [];
      const starts: { from: number; atMs: number }[] = [];
      let handedOut = 0;
      const cutter = new ChunkCutter((chunk) => {
        kept.push({ chunk, from: handedOut });
        handedOut += chunk.pcm.length;
        while (handedOut - kept[0]!.from > 10_000 * 24) kept.shift();
      });
      let [samples, atMs] = [0, 1_000];
      for (const { samples: length, gapMs } of pieces) {
        atMs += gapMs;
        starts.push({ from: samples, atMs });
        cutter.push(numbered(samples, length), atMs, false, 0);
        samples += length;
        atMs += length / 24;
      }
      cutter.flush();
      expect(handedOut).toBe(samples);
      const wrong = kept.filter(({ chunk, from }) => {
        const start = starts.findLast((each) => each.from <= from)!;
        const offMs = chunk.atMs - start.atMs - (from - start.from) / 24;
        const whole = chunk.pcm.every((sample, n) => sample === ((from + n) % 60_000) - 30_000);
        return !whole || chunk.pcm.length > 480 || Math.abs(offMs) > 0.001;
      });
      expect(wrong).toEqual([]);
    }),
    { seed: 3, numRuns: 5 },
  );
});

it('says that there is speech where any of its pieces has it, and the pause at its end', () => {
  const chunks: AudioChunk[] = [];
  const cutter = new ChunkCutter((chunk) => chunks.push(chunk));
  cutter.push(new Int16Array(240), 0, true, 0);
  cutter.push(new Int16Array(240), 10, false, 100);
  cutter.push(new Int16Array(480), 20, false, 120);
  expect(chunks.map(({ voiced, pauseMs }) => [voiced, pauseMs])).toEqual([
    [true, 100],
    [false, 120],
  ]);
});
