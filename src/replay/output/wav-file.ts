import { closeSync, writeSync } from 'node:fs';
import { writeWav } from '../../../audio/wav.js';
import { messageOf, ParleyError } from '../../errors.js';
import { openForReplacing, writeAll } from './safe-file.js';

const HEADER_BYTES = 44;
const RIFF_SIZE_AT = 4;
const DATA_SIZE_AT = 40;
const MAX_DATA_BYTES = 0xffffff00;
/** Samples are written in blocks of so many, so that a long file takes the memory of one. */
const BLOCK_SAMPLES = 65_536;

/**
 * A mono 16-bit WAV that is written as its sound comes; its header is right once it is closed. Throws ParleyError `usage` when
 * it cannot be written, or grows beyond the 4 GiB of a WAV file.
 */
export class WavFile {
  readonly path: string;
  readonly #descriptor: number;
  readonly #block = new Int16Array(BLOCK_SAMPLES);
  #held = 0;
  #sampleCount = 0;
  #open = true;

  constructor(path: string, sampleRateHz: number) {
    this.path = path;
    this.#descriptor = openForReplacing(path);
    writeAll(this.#descriptor, writeWav({ sampleRateHz, channelCount: 1, samples: new Int16Array(0) }), path);
  }

  /** So far. */
  get sampleCount(): number {
    return this.#sampleCount;
  }

  /** Appends mono samples. After `close`, does nothing. */
  write(samples: Int16Array): void {
    if (!this.#open) return;
    this.#sampleCount += samples.length;
    if (this.#sampleCount * 2 > MAX_DATA_BYTES)
      throw new ParleyError(
        'usage',
        `${this.path} would be larger than a WAV file can be: split the recording`,
      );
    for (let at = 0; at < samples.length;) {
      const part = samples.subarray(at, at + BLOCK_SAMPLES - this.#held);
      this.#block.set(part, this.#held);
      this.#held += part.length;
      at += part.length;
      if (this.#held === BLOCK_SAMPLES) this.#flush();
    }
  }

  /** Writes what is held, and how much there is into the header. Safe to call twice. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.#flush();
      this.#patch(RIFF_SIZE_AT, HEADER_BYTES - 8 + this.#sampleCount * 2);
      this.#patch(DATA_SIZE_AT, this.#sampleCount * 2);
    } finally {
      closeSync(this.#descriptor);
    }
  }

  #flush(): void {
    const { buffer, byteOffset } = this.#block;
    writeAll(this.#descriptor, new Uint8Array(buffer, byteOffset, this.#held * 2), this.path);
    this.#held = 0;
  }

  #patch(at: number, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    try {
      writeSync(this.#descriptor, bytes, 0, 4, at);
    } catch (cause) {
      throw new ParleyError('usage', `cannot write ${this.path}: ${messageOf(cause)}`, { cause });
    }
  }
}
