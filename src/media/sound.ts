import { ParleyError } from '../errors.js';

/** The sound of a recording as its file has it, read from beginning to end. */
export interface Sound {
  readonly format: SoundFormat;
  /** The next samples, interleaved, whole frames; undefined at the end. In memory of their own. */
  read(): Promise<Int16Array | undefined>;
  /** One line each: what was found so far that somebody should know. All of them once the end was read. */
  warnings(): string[];
  /** Safe to call twice, and before the end. */
  close(): Promise<void>;
}

/** What a sound is. */
export type SoundFormat = {
  /** One that the live path takes. */
  sampleRateHz: number;
  /** 1 to 8. */
  channelCount: number;
  /** Channels that have no speech by their nature, such as low-frequency effects; from 0 on. */
  ignoredChannels: readonly number[];
  /** The channel of the loudspeaker in the middle, where films and meeting rooms have their speech; from 0 on. */
  centreChannel?: number | undefined;
  /** How the file stores it: "16-bit PCM", "mp3", "opus". */
  encoding: string;
  /** Length as far as it is known before all was read. */
  declaredMs: number | undefined;
};

/** Longest recording that is read. */
export const MAX_RECORDED_MS = 6 * 3_600_000;

/** Refuses what is longer than {@link MAX_RECORDED_MS}. */
export function checkLength(durationMs: number | undefined): void {
  if (durationMs !== undefined && durationMs > MAX_RECORDED_MS)
    throw new ParleyError('input_unusable', 'it is longer than six hours; split it');
}
