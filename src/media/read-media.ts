import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

import { SUPPORTED_RATES_HZ } from '../../audio/resampler.js';
import { readWav, WavError, writeWav, type WavProblem } from '../../audio/wav.js';
import { ParleyError } from '../errors.js';
import { decodeMedia, type DecodedMedia } from './decode.js';
import { printable } from './printable.js';
import { sniffMedia } from './sniff.js';

/** Sound read from a file: interleaved 16-bit samples at a rate that the live path takes. */
export type Media = DecodedMedia;

/** How a recording is read. */
type ReadMediaOptions = {
  /** What to call the recording in errors; by default its path. */
  name?: string;
  /** How long ffmpeg may take, loading included. */
  deadlineMs?: number;
};

/** Largest file that is read at all: three hours of 48 kHz mono PCM16 fit. */
const MAX_FILE_BYTES = 2 ** 30;

const DEFAULT_DEADLINE_MS = 120_000;
const READABLE_KINDS = 'WAV, MP3, Ogg, M4A or MP4, WebM or FLAC';

const ADVICE: Readonly<Record<WavProblem, string>> = {
  not_wav: `give a ${READABLE_KINDS} file`,
  damaged: 'record or export it again',
  unsupported: 'convert it to a 16-bit PCM WAV at 48 kHz',
};

function unusable(problem: string, cause?: unknown): ParleyError {
  return new ParleyError('input_unusable', problem, { cause });
}

async function readWhole(path: string): Promise<Uint8Array> {
  // Without blocking: opening a named pipe would otherwise wait for someone to write to it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw unusable('it is a directory; give a recording inside it');
    if (!stats.isFile()) throw unusable('it is not a regular file; save the recording to one first');
    if (stats.size > MAX_FILE_BYTES)
      throw unusable(`it is larger than ${MAX_FILE_BYTES / 2 ** 30} GiB; split it`);
    const bytes = new Uint8Array(stats.size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

function errorCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

async function wavToMedia(bytes: Uint8Array, deadlineMs: number): Promise<Media> {
  const { sourceEncoding: encoding, ...wav } = readWav(bytes);
  if (!SUPPORTED_RATES_HZ.includes(wav.sampleRateHz)) {
    const converted = await decodeMedia(writeWav(wav), 'wav', deadlineMs);
    return { ...converted, encoding, warnings: [...wav.warnings, ...converted.warnings] };
  }
  const { sampleRateHz, channelCount, samples, durationMs, warnings } = wav;
  return { sampleRateHz, channelCount, samples, durationMs, encoding, warnings };
}

async function toMedia(bytes: Uint8Array, deadlineMs: number): Promise<Media> {
  if (bytes.length === 0) throw unusable('it is empty; record or export it again');
  const kind = sniffMedia(bytes);
  if (kind === 'wav') return wavToMedia(bytes, deadlineMs);
  if (kind === 'text')
    throw unusable('it holds text (a playlist or a page?), not sound; give the recording itself');
  if (kind === 'unknown')
    throw unusable(`it is not a recording of a known kind; give a ${READABLE_KINDS} file`);
  return decodeMedia(bytes, kind, deadlineMs);
}

/** Puts the name before what went wrong, in one line. */
function named(error: unknown, name: string): unknown {
  const prefix = `cannot read ${printable(name)}: `;
  if (error instanceof ParleyError) {
    return new ParleyError(error.code, prefix + error.message, { cause: error.cause });
  }
  if (error instanceof WavError) {
    return unusable(`${prefix}${error.message}; ${ADVICE[error.problem]}`, error);
  }
  const code = errorCodeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ParleyError('input_missing', `${prefix}there is no such file; check the path`, {
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return unusable(`${prefix}permission denied; make it readable for this user`, error);
  }
  if (code === undefined) return error; // a bug, not a file
  return unusable(`${prefix}the system says ${code}; check the path and the disk`, error);
}

/**
 * Reads a recording: WAV directly, MP3, Ogg (Vorbis, Opus), M4A or MP4, WebM and FLAC through ffmpeg in a worker thread. What
 * it is, is told from its content, never from its name; text (playlists among it) is refused, so nothing in a file is ever
 * opened or followed. A file cut short is read as far as it goes, with a line in `warnings`; only an mp3 without a Xing header
 * declares no length, so there it goes unnoticed. Bounds: 1 GiB for a WAV, 256 MiB for the rest, one hour of stereo or two of
 * mono once decoded, two minutes of decoding; at those bounds the process takes up to 2.2 GiB while it decodes.
 *
 * @param source a path, or the file's bytes
 * @throws ParleyError `input_missing` or `input_unusable`: one line with the file's name, what is wrong and what to do.
 */
export async function readMedia(source: string | Uint8Array, options: ReadMediaOptions = {}): Promise<Media> {
  const name = options.name ?? (typeof source === 'string' ? source : 'the recording');
  try {
    const bytes = typeof source === 'string' ? await readWhole(source) : source;
    return await toMedia(bytes, options.deadlineMs ?? DEFAULT_DEADLINE_MS);
  } catch (error) {
    throw named(error, name);
  }
}
