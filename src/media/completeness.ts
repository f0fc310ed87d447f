/** How much later than the decoded sound a declared end may lie: encoder delay and padding are trimmed, clocks are rounded. */
const TOLERANCE_MS = 150;

/** Longest page of an Ogg stream: a 27-byte header, 255 segment sizes, 255 segments of 255 bytes (RFC 3533 section 6). */
const MAX_OGG_PAGE_BYTES = 27 + 255 + 255 * 255;
const OGG_END_OF_STREAM = 0x04;

/** Messages with which ffmpeg's demuxers say that a file ends too early. */
const CUT_SHORT = /ended prematurely|partial file/i;

/** Whether an Ogg file ends with a whole page that is marked as the last of its stream. */
export function oggHasEnd(bytes: Uint8Array): boolean {
  const from = Math.max(0, bytes.length - MAX_OGG_PAGE_BYTES);
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset + from, bytes.length - from);
  const page = tail.lastIndexOf('OggS', undefined, 'latin1');
  if (page < 0 || page + 27 > tail.length) return false;
  const segmentCount = tail[page + 26]!;
  const segments = tail.subarray(page + 27, page + 27 + segmentCount);
  const bodyBytes = segments.reduce((total, size) => total + size, 0);
  const isWhole = segments.length === segmentCount && page + 27 + segmentCount + bodyBytes <= tail.length;
  return isWhole && (tail[page + 5]! & OGG_END_OF_STREAM) !== 0;
}

/** Whether a demuxer had no frame count to go by (an mp3 without a Xing header): its duration is a guess. */
export function isDurationEstimated(warnings: readonly string[]): boolean {
  return warnings.some((line) => /Estimating duration from bitrate/i.test(line));
}

/** What is known about a decoded file. */
export type Decoded = {
  decodedMs: number;
  /** What the container says; undefined when it does not say or only guesses. */
  declaredMs: number | undefined;
  /** False when the container has an end mark and it is missing. */
  hasEnd: boolean;
  /** Warnings and errors of ffmpeg, in order, without their prefixes. */
  warnings: readonly string[];
  errors: readonly string[];
};

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

/** One line each: what of the file was not read. Empty for a whole file. ffmpeg itself reports success for half a file. */
export function completenessWarnings({ decodedMs, declaredMs, hasEnd, warnings, errors }: Decoded): string[] {
  const log = [...warnings, ...errors];
  if (declaredMs !== undefined && declaredMs - decodedMs > TOLERANCE_MS) {
    return [`the file is cut short: ${seconds(decodedMs)} of ${seconds(declaredMs)} read`];
  }
  if (!hasEnd || log.some((line) => CUT_SHORT.test(line))) {
    return [`the file has no proper end and may be cut short: ${seconds(decodedMs)} read`];
  }
  if (errors.length === 0) return [];
  return [`parts of the file are damaged and were skipped or replaced by silence (${errors[0]!})`];
}
