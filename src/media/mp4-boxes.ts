/** The boxes of an MP4 (ISO 14496-12 section 4.2). */
import type { ByteSource } from './byte-source.js';

/** A box's size and type, and its size again where that needs eight bytes. */
const HEADER_BYTES = 16;
/** Boxes in front of the first fragment: type, table, index, and little else. */
const MAX_BEFORE_FRAGMENTS = 32;

/** A box that is in no other. */
export type Box = { type: string; at: number };

/** One after the other; ends at a box that says nothing of its size, or nonsense. */
export function* boxesOf(bytes: ByteSource): Generator<Box, void> {
  for (let at = 0; at + 8 <= bytes.sizeBytes;) {
    const header = Buffer.from(bytes.read(at, HEADER_BYTES));
    yield { type: header.toString('latin1', 4, 8), at };
    const size = sizeOf(header);
    if (size < 8) return;
    at += size;
  }
}

function sizeOf(header: Buffer): number {
  const size = header.readUInt32BE(0);
  if (size !== 1) return size;
  return header.length < HEADER_BYTES ? 0 : Number(header.readBigUInt64BE(8));
}

/**
 * Whether it is made of fragments, as streams are. Their times go on from where the stream began, which may be hours before
 * the recording.
 */
export function isFragmented(bytes: ByteSource): boolean {
  let seen = 0;
  for (const { type } of boxesOf(bytes)) {
    if (type === 'moof') return true;
    if (++seen > MAX_BEFORE_FRAGMENTS) return false;
  }
  return false;
}
