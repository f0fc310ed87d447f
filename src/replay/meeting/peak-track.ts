import { STEP_MS } from '../pace.js';

/** Frames that there is room for at first: 10 s. */
const FIRST_FRAMES = 1000;

/** How loud sound was as it came about, 10 ms at a time from time 0 on: what a picture of it takes, in a byte per frame. */
export class PeakTrack {
  #peaks = new Uint8Array(FIRST_FRAMES);
  #frameCount = 0;

  /** Adds a frame of 480 samples at `atMs`, which is brought to whole frames. Of several at one time the loudest counts. */
  add(frame: Int16Array, atMs: number): void {
    const index = frameIndex(atMs);
    this.#frameCount = Math.max(this.#frameCount, index + 1);
    if (this.#frameCount > this.#peaks.length) {
      const wider = new Uint8Array(this.#frameCount * 2);
      wider.set(this.#peaks);
      this.#peaks = wider;
    }
    this.#peaks[index] = Math.max(this.#peaks[index]!, peakByte(frame));
  }

  /** One peak per 10 ms, 0 (silence) to 255 (full scale), up to `durationMs`. */
  peaks(durationMs: number): Uint8Array {
    const peaks = new Uint8Array(Math.ceil(durationMs / STEP_MS));
    peaks.set(this.#peaks.subarray(0, Math.min(this.#frameCount, peaks.length)));
    return peaks;
  }

  /** The peak of the frame at `atMs`, 0 to 255. */
  peakAt(atMs: number): number {
    return this.#peaks[Math.round(atMs / STEP_MS)] ?? 0;
  }
}

/** Which frame of a track begins at `atMs`. */
export function frameIndex(atMs: number): number {
  return Math.max(0, Math.round(atMs / STEP_MS));
}

function peakByte(frame: Int16Array): number {
  let peak = 0;
  for (const sample of frame) {
    const magnitude = sample < 0 ? -sample : sample;
    if (magnitude > peak) peak = magnitude;
  }
  return Math.min(255, Math.round(peak / 128));
}
