import { describe, expect, it } from 'vitest';
import { KeptSpeech } from '../../../src/meeting/listening/kept-speech.js';
import { AudioChunk } from '../../../src/realtime/uplink/audio-chunk.js';

const CHUNK_MS = 20;
const SAMPLES = CHUNK_MS * 24;
const NOBODY_KNOWS = (): void => undefined;

/** A chunk whose samples tell how many milliseconds of the clock it is from, in steps of 20. */
const chunkAt = (atMs: number, pauseMs = 0): AudioChunk =>
  new AudioChunk(new Int16Array(SAMPLES).fill(atMs / CHUNK_MS), atMs, pauseMs === 0, pauseMs);
/** Somebody speaks from one time to another. */
const speak = (kept: KeptSpeech, id: string, fromMs: number, toMs: number): void => {
  for (let atMs = fromMs; atMs < toMs; atMs += CHUNK_MS) kept.push(id, chunkAt(atMs), true, NOBODY_KNOWS);
};
/** The first sample of each 20 ms, and the length in milliseconds. */
const shape = (sound: Int16Array | undefined) =>
  sound === undefined ? undefined : { ms: sound.length / 24, first: sound[0], last: sound.at(-1) };

describe('kept speech', () => {
  it('is what was said in a time, to the sample', () => {
    const kept = new KeptSpeech(() => true);
    speak(kept, 'ana', 1_000, 4_000);
    expect(shape(kept.of('ana', { startMs: 1_500, endMs: 2_500 }))).toEqual({
      ms: 1_000,
      first: 75,
      last: 124,
    });
    expect(shape(kept.of('ana', { startMs: 0, endMs: 9_000 }))).toEqual({ ms: 3_000, first: 50, last: 199 });
    expect(kept.of('ana', { startMs: 4_000, endMs: 5_000 })).toBeUndefined();
    expect(kept.of('bob', { startMs: 0, endMs: 9_000 })).toBeUndefined();
  });

  it('begins with what came just before speech was noticed, and nothing twice', () => {
    const kept = new KeptSpeech(() => true);
    const before = [940, 960, 980].map((atMs) => chunkAt(atMs, atMs));
    kept.push('ana', chunkAt(1_000), true, (take) => before.forEach(take));
    speak(kept, 'ana', 1_020, 2_000);
    // The pause is longer than what is kept of pauses; the pre-roll reaches back into what is there.
    kept.push('ana', chunkAt(2_060), true, (take) =>
      [1_960, 1_980, 2_000, 2_020, 2_040].map((atMs) => chunkAt(atMs)).forEach(take),
    );
    expect(shape(kept.of('ana', { startMs: 0, endMs: 9_000 }))).toEqual({
      ms: 2_080 - 940,
      first: 47,
      last: 103,
    });
  });

  it('has pauses of a second, and no silence beyond', () => {
    const kept = new KeptSpeech(() => true);
    speak(kept, 'ana', 0, 1_000);
    for (let atMs = 1_000; atMs < 9_000; atMs += CHUNK_MS)
      kept.push('ana', chunkAt(atMs, atMs + CHUNK_MS - 1_000), false, NOBODY_KNOWS);
    expect(shape(kept.of('ana', { startMs: 0, endMs: 9_000 }))?.ms).toBe(2_000);
  });

  it('is thirty seconds of a person at most, the newest', () => {
    const kept = new KeptSpeech(() => true);
    speak(kept, 'ana', 0, 100_000);
    const { ms, last } = shape(kept.of('ana', { startMs: 0, endMs: 100_000 }))!;
    expect(ms).toBeGreaterThanOrEqual(30_000);
    expect(ms).toBeLessThanOrEqual(31_000);
    expect(last).toBe(4_999);
  });

  it('is nobody’s who does not want it, from the moment on that they do not', () => {
    let agrees = true;
    const kept = new KeptSpeech(() => agrees);
    speak(kept, 'ana', 0, 1_000);
    agrees = false;
    speak(kept, 'ana', 1_000, 1_020);
    expect(kept.of('ana', { startMs: 0, endMs: 2_000 })).toBeUndefined();
  });

  it('is forgotten after a while, with whoever leaves, and of all but the last 32 people', () => {
    const kept = new KeptSpeech(() => true);
    const is = (id: string) => kept.of(id, { startMs: 0, endMs: 1e9 }) !== undefined;
    speak(kept, 'ana', 0, 1_000);
    speak(kept, 'bob', 0, 2_000);
    kept.tick(20_990);
    expect([is('ana'), is('bob')]).toEqual([true, true]);
    kept.tick(21_000);
    expect([is('ana'), is('bob')]).toEqual([false, true]);
    kept.forget('bob');
    expect(is('bob')).toBe(false);
    for (let n = 1; n <= 33; n++) speak(kept, `p${n}`, 30_000, 30_040);
    expect([is('p1'), is('p2'), is('p33')]).toEqual([false, true, true]);
  });
});
