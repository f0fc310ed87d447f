import { MAX_CHANNELS } from './pcm.js';
import { behindSound } from './wav-behind.js';
import type { WavBytes } from './wav-bytes.js';

/** Why a file could not be read as WAV. */
export type WavProblem =
  | 'not_wav' // it is something else
  | 'damaged' // it is a WAV whose structure is broken or that holds no sound
  | 'unsupported'; // it is a sound WAV of a kind that is not read here

/** A file that cannot be read as WAV. `message` is a clause without the file's name: "it has no fmt chunk". */
export class WavError extends Error {
  readonly problem: WavProblem;
  /** Its samples are compressed: a decoder for their format may read it all the same. */
  readonly isCompressed: boolean;

  constructor(problem: WavProblem, message: string, options: { isCompressed?: boolean } = {}) {
    super(message);
    this.name = 'WavError';
    this.problem = problem;
    this.isCompressed = options.isCompressed ?? false;
  }
}

/** How one sample is stored. */
export type WavEncoding = { kind: 'pcm' | 'float' | 'alaw' | 'mulaw'; bits: 8 | 16 | 24 | 32 | 64 };

/** Where the sound is inside the file and how it is stored; everything in it has been checked against the file. */
export type WavLayout = {
  /** RIFX stores numbers big-endian; RIFF and RF64 little-endian. */
  container: 'RIFF' | 'RIFX' | 'RF64';
  encoding: WavEncoding;
  /** 1 to 8. */
  channelCount: number;
  /** 8,000 to 192,000. */
  sampleRateHz: number;
  /** Bytes of one sample of every channel. */
  blockBytes: number;
  /** Which loudspeaker each channel is for, as bits of Microsoft's `dwChannelMask`; 0 where the file does not say. */
  channelMask: number;
  /** Where the sound is, in order: whole blocks each. More than one where recordings are joined in one file. */
  spans: readonly WavSpan[];
  /** Bytes of sound in all spans: at least one block. */
  dataBytes: number;
  warnings: string[];
};

/** Bytes of a file, from `at` on. */
export type WavSpan = { at: number; length: number };

/** Lowest and highest sample rate that is read. */
const MIN_WAV_RATE_HZ = 8_000;
const MAX_WAV_RATE_HZ = 192_000;

const TAG_PCM = 0x0001;
const TAG_FLOAT = 0x0003;
const TAG_ALAW = 0x0006;
const TAG_MULAW = 0x0007;
const TAG_EXTENSIBLE = 0xfffe;

/** Bit depths per format tag (Microsoft's mmreg.h names the tags). */
const READABLE: ReadonlyMap<number, { kind: WavEncoding['kind']; bits: readonly number[] }> = new Map([
  [TAG_PCM, { kind: 'pcm', bits: [8, 16, 24, 32] }],
  [TAG_FLOAT, { kind: 'float', bits: [32, 64] }],
  [TAG_ALAW, { kind: 'alaw', bits: [8] }],
  [TAG_MULAW, { kind: 'mulaw', bits: [8] }],
]);

const KIND_NAMES = { pcm: 'PCM', float: 'float', alaw: 'A-law', mulaw: 'mu-law' } as const;

/** The name of an encoding: "16-bit PCM", "32-bit float", "A-law", "mu-law". */
export function wavEncodingName({ kind, bits }: WavEncoding): string {
  return kind === 'alaw' || kind === 'mulaw' ? KIND_NAMES[kind] : `${bits}-bit ${KIND_NAMES[kind]}`;
}

/** Names for the message only. */
const KNOWN_TAGS: ReadonlyMap<number, string> = new Map([
  [0x0002, 'MS ADPCM'],
  [0x0011, 'IMA ADPCM'],
  [0x0031, 'GSM 6.10'],
  [0x0050, 'MPEG audio'],
  [0x0055, 'MP3'],
  [0x00ff, 'AAC'],
]);

/** Bytes 2 to 15 of the GUIDs KSDATAFORMAT_SUBTYPE_*, of which the first two bytes are the format tag. */
const SUBTYPE_TAIL = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/** Sizes from here on mean "not known": 0xFFFFFFFF by ffmpeg and the EBU, 0x7FFFF000 by sox, both when writing to a pipe. */
const UNKNOWN_SIZE_FROM = 0x7ffff000;

/** More of a fmt chunk is not read: WAVE_FORMAT_EXTENSIBLE has 40 bytes. */
const MAX_FMT_BYTES = 64;
/** A header that promises so little more than there is has counted itself: nothing is missing. */
const MISCOUNTED_BYTES = 256;
/** Recordings in one file beyond which the file is refused to be searched further. */
const MAX_JOINED = 1000;

/** Samples fill whole bytes, from the top. */
const STORED_BITS: ReadonlyMap<number, number> = new Map([
  [12, 16],
  [20, 24],
]);
/** Chunks that follow others in front of the sound. */
const CHUNKS = new Set(['fmt ', 'fact', 'LIST', 'data']);

type Chunks = { fmt: DataView; dataStart: number; declaredBytes: number; riffBytes: number };

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const idOf = (bytes: Uint8Array, offset: number) =>
  String.fromCharCode(...bytes.subarray(offset, offset + 4));

function containerOf(head: Uint8Array): WavLayout['container'] {
  if (head.length === 0) throw new WavError('damaged', 'it is empty');
  const id = idOf(head, 0);
  const container = id === 'BW64' ? 'RF64' : id; // one layout with two names (EBU Tech 3306, ITU-R BS.2088)
  if (container !== 'RIFF' && container !== 'RIFX' && container !== 'RF64') {
    throw new WavError('not_wav', 'it does not begin with RIFF, RIFX or RF64');
  }
  if (head.length < 12) throw new WavError('damaged', `it ends after ${head.length} bytes`);
  if (idOf(head, 8) !== 'WAVE') throw new WavError('not_wav', 'it is a RIFF file but not a WAVE one');
  return container;
}

/** Walks the chunks as far as `data`. Sizes come from the file, so each is only ever compared, never allocated. */
function findChunks(file: WavBytes, start: number, littleEndian: boolean): Chunks {
  const riffBytes = viewOf(file.read(start + 4, 4)).getUint32(0, littleEndian);
  let fmt: DataView | undefined;
  let longDataBytes: number | undefined;
  let offset = start + 12;
  while (offset + 8 <= file.sizeBytes) {
    const head = file.read(offset, 8);
    const id = idOf(head, 0);
    const size = viewOf(head).getUint32(4, littleEndian);
    const body = offset + 8;
    if (id === 'data') {
      if (fmt === undefined) throw new WavError('damaged', 'it has no fmt chunk before its data');
      const declaredBytes = size === 0xffffffff && longDataBytes !== undefined ? longDataBytes : size;
      return { fmt, dataStart: body, declaredBytes, riffBytes };
    }
    if (body + size > file.sizeBytes) break;
    if (id === 'fmt ') fmt ??= viewOf(file.read(body, Math.min(size, MAX_FMT_BYTES)).slice());
    if (id === 'ds64' && size >= 16)
      longDataBytes = Number(viewOf(file.read(body, 16)).getBigUint64(8, littleEndian));
    offset = body + size;
    // Chunks begin at even places; some writers forget it.
    if (size % 2 === 1 && !CHUNKS.has(idOf(file.read(offset, 4), 0))) offset++;
  }
  throw new WavError('damaged', fmt === undefined ? 'it has no fmt chunk' : 'it has no data chunk');
}

/** The format tag; for WAVE_FORMAT_EXTENSIBLE the one inside its GUID. */
function formatTag(fmt: DataView, littleEndian: boolean): number {
  const tag = fmt.getUint16(0, littleEndian);
  if (tag !== TAG_EXTENSIBLE) return tag;
  if (fmt.byteLength < 40) throw new WavError('damaged', 'its extensible fmt chunk is cut short');
  const isSubtype = SUBTYPE_TAIL.every((byte, index) => fmt.getUint8(26 + index) === byte);
  // RIFX writes the GUID's first fields big-endian, which puts the tag at byte 26 and its zero bytes before it.
  if (!isSubtype && !littleEndian) return formatTagOfBigEndianGuid(fmt);
  if (!isSubtype) throw new WavError('unsupported', 'its extensible fmt chunk names an unknown sub-format');
  return fmt.getUint16(24, true);
}

function formatTagOfBigEndianGuid(fmt: DataView): number {
  const tail = [0, 0, 0, 0x10, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
  const zero = fmt.getUint16(24, false) === 0;
  if (!zero || !tail.every((byte, index) => fmt.getUint8(28 + index) === byte)) {
    throw new WavError('unsupported', 'its extensible fmt chunk names an unknown sub-format');
  }
  return fmt.getUint16(26, false);
}

function encodingOf(tag: number, bits: number): WavEncoding {
  const readable = READABLE.get(tag);
  if (readable === undefined) {
    const hex = `0x${tag.toString(16).padStart(4, '0')}`;
    throw new WavError(
      'unsupported',
      `its samples are stored as ${KNOWN_TAGS.get(tag) ?? 'format'} (${hex})`,
      { isCompressed: true },
    );
  }
  if (!readable.bits.includes(bits)) {
    throw new WavError('unsupported', `it has ${bits}-bit ${KIND_NAMES[readable.kind]} samples`);
  }
  return { kind: readable.kind, bits: bits as WavEncoding['bits'] };
}

/** What the fmt chunk says, checked. */
type Format = Pick<
  WavLayout,
  'container' | 'encoding' | 'channelCount' | 'sampleRateHz' | 'blockBytes' | 'channelMask'
>;

function formatOf(fmt: DataView, container: WavLayout['container']): Format {
  const littleEndian = container !== 'RIFX';
  if (fmt.byteLength < 16) throw new WavError('damaged', 'its fmt chunk is cut short');
  const channelCount = fmt.getUint16(2, littleEndian);
  const sampleRateHz = fmt.getUint32(4, littleEndian);
  const blockBytes = fmt.getUint16(12, littleEndian);
  const bits = fmt.getUint16(14, littleEndian);
  const storedBits = STORED_BITS.get(bits) ?? bits;
  const encoding = encodingOf(formatTag(fmt, littleEndian), storedBits);
  if (channelCount === 0) throw new WavError('damaged', 'its header says it has no channels');
  if (channelCount > MAX_CHANNELS) {
    throw new WavError('unsupported', `it has ${channelCount} channels, more than ${MAX_CHANNELS}`);
  }
  if (sampleRateHz === 0) throw new WavError('damaged', 'its header says its sample rate is 0 Hz');
  if (sampleRateHz < MIN_WAV_RATE_HZ || sampleRateHz > MAX_WAV_RATE_HZ) {
    const allowed = `${MIN_WAV_RATE_HZ} to ${MAX_WAV_RATE_HZ} Hz`;
    throw new WavError('unsupported', `its sample rate is ${sampleRateHz} Hz, outside ${allowed}`);
  }
  if (blockBytes !== (channelCount * encoding.bits) / 8) {
    throw new WavError('damaged', `its header contradicts itself (block of ${blockBytes} bytes)`);
  }
  const isExtensible = fmt.getUint16(0, littleEndian) === TAG_EXTENSIBLE;
  const channelMask = isExtensible ? fmt.getUint32(20, littleEndian) : 0;
  return { container, encoding, channelCount, sampleRateHz, blockBytes, channelMask };
}

/** One recording of a file: its sound, and what is wrong with it. */
type Part = { format: Format; spans: WavSpan[]; warnings: string[]; next: number | undefined };

function partAt(file: WavBytes, start: number): Part {
  const container = containerOf(file.read(start, 12));
  const littleEndian = container !== 'RIFX';
  const { fmt, dataStart, declaredBytes, riffBytes } = findChunks(file, start, littleEndian);
  const format = formatOf(fmt, container);
  const { blockBytes } = format;
  const bytesPerSecond = blockBytes * format.sampleRateHz;
  const seconds = (bytes: number) => (bytes / bytesPerSecond).toFixed(2);
  const warnings: string[] = [];

  const presentBytes = file.sizeBytes - dataStart;
  const neverSized =
    declaredBytes === 0 &&
    (riffBytes === 0 || riffBytes + 8 <= dataStart - start) &&
    behindSound(file, dataStart, littleEndian).kind !== 'data';
  const unknown = neverSized || (declaredBytes >= UNKNOWN_SIZE_FROM && declaredBytes > presentBytes);
  let soundBytes = unknown ? presentBytes : Math.min(declaredBytes, presentBytes);
  const further: WavSpan[] = [];
  let next: number | undefined;
  if (!unknown && declaredBytes < presentBytes) {
    let behind = behindSound(file, dataStart + declaredBytes, littleEndian);
    for (; behind.kind === 'data' && further.length < MAX_JOINED;) {
      further.push({ at: behind.at, length: behind.length - (behind.length % blockBytes) });
      behind = behindSound(file, behind.at + behind.length, littleEndian);
    }
    if (behind.kind === 'recording') next = behind.at;
    if (behind.kind === 'sound' && further.length === 0) {
      soundBytes = presentBytes;
      if (declaredBytes > 0)
        warnings.push(
          `${seconds(presentBytes - declaredBytes)} s of sound lie behind the end that its header declares; they were read too`,
        );
    }
  }
  const left = soundBytes % blockBytes;
  const span = { at: dataStart, length: soundBytes - left };
  const missingBytes = unknown ? 0 : declaredBytes - presentBytes;
  if (missingBytes > Math.min(MISCOUNTED_BYTES, declaredBytes / 100))
    warnings.push(`the file is cut short: ${seconds(span.length)} s of ${seconds(declaredBytes)} s read`);
  else if (left > 0) warnings.push(`the last ${left} bytes are not a whole sample and were left out`);
  return { format, spans: [span, ...further], warnings, next };
}

const sameFormat = (a: Format, b: Format) =>
  a.container === b.container &&
  a.encoding.kind === b.encoding.kind &&
  a.encoding.bits === b.encoding.bits &&
  a.channelCount === b.channelCount &&
  a.sampleRateHz === b.sampleRateHz;

/**
 * Checks the structure of a WAV file and finds its sound. Reads RIFF, RIFX and RF64; PCM of 8, 16, 24 and 32 bits, float of 32
 * and 64, A-law and mu-law, each also in WAVE_FORMAT_EXTENSIBLE; 1 to 8 channels; 8 to 192 kHz. A file whose sound is cut
 * short is accepted with a warning; sound behind the end that the header declares is read, and so are recordings of the same
 * format that are joined behind the first.
 * @throws WavError for everything else.
 */
export function readWavLayout(file: WavBytes): WavLayout {
  const first = partAt(file, 0);
  const { spans } = first;
  const { warnings } = first;
  let count = 1;
  for (let next = first.next; next !== undefined && count < MAX_JOINED; count++) {
    const part = joinedAt(file, next);
    if (part === undefined || !sameFormat(first.format, part.format)) {
      const mib = ((file.sizeBytes - next) / 2 ** 20).toFixed(1);
      warnings.push(`another recording is joined behind it, in another format: ${mib} MiB were not read`);
      break;
    }
    spans.push(...part.spans);
    warnings.push(...part.warnings);
    next = part.next;
  }
  const dataBytes = spans.reduce((sum, { length }) => sum + length, 0);
  if (dataBytes === 0) throw new WavError('damaged', 'it holds no sound');
  return { ...first.format, spans, dataBytes, warnings };
}

/**
 * Where further WAV files begin that are joined behind the first one, however their samples are stored. Nothing is known behind
 * a file that does not say how long it is.
 */
export function joinedWavs(file: WavBytes): number[] {
  const starts: number[] = [];
  for (let start: number | undefined = 0; start !== undefined && starts.length < MAX_JOINED;) {
    start = nextAfter(file, start);
    if (start !== undefined) starts.push(start);
  }
  return starts;
}

function nextAfter(file: WavBytes, start: number): number | undefined {
  try {
    const littleEndian = containerOf(file.read(start, 12)) !== 'RIFX';
    const { dataStart, declaredBytes } = findChunks(file, start, littleEndian);
    if (declaredBytes === 0 || dataStart + declaredBytes > file.sizeBytes) return undefined;
    const behind = behindSound(file, dataStart + declaredBytes, littleEndian);
    return behind.kind === 'recording' ? behind.at : undefined;
  } catch (error) {
    if (error instanceof WavError) return undefined;
    throw error;
  }
}

function joinedAt(file: WavBytes, at: number): Part | undefined {
  try {
    return partAt(file, at);
  } catch (error) {
    if (error instanceof WavError) return undefined;
    throw error;
  }
}
