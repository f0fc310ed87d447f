/** Where recordings begin that are joined in one file, for kinds of which ffmpeg reads the first ones only, or some wrongly. */
import { joinedWavs } from '../../audio/wav.js';
import { blockReader, type ByteSource } from './byte-source.js';
import { joinedMatroskas } from './joined-matroska.js';
import { boxesOf } from './mp4-boxes.js';
import { joinedOggs } from './ogg.js';
import type { MediaKind } from './sniff.js';

/** Bytes of a file, from `at` on. */
export type Span = { at: number; length: number };

/** Recordings in one file beyond which the rest is taken for part of the last one. */
const MAX_JOINED = 1000;

/** Where the recording that begins at `at` ends by its own word; undefined where it does not say. */
type EndOf = (bytes: ByteSource, at: number) => number | undefined;

/** Kinds that say at their beginning, or part by part, how long they are; another one then begins as the first did. */
const ENDS: Partial<Record<MediaKind, { magic: string; endOf: EndOf }>> = {
  aiff: { magic: 'FORM', endOf: endOfAiff },
  w64: { magic: 'riff\x2e\x91\xcf\x11', endOf: endOfWave64 },
  caf: { magic: 'caff', endOf: endOfCaf },
  flv: { magic: 'FLV\x01', endOf: endOfFlv },
  asf: { magic: '\x30\x26\xb2\x75\x8e\x66\xcf\x11', endOf: endOfAsf },
};

/** The recordings of a file, one after the other; a single one is the whole file. */
export function joinedSpans(bytes: ByteSource, kind: MediaKind): Span[] {
  const starts = [0, ...laterStarts(bytes, kind).slice(0, MAX_JOINED - 1)];
  return starts.map((at, index) => ({ at, length: (starts[index + 1] ?? bytes.sizeBytes) - at }));
}

function laterStarts(bytes: ByteSource, kind: MediaKind): number[] {
  if (kind === 'mp4') return joinedMp4s(bytes);
  if (kind === 'matroska') return joinedMatroskas(bytes);
  if (kind === 'ogg') return joinedOggs(bytes);
  if (kind === 'flac') return joinedFlacs(bytes);
  if (kind === 'wav') return joinedWavs(bytes);
  const known = ENDS[kind];
  return known === undefined ? [] : oneAfterTheOther(bytes, known.magic, known.endOf);
}

function oneAfterTheOther(bytes: ByteSource, magic: string, endOf: EndOf): number[] {
  const starts: number[] = [];
  for (let at = 0; starts.length < MAX_JOINED;) {
    const end = endOf(bytes, at);
    if (end === undefined || end <= at || !textAt(bytes, end, magic.length).startsWith(magic)) break;
    starts.push(end);
    at = end;
  }
  return starts;
}

function textAt(bytes: ByteSource, at: number, length: number): string {
  return at + length > bytes.sizeBytes ? '' : Buffer.from(bytes.read(at, length)).toString('latin1');
}

/** `FORM`, then the size of what follows, in four bytes; the whole is even. */
function endOfAiff(bytes: ByteSource, at: number): number | undefined {
  const header = Buffer.from(bytes.read(at, 8));
  if (header.length < 8) return undefined;
  const size = header.readUInt32BE(4);
  return at + 8 + size + (size % 2);
}

/** A GUID of 16 bytes, then the size of all of it, in eight bytes; it is rounded up to eight. */
function endOfWave64(bytes: ByteSource, at: number): number | undefined {
  const header = Buffer.from(bytes.read(at, 24));
  return header.length < 24 ? undefined : at + 8 * Math.ceil(Number(header.readBigUInt64LE(16)) / 8);
}

/** After eight bytes chunks of a type, a size in eight bytes and that much content; the last one may not say its size. */
function endOfCaf(bytes: ByteSource, at: number): number | undefined {
  return afterChunks(bytes, at + 8, 12, (header) => {
    if (header.toString('latin1', 0, 4) === 'caff') return undefined;
    const size = Number(header.readBigInt64BE(4));
    return size < 0 ? undefined : 12 + size;
  });
}

/** Objects of a GUID of 16 bytes and their size, in eight bytes. The first one has been seen. */
function endOfAsf(bytes: ByteSource, at: number): number | undefined {
  const first = Buffer.from(bytes.read(at, 24));
  if (first.length < 24) return undefined;
  const guid = first.toString('latin1', 0, 16);
  return afterChunks(bytes, at + Number(first.readBigUInt64LE(16)), 24, (header) => {
    const size = Number(header.readBigUInt64LE(16));
    return header.toString('latin1', 0, 16) === guid || size < 24 ? undefined : size;
  });
}

const FLV_TAGS = new Set([8, 9, 18]);

/** A header that says its size, four bytes, then tags: a type, a size in three bytes, seven more bytes, content, four bytes. */
function endOfFlv(bytes: ByteSource, at: number): number | undefined {
  const header = Buffer.from(bytes.read(at, 9));
  if (header.length < 9) return undefined;
  return afterChunks(bytes, at + header.readUInt32BE(5) + 4, 4, (tag) =>
    FLV_TAGS.has(tag[0]! & 0x1f) ? 11 + tag.readUIntBE(1, 3) + 4 : undefined,
  );
}

/** Goes from chunk to chunk until one has no size: that is where they end. */
function afterChunks(
  bytes: ByteSource,
  from: number,
  headerBytes: number,
  sizeOf: (header: Buffer) => number | undefined,
): number {
  const bytesAt = blockReader(bytes);
  for (let at = from; ;) {
    const header = bytesAt(at, headerBytes);
    const size = header.length < headerBytes ? undefined : sizeOf(header);
    if (size === undefined) return at;
    at += size;
  }
}

/** The marker and the head of the only block that must follow it (RFC 9639 section 6): eight bytes that no sound has. */
const FLAC_HEADS = ['fLaC\x00\x00\x00\x22', 'fLaC\x80\x00\x00\x22'].map((head) =>
  Buffer.from(head, 'latin1'),
);
const SEARCHED_BYTES = 2 ** 20;

/** FLAC does not say where it ends. */
function joinedFlacs(bytes: ByteSource): number[] {
  const starts: number[] = [];
  const overlap = FLAC_HEADS[0]!.length - 1;
  for (let at = 1; at < bytes.sizeBytes; at += SEARCHED_BYTES) {
    const block = Buffer.from(bytes.read(at, SEARCHED_BYTES + overlap));
    for (const head of FLAC_HEADS)
      for (let found = block.indexOf(head); found >= 0; found = block.indexOf(head, found + 1))
        starts.push(at + found);
  }
  return starts.sort((a, b) => a - b);
}

/** A recording begins with a box of its type, and has a table of its own. */
function joinedMp4s(bytes: ByteSource): number[] {
  const starts: number[] = [];
  let begins: number | undefined;
  for (const { type, at } of boxesOf(bytes)) {
    if (type === 'ftyp') begins = at;
    if (type === 'moov' && begins !== undefined) {
      if (begins > 0) starts.push(begins);
      begins = undefined;
    }
  }
  return starts;
}
