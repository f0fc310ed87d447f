/** Sound on disk instead of in memory: a meeting has hours of it. */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, ParleyError } from '../../errors.js';

/** Sound that is read piece by piece. */
export interface StoredSound {
  /** In samples. */
  readonly length: number;
  /** Fills `out` with what begins at a sample; what is behind the end stays as it is. Returns how many samples it gave. */
  read(at: number, out: Int16Array): number;
}

const SAMPLE_BYTES = 2;

/**
 * Mono int16 samples in a temporary file without a name: nobody else reads it, and it is gone with this process. 345 MB for an
 * hour at 48 kHz. Close it in every case. Its methods throw ParleyError `usage` where the disk takes or gives no more.
 */
export class SoundStore {
  readonly #descriptor: number;
  #length = 0;
  #open = true;

  constructor() {
    const path = join(tmpdir(), `parley-${randomUUID()}.pcm`);
    this.#descriptor = onDisk(() => openSync(path, 'wx+', 0o600));
    unlinkSync(path);
  }

  /** In samples. */
  get length(): number {
    return this.#length;
  }

  /** Puts samples at a place, which may be behind the end: what is between is silence. Once it is closed, nothing is kept. */
  write(samples: Int16Array, at: number = this.#length): void {
    if (!this.#open) return; // the descriptor may be another file's by now
    const bytes = bytesOf(samples);
    for (let done = 0; done < bytes.length;)
      done += onDisk(() =>
        writeSync(this.#descriptor, bytes, done, bytes.length - done, at * SAMPLE_BYTES + done),
      );
    this.#length = Math.max(this.#length, at + samples.length);
  }

  /** Fills `out` with what begins at `at`; behind the end it stays as it is. Returns how many samples it gave. */
  read(at: number, out: Int16Array): number {
    const bytes = bytesOf(out);
    let done = 0;
    for (let count = 1; count > 0 && done < bytes.length; done += count)
      count = onDisk(() =>
        readSync(this.#descriptor, bytes, done, bytes.length - done, at * SAMPLE_BYTES + done),
      );
    return done / SAMPLE_BYTES;
  }

  /** So many samples from a place on, as a sound of their own. */
  part(from: number, length: number): StoredSound {
    return {
      length,
      read: (at, out) => this.read(from + at, out.subarray(0, Math.max(0, length - at))),
    };
  }

  /** Safe to call twice. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#descriptor);
  }
}

const bytesOf = (samples: Int16Array) =>
  new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

function onDisk<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new ParleyError('usage', `the temporary folder ${tmpdir()} cannot be used: ${messageOf(cause)}`, {
      cause,
    });
  }
}
