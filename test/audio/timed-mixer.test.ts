import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AudioError, TimedMixer } from '../../audio/index.js';

const PER_MS = 16;
const frame = (value: number, durationMs = 10) => new Int16Array(durationMs * PER_MS).fill(value);

/** What comes out, one value per frame: the frame's only value, or all of its values. */
function mixer(waitMs?: number) {
  const out: { atMs: number; samples: Int16Array }[] = [];
  const mixed = new TimedMixer({
    sampleRateHz: PER_MS * 1000,
    ...(waitMs === undefined ? {} : { waitMs }),
    onMixed: (samples, atMs) => out.push({ atMs, samples: samples.slice() }),
  });
  return { mixed, out };
}

describe('a timed mixer', () => {
  it('adds what belongs to the same time, whichever comes first', () => {
    const { mixed, out } = mixer();
    for (const atMs of [500, 510, 520]) mixed.push(frame(100), atMs);
    mixed.push(frame(7), 510);
    mixed.push(frame(1_000), 520);
    mixed.flush();
    expect(out.map(({ atMs, samples }) => [atMs, samples[0], samples.at(-1)])).toEqual([
      [500, 100, 100],
      [510, 107, 107],
      [520, 1_100, 1_100],
    ]);
  });

  it('waits for a stream that is out of step, so long and no longer', () => {
    const { mixed, out } = mixer(40);
    for (let atMs = 0; atMs < 100; atMs += 10) mixed.push(frame(1), atMs);
    expect(out).toHaveLength(6);
    mixed.push(frame(10, 20), 50);
    expect(mixed.lateSamples).toBe(10 * PER_MS);
    mixed.flush();
    expect(out.map(({ samples }) => samples[0])).toEqual([1, 1, 1, 1, 1, 1, 11, 1, 1, 1]);
  });

  it('limits sums, fills gaps with silence, and completes the last frame with it', () => {
    const { mixed, out } = mixer();
    mixed.push(frame(30_000, 5), 0);
    mixed.push(frame(30_000, 5), 0);
    mixed.push(frame(-30_000, 5), 20);
    mixed.push(frame(-30_000, 5), 20);
    mixed.flush();
    expect(out.map(({ atMs, samples }) => [atMs, samples[0], samples.at(-1)])).toEqual([
      [0, 32_767, 0],
      [10, 0, 0],
      [20, -32_768, 0],
    ]);
  });

  it('begins anew after a flush and after a long hole, without handing out the hole', () => {
    const { mixed, out } = mixer();
    mixed.push(frame(1), 0);
    mixed.push(frame(2), 60_000);
    mixed.flush();
    mixed.push(frame(3), 61_000.5);
    mixed.flush();
    expect(out.map(({ atMs, samples }) => [atMs, samples[0]])).toEqual([
      [0, 1],
      [60_000, 2],
      [61_000.5, 3],
    ]);
  });

  it('takes chunks longer than all that it holds', () => {
    const { mixed, out } = mixer();
    mixed.push(frame(5, 3_000), 0);
    mixed.flush();
    expect(out).toHaveLength(300);
    expect(out.every(({ samples }) => samples.every((value) => value === 5))).toBe(true);
  });

  it('is exact for any cut of the streams into chunks (property)', () => {
    const chunks = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(chunks, chunks, (first, second) => {
        const { mixed, out } = mixer(200);
        const sizes = [first, second];
        const sent = [0, 0];
        const total = Math.min(...sizes.map((list) => list.reduce((sum, size) => sum + size, 0)));
        // The stream that is behind goes next.
        while (sent.some((count) => count < total)) {
          const stream = sent[0]! <= sent[1]! ? 0 : 1;
          const size = Math.min(sizes[stream]!.shift() ?? total, total - sent[stream]!);
          const samples = Int16Array.from({ length: size }, (_, index) => (sent[stream]! + index) % 1_000);
          mixed.push(samples, 1_000 + sent[stream]! / PER_MS);
          sent[stream]! += size;
        }
        mixed.flush();
        expect(mixed.lateSamples).toBe(0);
        const all = out.flatMap(({ samples }) => [...samples]);
        expect(all.slice(0, total)).toEqual(Array.from({ length: total }, (_, index) => 2 * (index % 1_000)));
        expect(all.slice(total).every((value) => value === 0)).toBe(true);
      }),
      { seed: 3, numRuns: 50 },
    );
  });

  it('names a rate that it cannot mix at', () => {
    expect(() => new TimedMixer({ sampleRateHz: 44_100, onMixed: () => undefined })).toThrow(AudioError);
  });
});
