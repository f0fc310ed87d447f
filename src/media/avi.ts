/** Pauses in an AVI (Microsoft's "AVI RIFF File Reference"): ffmpeg reads the chunks that hold sound one behind the other. */
import { blockReader, type ByteSource } from './byte-source.js';
import type { UntoldGap } from './timeline.js';

const CHUNK_HEADER_BYTES = 8;
/** A list's header, and what kind of list it is. */
const LIST_HEADER_BYTES = 12;
/** Of a stream's header, as far as it is read. */
const STREAM_HEADER_BYTES = 48;
/** Lists whose chunks are gone through; all others are passed over. */
const OPENED = new Set(['AVI ', 'AVIX', 'hdrl', 'strl', 'movi', 'rec ']);

/** How long one chunk of a stream lasts. */
type Stream = { number: number; blockMs: number };

/**
 * Where a stream of sound has nothing: a late start that its header tells, and chunks that are empty, each as long as one that is
 * not. Sound without chunks of a length of their own (PCM) has none.
 *
 * @param audioTrack which of the streams of sound, from 0
 */
export function aviGaps(bytes: ByteSource, audioTrack: number): UntoldGap[] {
  const gaps: UntoldGap[] = [];
  let streams = 0;
  let audioStreams = 0;
  let stream: Stream | undefined;
  let heardMs = 0;
  let emptyMs = 0;
  for (const { type, sizeBytes, content } of chunksOf(bytes)) {
    if (type === 'strh') {
      const header = content(STREAM_HEADER_BYTES);
      const number = streams++;
      if (header.length < STREAM_HEADER_BYTES || header.toString('latin1', 0, 4) !== 'auds') continue;
      if (audioStreams++ !== audioTrack) continue;
      const [scale, rate, start] = [20, 24, 28].map((at) => header.readUInt32LE(at)) as [
        number,
        number,
        number,
      ];
      if (rate === 0 || header.readUInt32LE(44) !== 0) return [];
      const blockMs = (scale * 1_000) / rate;
      stream = { number, blockMs };
      emptyMs = start * blockMs;
    } else if (stream !== undefined && type === `${String(stream.number).padStart(2, '0')}wb`) {
      if (sizeBytes === 0) {
        emptyMs += stream.blockMs;
        continue;
      }
      // ffmpeg writes the first chunk at once, and the pause that is before it behind it.
      if (emptyMs > 0) gaps.push({ afterMs: heardMs <= stream.blockMs ? 0 : heardMs, gapMs: emptyMs });
      emptyMs = 0;
      heardMs += stream.blockMs;
    }
  }
  return gaps;
}

type Chunk = { type: string; sizeBytes: number; content: (length: number) => Buffer };

/** Every chunk, those in lists that are opened too, in the order of the file. Ends where the file does. */
function* chunksOf(bytes: ByteSource): Generator<Chunk, void> {
  const bytesAt = blockReader(bytes);
  for (let at = 0; at + CHUNK_HEADER_BYTES <= bytes.sizeBytes;) {
    const header = bytesAt(at, LIST_HEADER_BYTES);
    const type = header.toString('latin1', 0, 4);
    const sizeBytes = header.readUInt32LE(4);
    const isList = type === 'RIFF' || type === 'LIST';
    if (isList && OPENED.has(header.toString('latin1', 8, 12))) {
      at += LIST_HEADER_BYTES;
      continue;
    }
    const from = at + CHUNK_HEADER_BYTES;
    yield { type, sizeBytes, content: (length) => bytesAt(from, Math.min(length, sizeBytes)) };
    at = from + sizeBytes + (sizeBytes % 2);
  }
}
