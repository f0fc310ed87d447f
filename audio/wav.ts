import wavefile from 'wavefile';

import { clampToInt16 } from './pcm.js';
import { readWavLayout, wavEncodingName, type WavEncoding, type WavLayout } from './wav-header.js';

export { joinedWavs, readWavLayout, WavError, wavEncodingName } from './wav-header.js';
export type { WavLayout, WavProblem } from './wav-header.js';
export type { WavBytes } from './wav-bytes.js';

/** Sound read from a WAV file. */
export type WavAudio = {
  sampleRateHz: number;
  channelCount: number;
  /** Interleaved 16-bit samples, in memory of their own. */
  samples: Int16Array;
  /** Samples per channel. */
  frames: number;
  durationMs: number;
  /** How the file stores its samples: "16-bit PCM", "32-bit float", "A-law", "mu-law". */
  sourceEncoding: string;
  /** One line each: what of the file could not be read. */
  warnings: string[];
};

/** Sound to be written: interleaved 16-bit samples. */
export type WavSource = { sampleRateHz: number; channelCount: number; samples: Int16Array };

/** How samples are stored. */
type StoredAs = Pick<WavLayout, 'container' | 'encoding' | 'channelCount' | 'sampleRateHz' | 'blockBytes'>;

/** Samples handed to wavefile at a time: bounds what it allocates for a long file. */
const CHUNK_BLOCKS = 65_536;
const HEADER_BYTES = 44;
const MAX_DATA_BYTES = 0xffffff00;

const FORMAT_TAGS = { pcm: 1, float: 3, alaw: 6, mulaw: 7 } as const;

/**
 * A plain WAV around part of the sound: what the file says beyond its samples never reaches wavefile, which reads extensible
 * float32 as integers and accepts most nonsense without a word.
 */
function plainWav(layout: StoredAs, sound: Uint8Array): Uint8Array {
  const littleEndian = layout.container !== 'RIFX';
  const file = new Uint8Array(HEADER_BYTES + sound.length + (sound.length % 2));
  const view = new DataView(file.buffer);
  const text = (offset: number, id: string) => {
    for (let index = 0; index < 4; index++) view.setUint8(offset + index, id.charCodeAt(index));
  };
  text(0, littleEndian ? 'RIFF' : 'RIFX');
  view.setUint32(4, file.length - 8, littleEndian);
  text(8, 'WAVE');
  text(12, 'fmt ');
  view.setUint32(16, 16, littleEndian);
  view.setUint16(20, FORMAT_TAGS[layout.encoding.kind], littleEndian);
  view.setUint16(22, layout.channelCount, littleEndian);
  view.setUint32(24, layout.sampleRateHz, littleEndian);
  view.setUint32(28, layout.sampleRateHz * layout.blockBytes, littleEndian);
  view.setUint16(32, layout.blockBytes, littleEndian);
  view.setUint16(34, layout.encoding.bits, littleEndian);
  text(36, 'data');
  view.setUint32(40, sound.length, littleEndian);
  file.set(sound, HEADER_BYTES);
  return file;
}

/** One stored value to 16 bits: integers by their upper 16 bits, float by 32,768, both rounded and clipped; NaN stays. */
function toInt16(value: number, { kind, bits }: WavEncoding): number {
  let scaled = value;
  if (kind === 'float') scaled = value * 32_768;
  else if (bits === 8 && kind === 'pcm') scaled = (value - 128) * 256;
  else if (bits > 16) scaled = value / 2 ** (bits - 16);
  return clampToInt16(Math.round(scaled));
}

function decodeChunk(layout: StoredAs, sound: Uint8Array, out: Int16Array): void {
  const wav = new wavefile.WaveFile(plainWav(layout, sound));
  if (layout.encoding.kind === 'alaw') wav.fromALaw();
  if (layout.encoding.kind === 'mulaw') wav.fromMuLaw();
  const values = wav.getSamples(true, Float64Array);
  for (let index = 0; index < out.length; index++) out[index] = toInt16(values[index]!, layout.encoding);
}

/** The samples of `sound`, whole blocks stored as `layout` says, in memory of their own. */
export function decodeWavSamples(layout: StoredAs, sound: Uint8Array): Int16Array {
  const { kind, bits } = layout.encoding;
  if (kind === 'pcm' && bits === 16 && layout.container !== 'RIFX') {
    // What wavefile would do in a second per ten minutes is a copy here.
    const samples = new Int16Array(sound.length / 2);
    new Uint8Array(samples.buffer).set(sound);
    return samples;
  }
  const samples = new Int16Array((sound.length * 8) / bits);
  const chunkBytes = CHUNK_BLOCKS * layout.blockBytes;
  for (let start = 0; start < sound.length; start += chunkBytes) {
    const part = sound.subarray(start, start + chunkBytes);
    const from = (start * 8) / bits;
    decodeChunk(layout, part, samples.subarray(from, from + (part.length * 8) / bits));
  }
  return samples;
}

/**
 * Reads a whole WAV file as 16-bit samples at its own rate and channel count. See {@link readWavLayout} for what is read and
 * what is refused; conversion to 16 bits rounds and clips, without dither. A file cut short is read as far as it goes and
 * says so in `warnings`; so does one with sound behind its declared end, which is read. Memory stays within a small multiple of the file's size, whatever its header claims.
 * @throws WavError when the file is not a WAV, is damaged or is stored in a way that is not read here.
 */
export function readWav(bytes: Uint8Array): WavAudio {
  const layout = readWavLayout({
    sizeBytes: bytes.length,
    read: (at, length) => bytes.subarray(at, at + length),
  });
  const frames = layout.dataBytes / layout.blockBytes;
  const samples = new Int16Array(frames * layout.channelCount);
  let filled = 0;
  for (const { at, length } of layout.spans) {
    const part = decodeWavSamples(layout, bytes.subarray(at, at + length));
    samples.set(part, filled);
    filled += part.length;
  }
  return {
    sampleRateHz: layout.sampleRateHz,
    channelCount: layout.channelCount,
    samples,
    frames,
    durationMs: (frames * 1000) / layout.sampleRateHz,
    sourceEncoding: wavEncodingName(layout.encoding),
    warnings: layout.warnings,
  };
}

/**
 * The bytes of a 16-bit PCM WAV file: wavefile's header, then the samples.
 * @throws RangeError when the samples are not whole frames or exceed the 4 GiB that a RIFF file can hold.
 */
export function writeWav({ sampleRateHz, channelCount, samples }: WavSource): Uint8Array {
  if (samples.length % channelCount !== 0) {
    throw new RangeError(`${samples.length} samples are not whole frames of ${channelCount} channels`);
  }
  if (samples.byteLength > MAX_DATA_BYTES) throw new RangeError('a WAV file holds at most 4 GiB');
  const wav = new wavefile.WaveFile();
  wav.fromScratch(channelCount, sampleRateHz, '16', new Int16Array(0));
  const header = wav.toBuffer(); // 44 bytes, or 68 with more than two channels; its last four are the size of the data
  const file = new Uint8Array(header.length + samples.byteLength);
  file.set(header);
  const view = new DataView(file.buffer);
  view.setUint32(4, file.length - 8, true);
  view.setUint32(header.length - 4, samples.byteLength, true);
  file.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), header.length);
  return file;
}
