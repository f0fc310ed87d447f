import { mix } from '../../../audio/index.js';
import { ROOM_RATE_HZ } from '../../../audio/rates.js';
import { WavFile } from '../output/wav-file.js';
import { STEP_MS } from '../pace.js';
import { FRAME_SAMPLES } from '../recording/recorded-frames.js';
import { frameIndex } from './peak-track.js';
import { SoundStore } from './sound-store.js';

/** Frames kept in one block: 10 s. */
const BLOCK_FRAMES = 1000;
const BLOCK_SAMPLES = BLOCK_FRAMES * FRAME_SAMPLES;

/**
 * Sound as it came about, 10 ms at a time: 48 kHz mono from time 0 on, silent wherever nothing was put. The block that is being
 * filled is in memory, all others on disk: 345 MB an hour. Close it in every case.
 */
export class SoundTrack {
  readonly #store = new SoundStore();
  readonly #block = new Int16Array(BLOCK_SAMPLES);
  /** Which one that is. */
  #index = 0;

  /** Adds a frame of 480 samples whose first one belongs to `atMs`, which is brought to whole frames. */
  add(frame: Int16Array, atMs: number): void {
    const index = frameIndex(atMs);
    this.#turnTo(Math.floor(index / BLOCK_FRAMES));
    const at = (index % BLOCK_FRAMES) * FRAME_SAMPLES;
    const place = this.#block.subarray(at, at + FRAME_SAMPLES);
    mix([place, frame], place);
  }

  /** Writes all of it up to `durationMs` as a WAV file. Throws ParleyError `usage` when that cannot be done. */
  writeWav(path: string, durationMs: number): void {
    const length = Math.ceil(durationMs / STEP_MS) * FRAME_SAMPLES;
    this.#turnTo(this.#index + 1);
    const file = new WavFile(path, ROOM_RATE_HZ);
    try {
      for (let at = 0; at < length; at += BLOCK_SAMPLES) {
        this.#store.read(at, this.#block.fill(0));
        file.write(this.#block.subarray(0, length - at));
      }
    } finally {
      file.close();
      this.#store.read(this.#index * BLOCK_SAMPLES, this.#block.fill(0));
    }
  }

  /** Forgets it. Safe to call twice. */
  close(): void {
    this.#store.close();
  }

  #turnTo(index: number): void {
    if (index === this.#index) return;
    this.#store.write(this.#block, this.#index * BLOCK_SAMPLES);
    this.#store.read(index * BLOCK_SAMPLES, this.#block.fill(0));
    this.#index = index;
  }
}
