import { MAX_CHANNELS } from './pcm.js';

/** Why a file could not be read as WAV. */
export type WavProblem =
  | 'not_wav' // it is something else
  | 'damaged' // it is a WAV whose structure is broken or that holds no sound
  | 'unsupported'; // it is a sound WAV of a kind that is not read here

/** A file that cannot be read as WAV. `message` is a clause without the file's name: "it has no fmt chunk". */
export class WavError extends Error {
  readonly problem: WavProblem;

  constructor(problem: WavProblem, message: string) {
    super(message);
    this.name = 'WavError';
    this.problem = problem;
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
  /** First byte of the sound. */
  dataStart: number;
  /** Bytes of sound that are there: whole blocks, at least one. */
  dataBytes: number;
  /** Bytes of sound that the header promises; undefined when it was written by a stream that did not know. */
  declaredBytes: number | undefined;
  warnings: string[];
};

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

type Chunks = { fmt: DataView; dataStart: number; declaredBytes: number; riffBytes: number };

function idAt(view: DataView, offset: number): string {
  return String.fromCharCode(
    view.getUint8(offset),
    view.getUint8(offset + 1),
    view.getUint8(offset + 2),
    view.getUint8(offset + 3),
  );
}

function containerOf(view: DataView): WavLayout['container'] {
  if (view.byteLength === 0) throw new WavError('damaged', 'it is empty');
  const id = view.byteLength < 4 ? '' : idAt(view, 0);
  if (id !== 'RIFF' && id !== 'RIFX' && id !== 'RF64') {
    throw new WavError('not_wav', 'it does not begin with RIFF, RIFX or RF64');
  }
  if (view.byteLength < 12) throw new WavError('damaged', `it ends after ${view.byteLength} bytes`);
  if (idAt(view, 8) !== 'WAVE') throw new WavError('not_wav', 'it is a RIFF file but not a WAVE one');
  return id;
}

/** Walks the chunks as far as `data`. Sizes come from the file, so each is only ever compared, never allocated. */
function findChunks(view: DataView, littleEndian: boolean): Chunks {
  const riffBytes = view.getUint32(4, littleEndian);
  let fmt: DataView | undefined;
  let longDataBytes: number | undefined;
  let offset = 12;
  while (offset + 8 <= view.byteLength) {
    const id = idAt(view, offset);
    const size = view.getUint32(offset + 4, littleEndian);
    const body = offset + 8;
    if (id === 'data') {
      if (fmt === undefined) throw new WavError('damaged', 'it has no fmt chunk before its data');
      const declaredBytes = size === 0xffffffff && longDataBytes !== undefined ? longDataBytes : size;
      return { fmt, dataStart: body, declaredBytes, riffBytes };
    }
    if (body + size > view.byteLength) break;
    if (id === 'fmt ') fmt ??= new DataView(view.buffer, view.byteOffset + body, size);
    if (id === 'ds64' && size >= 16) longDataBytes = Number(view.getBigUint64(body + 8, littleEndian));
    offset = body + size + (size % 2);
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
    );
  }
  if (!readable.bits.includes(bits)) {
    throw new WavError('unsupported', `it has ${bits}-bit ${KIND_NAMES[readable.kind]} samples`);
  }
  return { kind: readable.kind, bits: bits as WavEncoding['bits'] };
}

/**
 * Checks the structure of a WAV file and finds its sound. Reads RIFF, RIFX and RF64; PCM of 8, 16, 24 and 32 bits, float of 32
 * and 64, A-law and mu-law, each also in WAVE_FORMAT_EXTENSIBLE; 1 to 8 channels; 8 to 192 kHz. A file whose sound is cut
 * short is accepted with a warning.
 * @throws WavError for everything else.
 */
export function readWavLayout(bytes: Uint8Array): WavLayout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const container = containerOf(view);
  const littleEndian = container !== 'RIFX';
  const { fmt, dataStart, declaredBytes, riffBytes } = findChunks(view, littleEndian);
  if (fmt.byteLength < 16) throw new WavError('damaged', 'its fmt chunk is cut short');

  const channelCount = fmt.getUint16(2, littleEndian);
  const sampleRateHz = fmt.getUint32(4, littleEndian);
  const blockBytes = fmt.getUint16(12, littleEndian);
  const encoding = encodingOf(formatTag(fmt, littleEndian), fmt.getUint16(14, littleEndian));
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

  const presentBytes = view.byteLength - dataStart;
  const neverSized = declaredBytes === 0 && (riffBytes === 0 || riffBytes + 8 <= dataStart);
  const unknown = neverSized || (declaredBytes >= UNKNOWN_SIZE_FROM && declaredBytes > presentBytes);
  const soundBytes = unknown ? presentBytes : Math.min(declaredBytes, presentBytes);
  const dataBytes = soundBytes - (soundBytes % blockBytes);
  if (dataBytes === 0) throw new WavError('damaged', 'it holds no sound');
  const layout: WavLayout = {
    container,
    encoding,
    channelCount,
    sampleRateHz,
    blockBytes,
    dataStart,
    dataBytes,
    declaredBytes: unknown ? undefined : declaredBytes,
    warnings: [],
  };
  layout.warnings.push(...warningsOf(layout, soundBytes));
  return layout;
}

function warningsOf(layout: WavLayout, soundBytes: number): string[] {
  const bytesPerSecond = layout.blockBytes * layout.sampleRateHz;
  if (layout.declaredBytes !== undefined && layout.declaredBytes > soundBytes) {
    const read = (layout.dataBytes / bytesPerSecond).toFixed(2);
    const promised = (layout.declaredBytes / bytesPerSecond).toFixed(2);
    return [`the file is cut short: ${read} s of ${promised} s read`];
  }
  const left = soundBytes - layout.dataBytes;
  return left === 0 ? [] : [`the last ${left} bytes are not a whole sample and were left out`];
}
