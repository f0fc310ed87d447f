import type { MediaKind } from './sniff.js';

/** How ffmpeg reads a kind of file. */
export type KindOfFile = {
  /** For people. */
  name: string;
  /** Named, so that ffmpeg never guesses a playlist or a list of files out of the bytes. */
  demuxer: string;
  /**
   * What a timestamp of 0 is: the beginning of the recording, or nothing in particular, so that the recording begins with
   * the first of its streams.
   */
  beginsAtZero: boolean;
  /** Its container says how long the recording lasts, whether or not there is sound to its end. */
  saysItsEnd?: true;
  /** It has no timestamps: ffmpeg counts them by what the first packet was, so that they err where others are joined behind it. */
  hasNoTimes?: true;
};

/** Each kind that is told by its content. */
export const KINDS: Readonly<Record<MediaKind, KindOfFile>> = {
  wav: { name: 'WAV', demuxer: 'wav', beginsAtZero: true },
  mp3: { name: 'MP3', demuxer: 'mp3', beginsAtZero: false, hasNoTimes: true },
  ogg: { name: 'Ogg', demuxer: 'ogg', beginsAtZero: false },
  mp4: { name: 'MP4', demuxer: 'mov', beginsAtZero: true, saysItsEnd: true },
  matroska: { name: 'WebM', demuxer: 'matroska', beginsAtZero: true, saysItsEnd: true },
  flac: { name: 'FLAC', demuxer: 'flac', beginsAtZero: false },
  adts: { name: 'AAC', demuxer: 'aac', beginsAtZero: false, hasNoTimes: true },
  loas: { name: 'AAC', demuxer: 'loas', beginsAtZero: false, hasNoTimes: true },
  mpegts: { name: 'MPEG-TS', demuxer: 'mpegts', beginsAtZero: false },
  amr: { name: 'AMR', demuxer: 'amr', beginsAtZero: true },
  aiff: { name: 'AIFF', demuxer: 'aiff', beginsAtZero: true },
  caf: { name: 'CAF', demuxer: 'caf', beginsAtZero: true },
  w64: { name: 'Wave64', demuxer: 'w64', beginsAtZero: true },
  au: { name: 'AU', demuxer: 'au', beginsAtZero: true },
  avi: { name: 'AVI', demuxer: 'avi', beginsAtZero: true },
  asf: { name: 'WMA', demuxer: 'asf', beginsAtZero: false, saysItsEnd: true },
  flv: { name: 'FLV', demuxer: 'flv', beginsAtZero: true },
  mpegps: { name: 'MPEG', demuxer: 'mpeg', beginsAtZero: false },
  mxf: { name: 'MXF', demuxer: 'mxf', beginsAtZero: true },
  real: { name: 'RealMedia', demuxer: 'rm', beginsAtZero: true },
  ac3: { name: 'AC-3', demuxer: 'ac3', beginsAtZero: false, hasNoTimes: true },
  eac3: { name: 'E-AC-3', demuxer: 'eac3', beginsAtZero: false, hasNoTimes: true },
  dts: { name: 'DTS', demuxer: 'dts', beginsAtZero: false, hasNoTimes: true },
  wavpack: { name: 'WavPack', demuxer: 'wv', beginsAtZero: true },
  ape: { name: "Monkey's Audio", demuxer: 'ape', beginsAtZero: true },
  tta: { name: 'TTA', demuxer: 'tta', beginsAtZero: true },
  voc: { name: 'VOC', demuxer: 'voc', beginsAtZero: true, hasNoTimes: true },
  dss: { name: 'DSS', demuxer: 'dss', beginsAtZero: true },
  gsm: { name: 'GSM', demuxer: 'gsm', beginsAtZero: true, hasNoTimes: true },
};

/** For messages: what can be read. */
export const READABLE_KINDS =
  'WAV, MP3, Ogg, M4A or MP4, WebM or Matroska, FLAC, AAC, MPEG-TS, AMR, AIFF, CAF, W64, AU, AVI, FLV or WMA';

/**
 * Samples that a decoder makes before the first one that was recorded, where neither the container nor the codec's own tag
 * says so: what the usual encoder and ffmpeg's decoder need together. Measured with ffmpeg's and LAME's encoders.
 */
const PRIMING: Readonly<Record<string, number>> = {
  aac: 1024,
  aac_latm: 1024,
  mp3: 576 + 529,
  mp2: 481,
  ac3: 256,
  eac3: 256,
  dts: 512,
  g723_1: 60,
  ra_144: 160,
};
/** Of Speex, by the rate that a band of its goes up to. */
const SPEEX_PRIMING = [
  { upToHz: 8_000, samples: 86 },
  { upToHz: 16_000, samples: 222 },
  { upToHz: Infinity, samples: 444 },
];
/** Opus says itself how much to skip, but MPEG-TS and CAF do not carry that. */
const OPUS_PRIMING = 312;
/** The decoder of Windows Media Audio leaves out as much as it needs, and half of that is sound. */
const WMA_LEFT_OUT = 2048;

/** What stands before its sound is counted in by some, and by others not. */
const WMA_START_TOLERANCE_MS = 150;

/** How far from the beginning a first packet may stand and be the beginning; undefined for as far as usual. */
export function startToleranceMs(kind: MediaKind): number | undefined {
  return kind === 'asf' ? WMA_START_TOLERANCE_MS : undefined;
}

/** A LAME tag cannot mean this much: it is a delay below zero, as ffmpeg's copies have it, which would cost 85 ms of sound. */
const MOST_SKIPPED = 3000;

/** What is known of the first packet of a track. */
export type FirstPacket = {
  codec: string;
  kind: MediaKind;
  sampleRateHz: number;
  skippedSamples: number | undefined;
};

/** Whether the file tells ffmpeg to skip sound that is none to skip. */
export function hasWrongSkip({ codec, skippedSamples = 0 }: FirstPacket): boolean {
  return codec === 'mp3' && skippedSamples > MOST_SKIPPED;
}

/** Samples at the track's own rate to leave out at the front; below 0 where some are missing there. */
export function primingSamples(first: FirstPacket): number {
  const { codec, kind, sampleRateHz, skippedSamples } = first;
  if (codec === 'wmav1' || codec === 'wmav2') return -WMA_LEFT_OUT;
  if (codec === 'opus') return kind === 'mpegts' || kind === 'caf' ? OPUS_PRIMING : 0;
  if (skippedSamples !== undefined && !hasWrongSkip(first)) return 0;
  if (codec === 'speex') return SPEEX_PRIMING.find(({ upToHz }) => sampleRateHz <= upToHz)!.samples;
  return PRIMING[codec] ?? 0;
}
