import { secondsText } from '../../duration-text.js';
import { ParleyError } from '../../errors.js';
import { completenessWarnings, endsEarly } from '../completeness.js';
import { KINDS } from '../kinds.js';
import type { OggPages } from '../ogg.js';
import { printable } from '../printable.js';
import type { MediaKind } from '../sniff.js';
import { checkLength, type Sound, type SoundFormat } from '../sound.js';
import type { PlacedPacket, Timeline, UntoldGap } from '../timeline.js';
import { FfmpegFailure, type FfmpegLogLine, type FfmpegResult, type FfmpegWorker } from './ffmpeg-worker.js';
import { PacketReader } from './packets.js';

/** Silence is handed out in pieces of at most so many frames. */
const SILENCE_FRAMES = 48_000;
/** From so much silence on that was put in, the listener is told. */
const TELLING_GAP_MS = 1_000;
/** An end that lies so little behind the sound is rounded, or counts what a decoder leaves out. */
const END_TOLERANCE_MS = 25;

/** What ffmpeg makes of a recording, and how it is read. */
export type FfmpegSoundParts = {
  ffmpeg: FfmpegWorker;
  kind: MediaKind;
  format: SoundFormat;
  timeline: Timeline<Int16Array>;
  /** Of ffmpeg, which writes packets to `/sound`. */
  args: readonly string[];
  notes: readonly string[];
  /** Of an Ogg file. */
  pages: OggPages | undefined;
  /** What is read in place of the timestamps, where there are any. */
  gaps: readonly UntoldGap[];
  /** Where the recording ends, with sound or without; undefined where its sound ends. */
  endMs: number | undefined;
};

/** A recording that ffmpeg decodes while it is read. */
export class FfmpegSound implements Sound {
  readonly format: SoundFormat;
  readonly #parts: FfmpegSoundParts;
  readonly #blocks: AsyncGenerator<Uint8Array, FfmpegResult, undefined>;
  readonly #packets = new PacketReader();
  /** What is to be given next. */
  readonly #ready: PlacedPacket<Int16Array>[] = [];
  #result: FfmpegResult | undefined;
  #frames = 0;
  #decodedFrames = 0;
  #passedGaps = 0;
  #gapsMs = 0;
  /** Silence between the last sound and the end. */
  #silentEndMs = 0;
  #closed = false;

  constructor(parts: FfmpegSoundParts) {
    this.format = parts.format;
    this.#parts = parts;
    this.#blocks = parts.ffmpeg.stream(parts.args);
  }

  async read(): Promise<Int16Array | undefined> {
    try {
      const samples = await this.#next();
      if (samples === undefined) {
        await this.close();
        if (this.#frames === 0) throw undecodable(this.#parts.kind, this.#result!.log);
        return undefined;
      }
      this.#frames += samples.length / this.format.channelCount;
      checkLength(this.#durationMs);
      return samples;
    } catch (error) {
      await this.close();
      throw explained(error);
    }
  }

  warnings(): string[] {
    const { notes, pages, timeline, kind } = this.#parts;
    const { lateStartMs, gapCount, gapMs } = timeline.findings;
    const lines = [...notes];
    if (lateStartMs >= TELLING_GAP_MS)
      lines.push(`its sound begins after ${secondsText(lateStartMs, 1)} of silence`);
    if (gapMs >= TELLING_GAP_MS) {
      const places = gapCount === 1 ? 'one place' : `${gapCount} places`;
      lines.push(`nothing was recorded for ${secondsText(gapMs, 1)} in ${places}: silence stands there`);
    }
    if (this.#silentEndMs >= TELLING_GAP_MS)
      lines.push(
        `nothing was recorded in its last ${secondsText(this.#silentEndMs, 1)}: silence stands there`,
      );
    if (this.#result === undefined) return lines;
    const completeness = completenessWarnings({
      decodedMs: this.#durationMs,
      declaredMs: this.format.declaredMs,
      hasEnd: pages?.hasEnd ?? true,
      kind,
      warnings: textsOf(this.#result.log, 'warning'),
      errors: textsOf(this.#result.log, 'error', 'fatal'),
    });
    return [...lines, ...completeness];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#parts.ffmpeg.close();
  }

  get #durationMs(): number {
    return (this.#frames * 1000) / this.format.sampleRateHz;
  }

  async #next(): Promise<Int16Array | undefined> {
    const { channelCount } = this.format;
    for (;;) {
      const next = this.#ready[0];
      if (next === undefined) {
        if (this.#result !== undefined) return undefined;
        await this.#decode();
      } else if (next.silence > 0) {
        const frames = Math.min(next.silence, SILENCE_FRAMES);
        next.silence -= frames;
        return new Int16Array(frames * channelCount);
      } else {
        this.#ready.shift();
        const sound = next.skip === 0 ? next.sound : next.sound.subarray(next.skip * channelCount);
        if (sound.length > 0) return sound;
      }
    }
  }

  /** Takes a block from ffmpeg, or its end. */
  async #decode(): Promise<void> {
    const { timeline, kind, gaps } = this.#parts;
    const { done, value } = await this.#blocks.next();
    if (done === true) {
      for (let placed = timeline.flush(); placed !== undefined; placed = timeline.flush())
        this.#ready.push(placed);
      this.#result = value;
      this.#fillToEnd(value);
      if (value.status !== 0) throw undecodable(kind, value.log);
      return;
    }
    for (const { ptsMs, samples } of this.#packets.push(value)) {
      const frames = samples.length / this.format.channelCount;
      const placed = timeline.push({
        ptsMs: gaps.length === 0 ? ptsMs : this.#timeMs(gaps),
        frames,
        sound: samples,
      });
      this.#decodedFrames += frames;
      if (placed !== undefined) this.#ready.push(placed);
    }
  }

  /** Silence up to the end of the recording, unless the file is cut short. */
  #fillToEnd({ log }: FfmpegResult): void {
    const { endMs } = this.#parts;
    const { channelCount, sampleRateHz } = this.format;
    if (endMs === undefined || endsEarly(textsOf(log, 'warning', 'error', 'fatal'))) return;
    const waiting = this.#ready.reduce(
      (frames, { silence, skip, sound }) => frames + silence + sound.length / channelCount - skip,
      0,
    );
    const missingMs = endMs - ((this.#frames + waiting) * 1000) / sampleRateHz;
    if (this.#decodedFrames === 0 || missingMs <= END_TOLERANCE_MS) return;
    checkLength(endMs);
    this.#silentEndMs = missingMs;
    this.#ready.push({
      silence: Math.round((missingMs * sampleRateHz) / 1000),
      skip: 0,
      sound: new Int16Array(0),
    });
  }

  /** Where the next packet belongs by the gaps of its file. */
  #timeMs(gaps: readonly UntoldGap[]): number {
    const decodedMs = (this.#decodedFrames * 1000) / this.format.sampleRateHz;
    for (let gap = gaps[this.#passedGaps]; gap !== undefined; gap = gaps[this.#passedGaps]) {
      if (decodedMs < gap.afterMs - 1) break;
      this.#passedGaps++;
      this.#gapsMs += gap.gapMs;
    }
    return decodedMs + this.#gapsMs;
  }
}

/** What ffmpeg said at a level, without the name that the input has in its file system. */
const textsOf = (log: readonly FfmpegLogLine[], ...levels: string[]) =>
  log
    .filter(({ level }) => levels.includes(level))
    .map(({ text }) => printable(text.replace(/^\/recording: /, '')));

/** What to say of a file that begins like one of its kind and cannot be decoded. */
export function undecodable(kind: MediaKind, log: readonly FfmpegLogLine[]): ParleyError {
  const [reason] = textsOf(log, 'error', 'fatal');
  const detail = reason === undefined ? '' : ` (${reason})`;
  return new ParleyError(
    'input_unusable',
    `it begins like ${KINDS[kind].name} but holds no sound that can be decoded${detail}; export it again or give a WAV file`,
  );
}

/** A failure of ffmpeg as a program, as an error of the input; others as they are. */
export function explained(error: unknown): unknown {
  if (!(error instanceof FfmpegFailure)) return error;
  const problem = printable(error.message);
  return new ParleyError('input_unusable', `it cannot be decoded: ${problem}; convert it to a WAV file`, {
    cause: error,
  });
}
