import { mix } from '../../../audio/index.js';
import { FRAME_SAMPLES } from '../recording/recorded-frames.js';
import { STEP_MS } from '../pace.js';

/** Frames kept in one block: 10 s. */
const BLOCK_FRAMES = 1000;

/** Sound as it came about, 10 ms at a time: 48 kHz mono from time 0 on, silent wherever nothing was put. */
export class SoundTrack {
  readonly #blocks: Int16Array[] = [];
  #peaks = new Uint8Array(BLOCK_FRAMES);
  #frameCount = 0;

  /** Adds a frame of 480 samples whose first one belongs to `atMs`, which is brought to whole frames. */
  add(frame: Int16Array, atMs: number): void {
    const index = Math.max(0, Math.round(atMs / STEP_MS));
    this.#growTo(index + 1);
    const inBlock = (index % BLOCK_FRAMES) * FRAME_SAMPLES;
    const block = this.#blocks[Math.floor(index / BLOCK_FRAMES)]!;
    const place = block.subarray(inBlock, inBlock + FRAME_SAMPLES);
    mix([place, frame], place);
    this.#peaks[index] = peakByte(place);
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

  /** All of it up to `durationMs`. */
  samples(durationMs: number): Int16Array {
    const samples = new Int16Array(Math.ceil(durationMs / STEP_MS) * FRAME_SAMPLES);
    this.#blocks.forEach((block, index) => {
      const start = index * block.length;
      if (start < samples.length) samples.set(block.subarray(0, samples.length - start), start);
    });
    return samples;
  }

  #growTo(frameCount: number): void {
    if (frameCount <= this.#frameCount) return;
    this.#frameCount = frameCount;
    while (this.#blocks.length * BLOCK_FRAMES < frameCount) {
      this.#blocks.push(new Int16Array(BLOCK_FRAMES * FRAME_SAMPLES));
    }
    if (frameCount <= this.#peaks.length) return;
    const wider = new Uint8Array(this.#blocks.length * BLOCK_FRAMES * 2);
    wider.set(this.#peaks);
    this.#peaks = wider;
  }
}

function peakByte(frame: Int16Array): number {
  let peak = 0;
  for (const sample of frame) {
    const magnitude = sample < 0 ? -sample : sample;
    if (magnitude > peak) peak = magnitude;
  }
  return Math.min(255, Math.round(peak / 128));
}
