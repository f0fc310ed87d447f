import { secondsText } from '../duration-text.js';
import type { MediaKind } from './sniff.js';

/** How much later than the decoded sound a declared end may lie: encoder delay and padding are trimmed, clocks are rounded. */
const TOLERANCE_MS = 150;

/** Messages with which ffmpeg's demuxers say that a file ends too early. */
const CUT_SHORT = /ended prematurely|partial file/i;

/** What is known about a decoded file. */
export type Decoded = {
  decodedMs: number;
  /** What the container says; undefined when it does not say or only guesses. */
  declaredMs: number | undefined;
  kind: MediaKind;
  /** False when the container has an end mark and it is missing. */
  hasEnd: boolean;
  /** Warnings and errors of ffmpeg, in order, without their prefixes. */
  warnings: readonly string[];
  errors: readonly string[];
};

/**
 * What ffmpeg says of a packet that held no sound: tags between joined MP3s, padding at the end of GSM, a pause in AMR that was
 * not sent.
 */
const NO_SOUND: Partial<Record<MediaKind, RegExp>> = {
  mp3: /^Header missing$/,
  wav: /^Packet is too small$/,
  amr: /^Corrupt bitstream$|Not yet implemented in FFmpeg/,
};
/** Follows whatever a decoder said. */
const DECODING_FAILED = 'Error while decoding stream';

/** Errors that tell of damage, not of where one recording is joined to the next. */
function damageOf({ errors, kind }: Pick<Decoded, 'errors' | 'kind'>): string[] {
  const harmless = NO_SOUND[kind];
  if (harmless === undefined) return [...errors];
  return errors.filter((line, index) => {
    const cause = line.startsWith(DECODING_FAILED) ? (errors[index - 1] ?? '') : '';
    return !harmless.test(line) && !harmless.test(cause);
  });
}

/** Whether ffmpeg found the end of a file missing. */
export const endsEarly = (log: readonly string[]): boolean => log.some((line) => CUT_SHORT.test(line));

/** One line each: what of the file was not read. Empty for a whole file. ffmpeg itself reports success for half a file. */
export function completenessWarnings(decoded: Decoded): string[] {
  const { decodedMs, declaredMs, hasEnd, warnings, errors } = decoded;
  if (declaredMs !== undefined && declaredMs - decodedMs > TOLERANCE_MS) {
    return [`the file is cut short: ${secondsText(decodedMs)} of ${secondsText(declaredMs)} read`];
  }
  if (!hasEnd || endsEarly([...warnings, ...errors])) {
    return [`the file has no proper end and may be cut short: ${secondsText(decodedMs)} read`];
  }
  const [damage] = damageOf(decoded);
  if (damage === undefined) return [];
  return [`parts of the file are damaged and were skipped or replaced by silence (${damage})`];
}
