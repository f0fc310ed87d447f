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
};

/** Each kind that is told by its content. */
export const KINDS: Readonly<Record<MediaKind, KindOfFile>> = {
  wav: { name: 'WAV', demuxer: 'wav', beginsAtZero: true },
  mp3: { name: 'MP3', demuxer: 'mp3', beginsAtZero: false },
  ogg: { name: 'Ogg', demuxer: 'ogg', beginsAtZero: false },
  mp4: { name: 'MP4', demuxer: 'mov', beginsAtZero: true, saysItsEnd: true },
  matroska: { name: 'WebM', demuxer: 'matroska', beginsAtZero: true, saysItsEnd: true },
  flac: { name: 'FLAC', demuxer: 'flac', beginsAtZero: false },
  adts: { name: 'AAC', demuxer: 'aac', beginsAtZero: false },
  mpegts: { name: 'MPEG-TS', demuxer: 'mpegts', beginsAtZero: false },
  amr: { name: 'AMR', demuxer: 'amr', beginsAtZero: true },
  aiff: { name: 'AIFF', demuxer: 'aiff', beginsAtZero: true },
  caf: { name: 'CAF', demuxer: 'caf', beginsAtZero: true },
  w64: { name: 'Wave64', demuxer: 'w64', beginsAtZero: true },
  au: { name: 'AU', demuxer: 'au', beginsAtZero: true },
  avi: { name: 'AVI', demuxer: 'avi', beginsAtZero: true },
  asf: { name: 'WMA', demuxer: 'asf', beginsAtZero: false },
};

/** For messages: what can be read. */
export const READABLE_KINDS =
  'WAV, MP3, Ogg, M4A or MP4, WebM or Matroska, FLAC, AAC, MPEG-TS, AMR, AIFF, CAF, W64, AU, AVI or WMA';

/**
 * Samples that a decoder makes before the first one that was recorded, where neither the container nor the codec's own tag
 * says so: what the usual encoder and ffmpeg's decoder need together. Measured with ffmpeg's and LAME's encoders.
 */
const PRIMING: Readonly<Record<string, number>> = {
  aac: 1024,
  mp3: 576 + 529,
  mp2: 481,
  ac3: 256,
  eac3: 256,
};
/** Opus says itself how much to skip, but MPEG-TS and CAF do not carry that. */
const OPUS_PRIMING = 312;
/** The decoder of Windows Media Audio leaves out as much as it needs, and half of that is sound. */
const WMA_LEFT_OUT = 2048;

/** A LAME tag cannot mean this much: it is a delay below zero, as ffmpeg's copies have it, which would cost 85 ms of sound. */
const MOST_SKIPPED = 3000;

/** What is known of the first packet of a track. */
export type FirstPacket = { codec: string; kind: MediaKind; skippedSamples: number | undefined };

/** Whether the file tells ffmpeg to skip sound that is none to skip. */
export function hasWrongSkip({ codec, skippedSamples = 0 }: FirstPacket): boolean {
  return codec === 'mp3' && skippedSamples > MOST_SKIPPED;
}

/** Samples at the track's own rate to leave out at the front; below 0 where some are missing there. */
export function primingSamples(first: FirstPacket): number {
  const { codec, kind, skippedSamples } = first;
  if (codec === 'wmav1' || codec === 'wmav2') return -WMA_LEFT_OUT;
  if (codec === 'opus') return kind === 'mpegts' || kind === 'caf' ? OPUS_PRIMING : 0;
  if (skippedSamples !== undefined && !hasWrongSkip(first)) return 0;
  return PRIMING[codec] ?? 0;
}
