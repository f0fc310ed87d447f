import { z } from 'zod';

import type { MediaKind } from '../sniff.js';
import { KINDS } from '../kinds.js';
import type { FfmpegLogLine, FfmpegWorker } from './ffmpeg-worker.js';

const number = z.coerce.number();
const streamSchema = z.object({
  index: number,
  codec_name: z.string().default('unknown'),
  sample_rate: number.positive(),
  channels: number.positive(),
  channel_layout: z.string().optional(),
  duration: number.nonnegative().optional(),
  disposition: z.object({ default: number }).default({ default: 0 }),
});
const packetSchema = z.object({
  stream_index: number,
  side_data_list: z.array(z.object({ skip_samples: number.optional() })).default([]),
});
const probeSchema = z.object({
  packets: z.array(packetSchema).default([]),
  streams: z.array(z.unknown()),
  format: z.object({
    nb_streams: number,
    duration: number.nonnegative().optional(),
    start_time: number.optional(),
  }),
});

/** One audio track of a file. */
export type Track = {
  /** Among the audio tracks, from 0 on. */
  index: number;
  codec: string;
  sampleRateHz: number;
  channelCount: number;
  /** ffmpeg's name: "stereo", "5.1(side)"; undefined where the file does not say. */
  channelLayout: string | undefined;
  /** Marked as the one to play. */
  isDefault: boolean;
  /** Length by the container; undefined when it does not say or only guesses. */
  declaredMs: number | undefined;
};

/** What a file has to be heard. */
export type ProbedFile = {
  /** Those that can be decoded. */
  tracks: Track[];
  /** Timestamp of the first thing in the file; undefined where it does not say. */
  startMs: number | undefined;
  /** Length of the whole file, its pictures included; undefined when it does not say or only guesses. */
  durationMs: number | undefined;
  log: readonly FfmpegLogLine[];
};

/** Arguments that name the recording. `options` go before it. */
export function inputArgs(kind: MediaKind, options: readonly string[] = []): string[] {
  const input = ['-f', KINDS[kind].demuxer, ...options, '-i', '/recording'];
  return ['-v', 'level+warning', '-protocol_whitelist', 'file', ...input];
}

/** Whether a demuxer had no frame count to go by (an mp3 without a Xing header): its duration is a guess. */
export function isDurationEstimated(log: readonly FfmpegLogLine[]): boolean {
  return log.some(({ text }) => /Estimating duration from bitrate/i.test(text));
}

const FIELDS = [
  'format=nb_streams,duration,start_time',
  'stream=index,codec_name,sample_rate,channels,channel_layout,duration',
  'stream_disposition=default',
].join(':');

/** Asks ffprobe for the audio tracks. */
export async function probeFile(ffmpeg: FfmpegWorker, kind: MediaKind): Promise<ProbedFile> {
  const { json, log } = await ask(ffmpeg, kind, ['-select_streams', 'a', '-show_entries', FIELDS]);
  const parsed = probeSchema.safeParse(json);
  if (!parsed.success) return { tracks: [], startMs: undefined, durationMs: undefined, log };
  const { streams, format } = parsed.data;
  const isEstimated = isDurationEstimated(log);
  const tracks: Track[] = [];
  streams.forEach((each, index) => {
    const stream = streamSchema.safeParse(each).data;
    if (stream === undefined) return;
    // A container's duration is that of its longest stream: it says something about the sound when there is no other.
    const seconds = stream.duration ?? (format.nb_streams === 1 ? format.duration : undefined);
    tracks.push({
      index,
      codec: stream.codec_name,
      sampleRateHz: stream.sample_rate,
      channelCount: stream.channels,
      channelLayout: stream.channel_layout,
      isDefault: stream.disposition.default === 1,
      declaredMs: seconds === undefined || isEstimated ? undefined : seconds * 1000,
    });
  });
  const { start_time: start, duration } = format;
  return {
    tracks,
    startMs: start === undefined ? undefined : start * 1000,
    durationMs: duration === undefined || isEstimated ? undefined : duration * 1000,
    log,
  };
}

/** How many samples the first packet of a track says are to be skipped; undefined when it does not say. */
export async function skippedSamplesOf(
  ffmpeg: FfmpegWorker,
  kind: MediaKind,
  track: Track,
): Promise<number | undefined> {
  const { json } = await ask(ffmpeg, kind, [
    '-select_streams',
    `a:${track.index}`,
    '-show_entries',
    'format=nb_streams:stream=index:packet=stream_index:packet_side_data=skip_samples',
    '-read_intervals',
    '%+#1',
  ]);
  const [packet] = probeSchema.safeParse(json).data?.packets ?? [];
  return packet?.side_data_list.find((data) => data.skip_samples !== undefined)?.skip_samples;
}

async function ask(
  ffmpeg: FfmpegWorker,
  kind: MediaKind,
  what: readonly string[],
): Promise<{ json: unknown; log: readonly FfmpegLogLine[] }> {
  const log = await ffmpeg.probe([...inputArgs(kind), ...what, '-of', 'json', '-o', 'probe.json']);
  const json: unknown = JSON.parse(Buffer.from(await ffmpeg.readFile('probe.json')).toString('utf8'));
  return { json, log };
}
