import { z } from 'zod';

import { SUPPORTED_RATES_HZ } from '../../audio/resampler.js';
import { ParleyError } from '../errors.js';
import { completenessWarnings, isDurationEstimated, oggHasEnd } from './completeness.js';
import { FfmpegFailure, FfmpegWorker, locateFfmpeg, type FfmpegLogLine } from './ffmpeg-worker.js';
import { printable } from './printable.js';
import type { MediaKind } from './sniff.js';

/** One hour of stereo, two hours of mono at 48 kHz. */
const MAX_DECODED_BYTES = 3600 * 48_000 * 2 * 2;
/** Largest file that is handed to ffmpeg, which holds it in memory. */
const MAX_ENCODED_BYTES = 256 * 2 ** 20;

const CONVERTED_RATE_HZ = 48_000;

/** The demuxer for each kind: named, so that ffmpeg never guesses a playlist or a list of files out of the bytes. */
const DEMUXERS: Readonly<Record<MediaKind, string>> = {
  wav: 'wav',
  mp3: 'mp3',
  ogg: 'ogg',
  mp4: 'mov',
  matroska: 'matroska',
  flac: 'flac',
};

const KIND_NAMES: Readonly<Record<MediaKind, string>> = {
  wav: 'WAV',
  mp3: 'MP3',
  ogg: 'Ogg',
  mp4: 'MP4',
  matroska: 'WebM',
  flac: 'FLAC',
};

const number = z.coerce.number().nonnegative();
const probeSchema = z.object({
  streams: z
    .array(
      z.object({
        codec_name: z.string().default('unknown'),
        sample_rate: number.positive(),
        channels: number.positive(),
        duration: number.optional(),
      }),
    )
    .min(1),
  format: z.object({ nb_streams: number, duration: number.optional() }),
});
type Probe = z.infer<typeof probeSchema>;

/** Sound decoded by ffmpeg: interleaved 16-bit samples of one or two channels. */
export type DecodedMedia = {
  sampleRateHz: number;
  channelCount: number;
  samples: Int16Array;
  durationMs: number;
  /** The codec's name in ffmpeg: "mp3", "opus", "vorbis", "aac", "flac". */
  encoding: string;
  warnings: string[];
};

/** What ffmpeg said at a level, without the name that the input has in its memory. */
const textsOf = (log: readonly FfmpegLogLine[], ...levels: string[]) =>
  log.filter(({ level }) => levels.includes(level)).map(({ text }) => printable(text.replace(/^in: /, '')));

function undecodable(kind: MediaKind, log: readonly FfmpegLogLine[]): ParleyError {
  const [reason] = textsOf(log, 'error', 'fatal');
  const detail = reason === undefined ? '' : ` (${reason})`;
  return new ParleyError(
    'input_unusable',
    `it begins like ${KIND_NAMES[kind]} but holds no sound that can be decoded${detail}; export it again or give a WAV file`,
  );
}

const inputArgs = (kind: MediaKind) => [
  '-v',
  'level+warning',
  '-protocol_whitelist',
  'file',
  '-f',
  DEMUXERS[kind],
  '-i',
  'in',
];

async function probe(
  ffmpeg: FfmpegWorker,
  kind: MediaKind,
): Promise<{ probe: Probe; log: readonly FfmpegLogLine[] }> {
  const fields = 'format=nb_streams,duration:stream=codec_name,sample_rate,channels,duration';
  const output = ['-select_streams', 'a:0', '-show_entries', fields, '-of', 'json', '-o', 'probe.json'];
  const log = await ffmpeg.probe([...inputArgs(kind), ...output]);
  const json: unknown = JSON.parse(Buffer.from(await ffmpeg.readFile('probe.json')).toString('utf8'));
  const parsed = probeSchema.safeParse(json);
  if (!parsed.success) throw undecodable(kind, log);
  return { probe: parsed.data, log };
}

/** Rate and channel count of what ffmpeg writes for a stream, as raw samples. */
function outputFormat({ sample_rate: rateHz, channels }: Probe['streams'][number]) {
  const sampleRateHz = SUPPORTED_RATES_HZ.includes(rateHz) ? rateHz : CONVERTED_RATE_HZ;
  const channelCount = Math.min(channels, 2);
  // swresample's default filter lets images through at -12 dB; a longer one keeps them at -70 dB.
  const resample =
    sampleRateHz === rateHz ? [] : ['-af', `aresample=${sampleRateHz}:filter_size=64:cutoff=0.97`];
  const format = [
    '-ar',
    String(sampleRateHz),
    '-ac',
    String(channelCount),
    '-c:a',
    'pcm_s16le',
    '-f',
    's16le',
  ];
  const args = ['-map', '0:a:0', ...resample, ...format, '-fs', String(MAX_DECODED_BYTES), 'out.raw'];
  return { sampleRateHz, channelCount, args };
}

/**
 * How long the sound claims to be. A container's duration is that of its longest stream, so it says something about the sound
 * only when there is no other stream.
 */
function declaredMsOf(
  { streams: [stream], format }: Probe,
  log: readonly FfmpegLogLine[],
): number | undefined {
  const declaredSeconds = stream?.duration ?? (format.nb_streams === 1 ? format.duration : undefined);
  if (declaredSeconds === undefined || isDurationEstimated(textsOf(log, 'warning'))) return undefined;
  return declaredSeconds * 1000;
}

const tooLong = () =>
  new ParleyError('input_unusable', 'it is longer than an hour in stereo or two in mono; split it');

async function decode(ffmpeg: FfmpegWorker, bytes: Uint8Array, kind: MediaKind): Promise<DecodedMedia> {
  await ffmpeg.writeFile('in', bytes);
  const { probe: found, log: probeLog } = await probe(ffmpeg, kind);
  const stream = found.streams[0]!;
  const { sampleRateHz, channelCount, args } = outputFormat(stream);
  const bytesPerSecond = sampleRateHz * channelCount * 2;
  const declaredMs = declaredMsOf(found, probeLog);
  if (declaredMs !== undefined && (declaredMs / 1000) * bytesPerSecond > MAX_DECODED_BYTES) throw tooLong();

  const { status, log } = await ffmpeg.exec(['-nostdin', '-hide_banner', ...inputArgs(kind), ...args]);
  if (status !== 0) throw undecodable(kind, log);
  const raw = await ffmpeg.readFile('out.raw');
  if (raw.length === 0) throw undecodable(kind, log);
  if (raw.length >= MAX_DECODED_BYTES) throw tooLong();
  const durationMs = (raw.length * 1000) / bytesPerSecond;
  return {
    sampleRateHz,
    channelCount,
    samples: new Int16Array(raw.buffer, raw.byteOffset, raw.length / 2),
    durationMs,
    encoding: stream.codec_name,
    warnings: completenessWarnings({
      decodedMs: durationMs,
      declaredMs,
      hasEnd: kind !== 'ogg' || oggHasEnd(bytes),
      warnings: textsOf(log, 'warning'),
      errors: textsOf(log, 'error', 'fatal'),
    }),
  };
}

/**
 * Decodes a recording with ffmpeg in a thread of its own, which has ended when this returns. The first audio stream is taken,
 * at its own rate where the live path takes it (else 48 kHz), with at most two channels.
 * @throws ParleyError `input_unusable` without a file name: undecodable, too large, too long, out of time, ffmpeg missing.
 */
export async function decodeMedia(
  bytes: Uint8Array,
  kind: MediaKind,
  deadlineMs: number,
): Promise<DecodedMedia> {
  if (bytes.length > MAX_ENCODED_BYTES) {
    throw new ParleyError('input_unusable', `it is larger than ${MAX_ENCODED_BYTES / 2 ** 20} MiB; split it`);
  }
  const location = locateFfmpeg();
  let ffmpeg: FfmpegWorker | undefined;
  try {
    ffmpeg = await FfmpegWorker.start(location, deadlineMs);
    return await decode(ffmpeg, bytes, kind);
  } catch (cause) {
    if (!(cause instanceof FfmpegFailure)) throw cause;
    const problem = printable(cause.message);
    throw new ParleyError('input_unusable', `it cannot be decoded: ${problem}; convert it to a WAV file`, {
      cause,
    });
  } finally {
    await ffmpeg?.close();
  }
}
