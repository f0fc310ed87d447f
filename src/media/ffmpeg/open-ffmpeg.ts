import { MAX_CHANNELS, SUPPORTED_RATES_HZ } from '../../../audio/index.js';
import type { WavLayout } from '../../../audio/wav.js';
import { amrDurationMs } from '../amr.js';
import { aviGaps } from '../avi.js';
import { partOf, type ByteSource } from '../byte-source.js';
import { joinedSpans, type Span } from '../joined.js';
import { JoinedSound } from '../joined-sound.js';
import { hasWrongSkip, KINDS, primingSamples, startToleranceMs } from '../kinds.js';
import { isFragmented } from '../mp4-boxes.js';
import { readOggPages } from '../ogg.js';
import type { MediaKind } from '../sniff.js';
import { checkLength, MAX_RECORDED_MS, type Sound, type SoundFormat } from '../sound.js';
import { Timeline } from '../timeline.js';
import { explained, FfmpegSound, undecodable } from './ffmpeg-sound.js';
import { FfmpegWorker, locateFfmpeg } from './ffmpeg-worker.js';
import { pickTrack } from './pick-track.js';
import { inputArgs, probeFile, skippedSamplesOf, type Track } from './probe.js';
import { ROOM_RATE_HZ } from '../../../audio/rates.js';

/** How a file is opened. */
export type FfmpegSoundOptions = {
  bytes: ByteSource;
  kind: MediaKind;
  /** Counted from 1; absent: the one with speech. */
  audioTrack?: number | undefined;
  /** ffmpeg is given up when it neither reads nor makes anything for so long. */
  deadlineMs: number;
};

/**
 * Timestamps that go back, as they do where files are joined, go on from where the sound has come to; the muxer would refuse
 * them. ld(1): what was added so far; ld(2): where the last packet ended.
 */
const ONLY_FORWARD =
  "asetpts='st(1,ld(1)+if(gt(N,0)*lt(PTS,ld(2)-SR/4),ld(2)-PTS,0));st(2,PTS+NB_SAMPLES);PTS+ld(1)'";

/** Layouts that have a channel for low-frequency effects, always the fourth one. */
const WITH_EFFECTS = /^(?:3|4|5|6|7)\.1/;
/** Layouts that have one in the middle in front, always the third one. */
const WITH_CENTRE = /^(?:3\.[01]$|4\.[01]$|5\.|6\.[01](?!\(front\))|7\.|hexagonal|octagonal)/;

/**
 * Opens a file with ffmpeg, in a thread of its own that has ended when the sound is closed.
 * @throws ParleyError `input_unusable` without a file name: undecodable, too long, ffmpeg missing; `usage` for a track that is
 *   not there.
 */
export async function openFfmpegSound(options: FfmpegSoundOptions): Promise<Sound> {
  const [first, ...later] = joinedSpans(options.bytes, options.kind);
  const sound = await openPart(options, first!);
  if (later.length === 0) return sound;
  return new JoinedSound(
    sound,
    later.map((span) => ({ sizeBytes: span.length, open: () => openPart(options, span, sound.format) })),
  );
}

/** One of the recordings in a file; `as`: at another one's rate and in its channels. */
async function openPart(options: FfmpegSoundOptions, span: Span, as?: SoundFormat): Promise<Sound> {
  const { bytes, deadlineMs } = options;
  const location = locateFfmpeg();
  let ffmpeg: FfmpegWorker | undefined;
  try {
    ffmpeg = await FfmpegWorker.start(location, deadlineMs, { ...bytes.shared, spans: [span] });
    return await open(ffmpeg, options, span, as);
  } catch (error) {
    await ffmpeg?.close();
    throw explained(error);
  }
}

async function open(
  ffmpeg: FfmpegWorker,
  options: FfmpegSoundOptions,
  span: Span,
  as: SoundFormat | undefined,
): Promise<Sound> {
  const { bytes, kind } = options;
  const { tracks, startMs, durationMs, log } = await probeFile(ffmpeg, kind);
  if (tracks.length === 0) throw undecodable(kind, log);
  const { track, notes } = await pickTrack(ffmpeg, kind, tracks, options.audioTrack);
  checkLength(track.declaredMs);
  const skippedSamples = await skippedSamplesOf(ffmpeg, kind, track);
  const first = { codec: track.codec, kind, sampleRateHz: track.sampleRateHz, skippedSamples };
  const priming = primingSamples(first);
  const startIsKnown = !hasWrongSkip(first);
  const format = as === undefined ? formatOf(track) : { ...as, declaredMs: track.declaredMs };
  // What is joined behind another goes on where that ends, as timestamps do that go back.
  const isStream = kind === 'mp4' && isFragmented(bytes);
  const beginsAtZero = KINDS[kind].beginsAtZero && span.at === 0 && !isStream;
  const timeline = new Timeline<Int16Array>({
    sampleRateHz: format.sampleRateHz,
    zeroMs: beginsAtZero ? 0 : startIsKnown && span.at === 0 ? startMs : undefined,
    primingFrames: Math.round((priming * format.sampleRateHz) / track.sampleRateHz),
    maxGapMs: KINDS[kind].hasNoTimes === true ? 0 : MAX_RECORDED_MS,
    startToleranceMs: startToleranceMs(kind),
  });
  const skipManually = hasWrongSkip(first) ? ['-flags2', '+skip_manual'] : [];
  const input = ['-nostdin', '-hide_banner', '-y', '-copyts', ...inputArgs(kind, skipManually)];
  const args = [...input, ...outputArgs(track, format)];
  const pages = kind === 'ogg' ? readOggPages(partOf(bytes, span)) : undefined;
  return new FfmpegSound({
    ffmpeg,
    kind,
    format,
    timeline,
    args,
    notes,
    pages,
    gaps: kind === 'avi' ? aviGaps(bytes, track.index) : (pages?.opusGaps ?? []),
    endMs: kind === 'amr' ? amrDurationMs(bytes) : KINDS[kind].saysItsEnd === true ? durationMs : undefined,
  });
}

function formatOf(track: Track): SoundFormat {
  const { sampleRateHz: rateHz, channelCount, channelLayout = '', codec, declaredMs } = track;
  return {
    sampleRateHz: SUPPORTED_RATES_HZ.includes(rateHz) ? rateHz : ROOM_RATE_HZ,
    channelCount: channelCount > MAX_CHANNELS ? 2 : channelCount,
    ignoredChannels: WITH_EFFECTS.test(channelLayout) && channelCount <= MAX_CHANNELS ? [3] : [],
    centreChannel: WITH_CENTRE.test(channelLayout) && channelCount <= MAX_CHANNELS ? 2 : undefined,
    encoding: codec,
    declaredMs,
  };
}

function outputArgs(
  track: Pick<Track, 'index' | 'sampleRateHz'>,
  { sampleRateHz, channelCount }: Pick<SoundFormat, 'sampleRateHz' | 'channelCount'>,
): string[] {
  // swresample's default filter lets images through at -12 dB; a longer one keeps them at -70 dB.
  const resample =
    sampleRateHz === track.sampleRateHz ? '' : `,aresample=${sampleRateHz}:filter_size=64:cutoff=0.97`;
  const sound = ['-map', `0:a:${track.index}`, '-af', `${ONLY_FORWARD}${resample}`];
  const format = ['-ar', String(sampleRateHz), '-ac', String(channelCount), '-c:a', 'pcm_s16le'];
  return [...sound, ...format, '-avoid_negative_ts', 'disabled', '-f', 'smjpeg', '/sound'];
}

/** Raw samples as ffmpeg names them. */
function rawFormatOf({ container, encoding: { kind, bits } }: WavLayout): string {
  if (kind === 'alaw' || kind === 'mulaw') return kind;
  if (bits === 8) return 'u8';
  const letter = kind === 'float' ? 'f' : 's';
  return `${letter}${bits}${container === 'RIFX' ? 'be' : 'le'}`;
}

/**
 * Opens the sound of a WAV file at a rate that the live path does not take, converted to one that it does.
 * @throws ParleyError as {@link openFfmpegSound}
 */
export async function openWavAtOtherRate(
  bytes: ByteSource,
  layout: WavLayout,
  options: { format: SoundFormat; deadlineMs: number },
): Promise<Sound> {
  const { sampleRateHz, channelCount, spans } = layout;
  const { format, deadlineMs } = options;
  const location = locateFfmpeg();
  try {
    const ffmpeg = await FfmpegWorker.start(location, deadlineMs, { ...bytes.shared, spans });
    const raw = ['-f', rawFormatOf(layout), '-ar', String(sampleRateHz), '-ac', String(channelCount)];
    const input = ['-nostdin', '-hide_banner', '-y', '-v', 'level+warning', '-protocol_whitelist', 'file'];
    return new FfmpegSound({
      ffmpeg,
      kind: 'wav',
      format: { ...format, sampleRateHz: ROOM_RATE_HZ },
      timeline: new Timeline({
        sampleRateHz: ROOM_RATE_HZ,
        zeroMs: undefined,
        primingFrames: 0,
        maxGapMs: MAX_RECORDED_MS,
      }),
      args: [
        ...input,
        ...raw,
        '-i',
        '/recording',
        ...outputArgs({ index: 0, sampleRateHz }, { sampleRateHz: ROOM_RATE_HZ, channelCount }),
      ],
      notes: layout.warnings,
      pages: undefined,
      gaps: [],
      endMs: undefined,
    });
  } catch (error) {
    throw explained(error);
  }
}
