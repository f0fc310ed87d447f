/** What a recording is, by its first bytes; each of these but `wav` is a demuxer of ffmpeg. */
export type MediaKind = 'wav' | 'mp3' | 'ogg' | 'mp4' | 'matroska' | 'flac';

/** `text` is anything made of characters only: playlists and web pages among them. */
type SniffedKind = MediaKind | 'text' | 'unknown';

const TEXT_SAMPLE_BYTES = 512;

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

/** The header of an MPEG audio frame (ISO 11172-3 section 2.4.1.3) with none of its reserved values, layer III. */
function isMp3Frame(bytes: Uint8Array, offset: number): boolean {
  const [sync, version, rates] = bytes.subarray(offset, offset + 3);
  if (sync !== 0xff || version === undefined || rates === undefined) return false;
  const isSync = (version & 0xe0) === 0xe0;
  const isLayer3 = (version & 0x06) === 0x02 && (version & 0x18) !== 0x08;
  return isSync && isLayer3 && rates >> 4 !== 0x0f && rates >> 4 !== 0 && (rates & 0x0c) !== 0x0c;
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

/** Tells what a file is from its bytes; its name is never looked at. */
export function sniffMedia(bytes: Uint8Array): SniffedKind {
  if (startsWith(bytes, 0, 'RIFF') || startsWith(bytes, 0, 'RIFX') || startsWith(bytes, 0, 'RF64'))
    return 'wav';
  if (startsWith(bytes, 0, 'OggS')) return 'ogg';
  if (startsWith(bytes, 4, 'ftyp')) return 'mp4';
  if (startsWith(bytes, 0, '\x1a\x45\xdf\xa3')) return 'matroska';
  const start = afterId3(bytes);
  if (startsWith(bytes, start, 'fLaC')) return 'flac';
  if (start > 0 || isMp3Frame(bytes, 0)) return 'mp3';
  return isText(bytes) ? 'text' : 'unknown';
}
