/** Where recordings begin that are joined in one file, for kinds of which ffmpeg reads the first one only, or none. */
import { joinedWavs } from '../../audio/wav.js';
import type { ByteSource } from './byte-source.js';
import type { MediaKind } from './sniff.js';

/** Bytes of a file, from `at` on. */
export type Span = { at: number; length: number };

/** Recordings in one file beyond which the rest is taken for part of the last one. */
const MAX_JOINED = 1000;
/** A box's size and type, and its size again where that needs eight bytes (ISO 14496-12 section 4.2). */
const BOX_HEADER_BYTES = 16;

/** The recordings of a file, one after the other; a single one is the whole file. */
export function joinedSpans(bytes: ByteSource, kind: MediaKind): Span[] {
  const starts = [0, ...laterStarts(bytes, kind).slice(0, MAX_JOINED - 1)];
  return starts.map((at, index) => ({ at, length: (starts[index + 1] ?? bytes.sizeBytes) - at }));
}

function laterStarts(bytes: ByteSource, kind: MediaKind): number[] {
  if (kind === 'mp4') return joinedMp4s(bytes);
  return kind === 'wav' ? joinedWavs(bytes) : [];
}

/** A recording begins with a box of its type, and has a table of its own. */
function joinedMp4s(bytes: ByteSource): number[] {
  const starts: number[] = [];
  let begins: number | undefined;
  for (let at = 0; at + 8 <= bytes.sizeBytes;) {
    const header = Buffer.from(bytes.read(at, BOX_HEADER_BYTES));
    const type = header.toString('latin1', 4, 8);
    if (type === 'ftyp') begins = at;
    if (type === 'moov' && begins !== undefined) {
      if (begins > 0) starts.push(begins);
      begins = undefined;
    }
    const size = boxSize(header);
    if (size < 8) break; // to the end of the file, or none that makes sense
    at += size;
  }
  return starts;
}

function boxSize(header: Buffer): number {
  const size = header.readUInt32BE(0);
  if (size !== 1) return size;
  return header.length < BOX_HEADER_BYTES ? 0 : Number(header.readBigUInt64BE(8));
}
