/** What a recording is, by its first bytes. */
export type MediaKind =
  | 'wav'
  | 'mp3'
  | 'ogg'
  | 'mp4'
  | 'matroska'
  | 'flac'
  | 'adts'
  | 'mpegts'
  | 'amr'
  | 'aiff'
  | 'caf'
  | 'w64'
  | 'au'
  | 'avi'
  | 'asf'
  | 'loas'
  | 'flv'
  | 'mpegps'
  | 'mxf'
  | 'real'
  | 'ac3'
  | 'eac3'
  | 'dts'
  | 'wavpack'
  | 'ape'
  | 'tta'
  | 'voc'
  | 'dss'
  | 'gsm';

/** `text` is anything made of characters only: playlists and web pages among them. */
type SniffedKind = MediaKind | 'text' | 'unknown';

const TEXT_SAMPLE_BYTES = 512;

/** Kinds that begin with characters of their own: what must stand where. */
const MAGIC: readonly (readonly [MediaKind, readonly (readonly [number, string])[]])[] = [
  [
    'avi',
    [
      [0, 'RIFF'],
      [8, 'AVI '],
    ],
  ],
  ['wav', [[0, 'RIFF']]],
  ['wav', [[0, 'RIFX']]],
  ['wav', [[0, 'RF64']]],
  ['wav', [[0, 'BW64']]],
  ['ogg', [[0, 'OggS']]],
  ['mp4', [[4, 'ftyp']]],
  ['matroska', [[0, '\x1a\x45\xdf\xa3']]],
  ['flac', [[0, 'fLaC']]],
  ['amr', [[0, '#!AMR']]],
  [
    'aiff',
    [
      [0, 'FORM'],
      [8, 'AIF'],
    ],
  ],
  ['caf', [[0, 'caff']]],
  ['w64', [[0, 'riff\x2e\x91\xcf\x11']]],
  ['au', [[0, '.snd']]],
  ['asf', [[0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11']]],
  ['flv', [[0, 'FLV\x01']]],
  ['mpegps', [[0, '\0\0\x01\xba']]],
  ['mxf', [[0, '\x06\x0e\x2b\x34\x02\x05\x01\x01']]],
  ['real', [[0, '.RMF']]],
  ['real', [[0, '.ra\xfd']]],
  ['dts', [[0, '\x7f\xfe\x80\x01']]],
  ['wavpack', [[0, 'wvpk']]],
  ['ape', [[0, 'MAC ']]],
  ['tta', [[0, 'TTA1']]],
  ['voc', [[0, 'Creative Voice File\x1a']]],
  ['dss', [[1, 'dss\0']]],
];

/** Boxes with which QuickTime files begin that have no "ftyp", after a size whose first byte is no letter. */
const QUICKTIME_BOXES = ['moov', 'mdat', 'wide', 'free', 'skip', 'styp', 'moof'];

const TS_SYNC = 0x47;
/** Packets of MPEG-TS, and those of cameras, which have four bytes in front. */
const TS_PACKETS = [
  { bytes: 188, syncAt: 0 },
  { bytes: 192, syncAt: 4 },
];
const TS_PACKETS_SEEN = 4;

const GSM_FRAME_BYTES = 33;
const GSM_FRAMES_SEEN = 50;
const GSM_FRAMES_NEEDED = 10;

function startsWith(bytes: Uint8Array, offset: number, magic: string): boolean {
  if (offset + magic.length > bytes.length) return false;
  for (let index = 0; index < magic.length; index++) {
    if (bytes[offset + index] !== magic.charCodeAt(index)) return false;
  }
  return true;
}

/** Where the sound starts behind an ID3v2 tag (id3.org, ID3v2.4.0 section 3.1: size in four 7-bit bytes), or 0. */
function afterId3(bytes: Uint8Array): number {
  if (!startsWith(bytes, 0, 'ID3') || bytes.length < 10) return 0;
  const size = bytes.subarray(6, 10).reduce((total, byte) => total * 128 + (byte & 0x7f), 0);
  return 10 + size;
}

/** The header of an MPEG audio frame (ISO 11172-3 section 2.4.1.3) with none of its reserved values, layer II or III. */
function isMpegAudioFrame(bytes: Uint8Array, offset: number): boolean {
  const [sync, version, rates] = bytes.subarray(offset, offset + 3);
  if (sync !== 0xff || version === undefined || rates === undefined) return false;
  const isSync = (version & 0xe0) === 0xe0;
  const isLayer = ((version & 0x06) === 0x02 || (version & 0x06) === 0x04) && (version & 0x18) !== 0x08;
  return isSync && isLayer && rates >> 4 !== 0x0f && rates >> 4 !== 0 && (rates & 0x0c) !== 0x0c;
}

/** Two frames of ADTS (ISO 13818-7 section 6.2), or one that ends the bytes. */
function isAdts(bytes: Uint8Array, offset: number): boolean {
  const [sync, version, profile, high, middle, low] = bytes.subarray(offset, offset + 6);
  if (sync !== 0xff || version === undefined || (version & 0xf6) !== 0xf0 || low === undefined) return false;
  if ((profile! & 0x3c) >> 2 > 12) return false;
  const frameBytes = ((high! & 0x03) << 11) | (middle! << 3) | (low >> 5);
  if (frameBytes < 7) return false;
  const next = offset + frameBytes;
  return next + 2 > bytes.length || (bytes[next] === 0xff && (bytes[next + 1]! & 0xf6) === 0xf0);
}

/** Two frames of LOAS (ISO 14496-3 section 1.7.2). */
function isLoas(bytes: Uint8Array): boolean {
  const isSync = (at: number) => bytes[at] === 0x56 && (bytes[at + 1]! & 0xe0) === 0xe0;
  return bytes.length >= 3 && isSync(0) && isSync(3 + (((bytes[1]! & 0x1f) << 8) | bytes[2]!));
}

/** A frame of AC-3 or E-AC-3 (ETSI TS 102 366 section 4.4 and E.1.2), by its version. */
function ac3Of(bytes: Uint8Array): 'ac3' | 'eac3' | undefined {
  if (bytes[0] !== 0x0b || bytes[1] !== 0x77 || bytes.length < 6) return undefined;
  const version = bytes[5]! >> 3;
  if (version > 16) return undefined;
  return version > 10 ? 'eac3' : 'ac3';
}

/** Frames of GSM 06.10 and nothing else, as telephone systems write them: 33 bytes, each beginning with 0xd. */
function isGsm(bytes: Uint8Array): boolean {
  const frames = Math.min(GSM_FRAMES_SEEN, Math.floor(bytes.length / GSM_FRAME_BYTES));
  if (frames < GSM_FRAMES_NEEDED) return false;
  return Array.from({ length: frames }).every((_, index) => bytes[index * GSM_FRAME_BYTES]! >> 4 === 0xd);
}

function isTransportStream(bytes: Uint8Array): boolean {
  return TS_PACKETS.some(({ bytes: packetBytes, syncAt }) => {
    const packets = Math.min(TS_PACKETS_SEEN, Math.floor(bytes.length / packetBytes));
    if (packets < 2) return false;
    return Array.from({ length: packets }).every(
      (_, index) => bytes[index * packetBytes + syncAt] === TS_SYNC,
    );
  });
}

function isText(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, TEXT_SAMPLE_BYTES);
  // Only tab, line feed, carriage return and what is printable in ASCII or part of UTF-8.
  return (
    sample.length > 0 &&
    sample.every((byte) => (byte >= 0x20 ? byte !== 0x7f : [9, 10, 13].includes(byte))) &&
    isUtf8(sample)
  );
}

function isUtf8(sample: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Tells what a file is from its first bytes (some thousands, and what an ID3 tag takes); its name is never looked at. */
export function sniffMedia(bytes: Uint8Array): SniffedKind {
  const found = MAGIC.find(([, places]) => places.every(([at, magic]) => startsWith(bytes, at, magic)));
  if (found !== undefined) return found[0];
  if (bytes[0]! < 0x20 && QUICKTIME_BOXES.some((box) => startsWith(bytes, 4, box))) return 'mp4';
  const start = afterId3(bytes);
  if (startsWith(bytes, start, 'fLaC')) return 'flac';
  if (isAdts(bytes, start)) return 'adts';
  if (start > 0 || isMpegAudioFrame(bytes, 0)) return 'mp3';
  if (isTransportStream(bytes)) return 'mpegts';
  if (isLoas(bytes)) return 'loas';
  const ac3 = ac3Of(bytes);
  if (ac3 !== undefined) return ac3;
  if (isGsm(bytes)) return 'gsm';
  return isText(bytes) ? 'text' : 'unknown';
}
