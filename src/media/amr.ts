/** How long an AMR file is (RFC 4867 section 5): pauses are frames without sound, which no decoder gives. */
import type { ByteSource } from './byte-source.js';

const FRAME_MS = 20;
const BLOCK_BYTES = 2 ** 18;
/** Bytes of a frame by its type, its own first byte included. */
const NARROW_BYTES = [13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1];
const WIDE_BYTES = [18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1];

/** The time of all its frames. */
export function amrDurationMs(bytes: ByteSource): number {
  const wide = Buffer.from(bytes.read(0, 9)).toString('latin1') === '#!AMR-WB\n';
  const sizes = wide ? WIDE_BYTES : NARROW_BYTES;
  let frames = 0;
  let block = new Uint8Array(0);
  let blockAt = 0;
  for (let at = wide ? 9 : 6; at < bytes.sizeBytes; frames++) {
    if (at >= blockAt + block.length) {
      block = Uint8Array.from(bytes.read(at, BLOCK_BYTES));
      blockAt = at;
      if (block.length === 0) break;
    }
    at += sizes[(block[at - blockAt]! >> 3) & 0x0f]!;
  }
  return frames * FRAME_MS;
}
