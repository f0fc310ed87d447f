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

/** Each with a buffer of its own, as a room delivers them: nobody has to copy one before it is used. */
const FRAMES = framesOf(readWav(readFileSync(join(packageRoot(), 'fixtures', 'es-monologue.wav'))).samples);

/** Takes one frame, which is not written to. */
export type OnFrame = (samples: Int16Array, atMs: number) => void;

/** Feeds all of them from now on, in time, and late frames all the same. Says how many frames were late. */
export function feedFrames(hearers: readonly OnFrame[]): { readonly lateFrames: number } {
  const late = { lateFrames: 0 };
  let dueMs = systemClock.nowMs();
  let next = 0;
  setInterval(() => {
    for (const nowMs = systemClock.nowMs(); dueMs <= nowMs; dueMs += FRAME_MS, next++) {
      for (const [index, hear] of hearers.entries()) {
        hear(FRAMES[(next + index * OFFSET_FRAMES) % FRAMES.length]!, dueMs);
      }
      if (nowMs - dueMs > LATE_MS) late.lateFrames += hearers.length;
    }
  }, FRAME_MS);
  return late;
}

function framesOf(pcm: Int16Array): Int16Array[] {
  return Array.from({ length: Math.floor(pcm.length / FRAME_SAMPLES) }, (_, n) =>
    pcm.slice(n * FRAME_SAMPLES, (n + 1) * FRAME_SAMPLES),
  );
}
