import { mix } from '../../../audio/index.js';
import { STEP_MS } from '../pace.js';
import { FRAME_SAMPLES } from '../recording/recorded-frames.js';
import { frameIndex } from './peak-track.js';

/** Frames kept in one block: 10 s. */
const BLOCK_FRAMES = 1000;

/** Sound as it came about, 10 ms at a time: 48 kHz mono from time 0 on, silent wherever nothing was put. 345 MB an hour. */
export class SoundTrack {
  readonly #blocks: Int16Array[] = [];

  /** Adds a frame of 480 samples whose first one belongs to `atMs`, which is brought to whole frames. */
  add(frame: Int16Array, atMs: number): void {
    const index = frameIndex(atMs);
    while (this.#blocks.length * BLOCK_FRAMES <= index)
      this.#blocks.push(new Int16Array(BLOCK_FRAMES * FRAME_SAMPLES));
    const inBlock = (index % BLOCK_FRAMES) * FRAME_SAMPLES;
    const block = this.#blocks[Math.floor(index / BLOCK_FRAMES)]!;
    const place = block.subarray(inBlock, inBlock + FRAME_SAMPLES);
    mix([place, frame], place);
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
}
