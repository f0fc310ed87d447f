import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

import { ParleyError } from '../errors.js';

/** The bytes of a recording, read where they are needed: it may be larger than memory. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Bytes from `at` on: `length` of them, or fewer at the end. */
  read(at: number, length: number): Uint8Array;
  /** What a thread of this process reads them by. */
  readonly shared: SharedBytes;
  /** Safe to call twice. */
  close(): void;
}

/** What is needed to go through bytes. */
export type ReadableBytes = Pick<ByteSource, 'sizeBytes' | 'read'>;

/** A file descriptor of this process, or the bytes themselves. */
export type SharedBytes = { descriptor: number } | { bytes: Uint8Array };

const unusable = (problem: string) => new ParleyError('input_unusable', problem);

/** A file. @throws ParleyError `input_unusable` for what is no regular file; errors of the system as they are. */
export function openFile(path: string): ByteSource {
  // Without blocking: opening a named pipe would otherwise wait for someone to write to it.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    closeSync(descriptor);
  };
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw unusable('it is a directory; give a recording inside it');
    if (!stats.isFile()) throw unusable('it is not a regular file; save the recording to one first');
    return {
      sizeBytes: stats.size,
      read: (at, length) => {
        const bytes = new Uint8Array(Math.max(0, Math.min(length, stats.size - at)));
        let filled = 0;
        while (filled < bytes.length) {
          const count = readSync(descriptor, bytes, filled, bytes.length - filled, at + filled);
          if (count === 0) break; // it has become shorter
          filled += count;
        }
        return bytes.subarray(0, filled);
      },
      shared: { descriptor },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** A part of a file, for whoever goes through it alone. */
export function partOf(source: ByteSource, { at, length }: { at: number; length: number }): ReadableBytes {
  const sizeBytes = Math.max(0, Math.min(length, source.sizeBytes - at));
  return {
    sizeBytes,
    read: (from, count) => source.read(at + from, Math.max(0, Math.min(count, sizeBytes - from))),
  };
}

/** Bytes read at a time by {@link blockReader}. */
const BLOCK_BYTES = 2 ** 18;

/**
 * Reads small pieces from blocks, for whoever goes through a file: bytes from `at` on, fewer than `length` at the end. They are
 * valid until the next call.
 */
export function blockReader(source: ReadableBytes): (at: number, length: number) => Buffer {
  let block: Uint8Array = new Uint8Array(0);
  let blockAt = 0;
  return (at, length) => {
    if (at < blockAt || at + length > blockAt + block.length) {
      block = source.read(at, Math.max(length, BLOCK_BYTES));
      blockAt = at;
    }
    const from = at - blockAt;
    return Buffer.from(block.buffer, block.byteOffset + from, Math.min(length, block.length - from));
  };
}

/** Bytes that are in memory already. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: (at, length) => bytes.subarray(at, at + length),
    shared: { bytes },
    close: () => undefined,
  };
}
