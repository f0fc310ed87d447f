/** A monologue in frames of 10 ms, handed to many who hear it, each from another place of it and at the same time. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWav } from '../../../audio/wav.js';
import { systemClock } from '../../../src/clock.js';
import { packageRoot } from '../../../src/package-root.js';

export const FRAME_RATE_HZ = 48_000;
export const FRAME_SAMPLES = 480;
const FRAME_MS = 10;
const LATE_MS = 100;
/** Between the places of the monologue at which two of them begin. */
const OFFSET_FRAMES = 370;

const MONOLOGUE = readWav(readFileSync(join(packageRoot(), 'fixtures', 'es-monologue.wav'))).samples;
const FRAME_COUNT = Math.floor(MONOLOGUE.length / FRAME_SAMPLES);

/** Takes one frame, valid during the call. */
export type OnFrame = (samples: Int16Array, atMs: number) => void;

/** Feeds all of them from now on, in time, and late frames all the same. Says how many frames were late. */
export function feedFrames(hearers: readonly OnFrame[]): { readonly lateFrames: number } {
  const late = { lateFrames: 0 };
  let dueMs = systemClock.nowMs();
  let next = 0;
  setInterval(() => {
    for (const nowMs = systemClock.nowMs(); dueMs <= nowMs; dueMs += FRAME_MS, next++) {
      for (const [index, hear] of hearers.entries()) {
        const from = ((next + index * OFFSET_FRAMES) % FRAME_COUNT) * FRAME_SAMPLES;
        hear(MONOLOGUE.subarray(from, from + FRAME_SAMPLES), dueMs);
      }
      if (nowMs - dueMs > LATE_MS) late.lateFrames += hearers.length;
    }
  }, FRAME_MS);
  return late;
}
