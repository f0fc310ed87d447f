import { clampToInt16 } from '../pcm.js';
import { StreamingResampler } from '../resampler.js';
import { BLOCK_SAMPLES, BLOCK_SAMPLES_48K, ECHO_RATE_HZ } from './echo-grid.js';

/** Blocks that are held at most, with some room for one that is being filled: 768 ms. */
const RING_BLOCKS = 48;
const RING_SAMPLES = RING_BLOCKS * BLOCK_SAMPLES_48K;
/** What is silenced fades out and in over 2 ms. */
const FADE_SAMPLES = 96;
const NO_ECHO = new Int16Array(BLOCK_SAMPLES);

/**
 * Expected echo is late by the delays of the resamplers to 16 kHz and back (samples at 48 kHz): the end of a block's comes
 * with the next block.
 */
export const ECHO_LAG_SAMPLES = 384;

/** Takes 48 kHz mono, valid during the call; `position` is that of the first sample. */
export type OnCancelled = (samples: Int16Array, position: number) => void;

/**
 * Sound that waits for a decision: handed out in order and exactly once, as it was, less the echo expected in it, or
 * silenced. Counts samples at 48 kHz from {@link HeldSound.begin} on.
 */
export class HeldSound {
  readonly #onAudio: OnCancelled;
  readonly #up = new StreamingResampler(ECHO_RATE_HZ, 48_000);
  readonly #ring = new Int16Array(RING_SAMPLES);
  #taken = 0;
  #handedOut = 0;
  #position = 0;
  /** Expected echo of the last blocks at 16 kHz, and at 48 kHz as far as it was needed. */
  readonly #expected = Array.from({ length: RING_BLOCKS }, () => new Int16Array(BLOCK_SAMPLES));
  #expectedBlocks = 0;
  readonly #echo = new Int16Array(RING_SAMPLES);
  /** Blocks whose expected echo went to 48 kHz; undefined where that begins anew. */
  #raisedBlocks: number | undefined;
  #silent = false;

  constructor(onAudio: OnCancelled) {
    this.#onAudio = onAudio;
  }

  /** Samples taken in. */
  get taken(): number {
    return this.#taken;
  }

  /** Nothing is held; the first sample that comes has this position. `silent`: there was silence before it. */
  begin(position: number, silent: boolean): void {
    this.#taken = 0;
    this.#handedOut = 0;
    this.#position = position;
    this.#expectedBlocks = 0;
    this.#raisedBlocks = undefined;
    this.#silent = silent;
  }

  /** Holds samples, copied. */
  take(samples: Int16Array): void {
    const at = this.#taken % RING_SAMPLES;
    const room = Math.min(samples.length, RING_SAMPLES - at);
    this.#ring.set(samples.subarray(0, room), at);
    this.#ring.set(samples.subarray(room), 0);
    this.#taken += samples.length;
  }

  /** The echo expected in the next block: 256 samples at 16 kHz, or none. */
  expect(echo: Float32Array | undefined): void {
    const block = this.#expected[this.#expectedBlocks++ % RING_BLOCKS]!;
    if (echo === undefined) block.fill(0);
    else for (let i = 0; i < BLOCK_SAMPLES; i++) block[i] = Math.round(echo[i]!);
  }

  /** Hands out up to sample `to`, less the expected echo where `lessEcho` is set. */
  pass(to: number, lessEcho: boolean): void {
    while (this.#handedOut < to) {
      const samples = this.#upTo(to);
      if (lessEcho) this.#subtractEcho(samples);
      if (this.#silent) fade(samples, 'in');
      this.#silent = false;
      this.#handOut(samples);
    }
  }

  /** Hands out silence instead of what is held up to sample `to`. */
  silence(to: number): void {
    this.#raisedBlocks = undefined;
    while (this.#handedOut < to) {
      const samples = this.#upTo(to);
      if (this.#silent) samples.fill(0);
      else fade(samples, 'out');
      this.#silent = true;
      this.#handOut(samples);
    }
  }

  /** Frees the filter. */
  close(): void {
    this.#up.close();
  }

  /** What is held up to `to`, as far as it is in one piece and one block. */
  #upTo(to: number): Int16Array {
    const at = this.#handedOut % RING_SAMPLES;
    const toBlockEnd = BLOCK_SAMPLES_48K - (at % BLOCK_SAMPLES_48K);
    return this.#ring.subarray(at, at + Math.min(to - this.#handedOut, toBlockEnd));
  }

  #handOut(samples: Int16Array): void {
    const position = this.#position + this.#handedOut;
    this.#handedOut += samples.length;
    this.#onAudio(samples, position);
  }

  #subtractEcho(samples: Int16Array): void {
    this.#raise(this.#handedOut + samples.length);
    const at = this.#handedOut % RING_SAMPLES;
    for (let i = 0; i < samples.length; i++) samples[i] = clampToInt16(samples[i]! - this.#echo[at + i]!);
  }

  /** Brings expected echo to 48 kHz, up to sample `to`. What is not known is none. */
  #raise(to: number): void {
    if (this.#raisedBlocks === undefined) {
      this.#up.reset();
      // The block before lets the filter settle.
      this.#raisedBlocks = Math.max(0, Math.floor(this.#handedOut / BLOCK_SAMPLES_48K) - 1);
    }
    while (this.#raisedBlocks * BLOCK_SAMPLES_48K - ECHO_LAG_SAMPLES < to) {
      const known = this.#raisedBlocks < this.#expectedBlocks;
      const raised = this.#up.process(known ? this.#expected[this.#raisedBlocks % RING_BLOCKS]! : NO_ECHO);
      const from = this.#raisedBlocks * BLOCK_SAMPLES_48K - ECHO_LAG_SAMPLES + RING_SAMPLES;
      for (let i = 0; i < raised.length; i++) this.#echo[(from + i) % RING_SAMPLES] = raised[i]!;
      this.#raisedBlocks++;
    }
  }
}

function fade(samples: Int16Array, direction: 'in' | 'out'): void {
  for (let i = 0; i < samples.length; i++) {
    const gain = Math.min(1, (i + 0.5) / FADE_SAMPLES);
    samples[i] = Math.round(samples[i]! * (direction === 'in' ? gain : 1 - gain));
  }
}
