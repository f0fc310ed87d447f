import type { WavBytes } from './wav-bytes.js';

/** What is behind the sound that a header declares. */
export type BehindSound =
  /** Nothing, or chunks with other things in them. */
  | { kind: 'nothing' }
  /** More sound, from the declared end to the end of the file. */
  | { kind: 'sound' }
  /** Another chunk of sound. */
  | { kind: 'data'; at: number; length: number }
  /** Another recording begins there. */
  | { kind: 'recording'; at: number };

/** So little behind the last chunk is no sound that anybody would miss. */
const MIN_SOUND_BYTES = 1024;
const CONTAINERS: readonly string[] = ['RIFF', 'RIFX', 'RF64', 'BW64'];

/**
 * Looks behind the sound that ends at `end`. Chunks follow each other to the end of a file; what does not look like one is
 * sound that was written after the header, unless other chunks came before it.
 */
export function behindSound(file: WavBytes, end: number, littleEndian: boolean): BehindSound {
  for (const start of end % 2 === 0 ? [end] : [end + 1, end]) {
    const found = chunksFrom(file, start, littleEndian);
    if (found !== undefined) return found;
  }
  return file.sizeBytes - end < MIN_SOUND_BYTES ? { kind: 'nothing' } : { kind: 'sound' };
}

/** Undefined where no chunk begins at `start`. */
function chunksFrom(file: WavBytes, start: number, littleEndian: boolean): BehindSound | undefined {
  let offset = start;
  while (offset + 8 <= file.sizeBytes) {
    const head = file.read(offset, 12);
    const id = text(head, 0);
    if (CONTAINERS.includes(id) && text(head, 8) === 'WAVE') return { kind: 'recording', at: offset };
    const size = new DataView(head.buffer, head.byteOffset, head.length).getUint32(4, littleEndian);
    const isChunk = /^[\x20-\x7e]{4}$/.test(id) && offset + 8 + size <= file.sizeBytes;
    if (!isChunk) break;
    if (id === 'data' && size > 0) return { kind: 'data', at: offset + 8, length: size };
    offset += 8 + size + (size % 2);
  }
  return offset > start ? { kind: 'nothing' } : undefined;
}

const text = (bytes: Uint8Array, offset: number) =>
  String.fromCharCode(...bytes.subarray(offset, offset + 4));
