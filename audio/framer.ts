import { AudioError } from './errors.js';

/** Receives one frame. The array is reused: copy it, or be done with it, before returning. */
export type OnFrame = (frame: Int16Array) => void;

/** Cuts chunks of any size into frames of exactly `frameSamples` samples. Nothing is lost or added, except by `flush`. */
export class Framer {
  readonly frameSamples: number;
  readonly #frame: Int16Array;
  #held = 0;

  /** @throws AudioError `bad_argument` unless `frameSamples` is a positive integer */
  constructor(frameSamples: number) {
    if (!Number.isInteger(frameSamples) || frameSamples < 1) {
      throw new AudioError('bad_argument', `frame size must be a positive integer, got ${frameSamples}`);
    }
    this.frameSamples = frameSamples;
    this.#frame = new Int16Array(frameSamples);
  }

  /** Samples that wait for the rest of their frame: 0 to `frameSamples - 1`. */
  get heldSamples(): number {
    return this.#held;
  }

  /** Takes a chunk and calls `onFrame`, before it returns, for each frame that is now full. `onFrame` must not push. */
  push(chunk: Int16Array, onFrame: OnFrame): void {
    const frame = this.#frame;
    if (chunk.length < this.frameSamples - this.#held) {
      frame.set(chunk, this.#held);
      this.#held += chunk.length;
      return;
    }
    let held = this.#held;
    for (let read = 0; read < chunk.length;) {
      const end = Math.min(chunk.length, read + this.frameSamples - held);
      while (read < end) frame[held++] = chunk[read++]!;
      if (held < this.frameSamples) break;
      held = 0;
      this.#held = 0;
      onFrame(frame);
    }
    this.#held = held;
  }

  /**
   * Hands over what is held, if anything: filled up with zeros to a whole frame (`pad`), or as a shorter one. The framer
   * is empty afterwards.
   */
  flush(onFrame: OnFrame, options: { pad: boolean }): void {
    const held = this.#held;
    if (held === 0) return;
    this.#held = 0;
    if (options.pad) onFrame(this.#frame.fill(0, held));
    else onFrame(this.#frame.slice(0, held));
  }
}
