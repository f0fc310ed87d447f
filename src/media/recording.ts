import { WavError, type WavProblem } from '../../audio/wav.js';
import { ParleyError } from '../errors.js';
import { bytesSource, openFile, type ByteSource } from './byte-source.js';
import { voiceSplitter, type ChannelChoice, type VoiceSplitter } from './channels.js';
import { openFfmpegSound } from './ffmpeg/open-ffmpeg.js';
import { READABLE_KINDS } from './kinds.js';
import { printable } from './printable.js';
import { sniffMedia } from './sniff.js';
import type { Sound } from './sound.js';
import { openWavSound } from './wav-sound.js';

/** How a recording is read. */
export type RecordingOptions = {
  /** What to call the recording in errors; by default its path. */
  name?: string;
  /** `mix` by default. */
  channels?: ChannelChoice;
  /** Which audio track, counted from 1; absent: the default one if it has speech, else the first one that has. */
  audioTrack?: number | undefined;
  /** ffmpeg is given up when it neither reads nor makes anything for so long; a minute by default. */
  deadlineMs?: number;
};

/** A recording that is being read, from beginning to end, in little memory however long it is. */
export interface Recording {
  /** One that the live path takes. */
  readonly sampleRateHz: number;
  /** Channels of the track in the file. */
  readonly channelCount: number;
  /** How the file stores its sound: "16-bit PCM", "mp3", "opus". */
  readonly encoding: string;
  /** 1, or with `split` as many as there are channels. */
  readonly voiceCount: number;
  /** Length as far as the file says. */
  readonly declaredMs: number | undefined;
  /** Length of what was read so far. */
  readonly durationMs: number;
  /**
   * The next samples of each voice, mono, of one length and in memory of their own; undefined at the end. The n-th sample
   * belongs to n / `sampleRateHz` by the timestamps of the file.
   * @throws ParleyError `input_unusable`
   */
  read(): Promise<Int16Array[] | undefined>;
  /** One line each: what somebody should know about it. All of them once the end was read. */
  warnings(): string[];
  /** Ends whatever reads it. Safe to call twice, and before the end. */
  close(): Promise<void>;
}

const DEFAULT_DEADLINE_MS = 60_000;
/** Read to tell what a file is; pictures in ID3 tags come before the sound. */
const SNIFFED_BYTES = 2 ** 20;

const ADVICE: Readonly<Record<WavProblem, string>> = {
  not_wav: `give a ${READABLE_KINDS} file`,
  damaged: 'record or export it again',
  unsupported: 'convert it to a 16-bit PCM WAV at 48 kHz',
};

/**
 * Opens a recording: plain WAV directly, everything else through ffmpeg in a worker thread. What it is, is told from its
 * content, never from its name; text (playlists among it) is refused, so nothing in a file is ever opened or followed. Sound
 * stands where the timestamps of its container put it: what was not recorded is silence. A file cut short is read as far as it
 * goes, with a line in `warnings`. Recordings of up to six hours are read. Close it in every case.
 *
 * @param source a path, or the file's bytes
 * @throws ParleyError `input_missing`, `input_unusable`, or `usage` for a track or channel that is not there: one line with the
 *   file's name, what is wrong and what to do.
 */
export async function openRecording(
  source: string | Uint8Array,
  options: RecordingOptions = {},
): Promise<Recording> {
  const name = options.name ?? (typeof source === 'string' ? source : 'the recording');
  let bytes: ByteSource | undefined;
  let sound: Sound | undefined;
  try {
    bytes = typeof source === 'string' ? openFile(source) : bytesSource(source);
    sound = await openSound(bytes, options);
    return new OpenRecording(name, bytes, sound, voiceSplitter(options.channels ?? 'mix', sound.format));
  } catch (error) {
    await sound?.close();
    bytes?.close();
    throw named(error, name);
  }
}

function openSound(bytes: ByteSource, options: RecordingOptions): Promise<Sound> {
  const { audioTrack, deadlineMs = DEFAULT_DEADLINE_MS } = options;
  if (bytes.sizeBytes === 0) throw unusable('it is empty; record or export it again');
  const kind = sniffMedia(bytes.read(0, SNIFFED_BYTES));
  if (kind === 'wav') return openWavSound({ bytes, audioTrack, deadlineMs });
  if (kind === 'text')
    throw unusable('it holds text (a playlist or a page?), not sound; give the recording itself');
  if (kind === 'unknown')
    throw unusable(`it is not a recording of a known kind; give a ${READABLE_KINDS} file`);
  return openFfmpegSound({ bytes, kind, audioTrack, deadlineMs });
}

class OpenRecording implements Recording {
  readonly #name: string;
  readonly #bytes: ByteSource;
  readonly #sound: Sound;
  readonly #splitter: VoiceSplitter;
  #frames = 0;

  constructor(name: string, bytes: ByteSource, sound: Sound, splitter: VoiceSplitter) {
    this.#name = name;
    this.#bytes = bytes;
    this.#sound = sound;
    this.#splitter = splitter;
  }

  get sampleRateHz(): number {
    return this.#sound.format.sampleRateHz;
  }

  get channelCount(): number {
    return this.#sound.format.channelCount;
  }

  get encoding(): string {
    return this.#sound.format.encoding;
  }

  get voiceCount(): number {
    return this.#splitter.voiceCount;
  }

  get declaredMs(): number | undefined {
    return this.#sound.format.declaredMs;
  }

  get durationMs(): number {
    return (this.#frames * 1000) / this.sampleRateHz;
  }

  async read(): Promise<Int16Array[] | undefined> {
    try {
      const samples = await this.#sound.read();
      if (samples === undefined) return undefined;
      this.#frames += samples.length / this.channelCount;
      return this.#splitter.process(samples);
    } catch (error) {
      throw named(error, this.#name);
    }
  }

  warnings(): string[] {
    return [...this.#sound.warnings(), ...this.#splitter.notes()];
  }

  async close(): Promise<void> {
    await this.#sound.close();
    this.#bytes.close();
  }
}

function unusable(problem: string, cause?: unknown): ParleyError {
  return new ParleyError('input_unusable', problem, { cause });
}

function errorCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
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
