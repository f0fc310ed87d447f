import type { ParleyError } from '../../errors.js';
import { stalledSession } from '../connection/session-failures.js';

/** Of speech sent, without a word of it written, from which on the session counts as stalled; longer than any phrase. */
const UNWRITTEN_SPEECH_MS = 12_000;
/** So much speech between two sums that are equal. */
const UNCOUNTED_SPEECH_MS = 3_000;

/**
 * Whether a live session is dead although its connection is open: one of fifteen was seen to go on for 20 s with neither words
 * nor seconds counted. Speech is sent, and nothing is written of what is said; or the sum of seconds stands still.
 */
export class LiveStall {
  #unwrittenMs = 0;
  #uncountedMs = 0;
  #seconds: number | undefined;
  #stoodStill = false;

  /** So much audio was sent, with or without speech in it. */
  sent(durationMs: number, voiced: boolean): void {
    if (!voiced) return;
    this.#unwrittenMs += durationMs;
    this.#uncountedMs += durationMs;
  }

  /** Words came, of either side. */
  words(): void {
    this.#unwrittenMs = 0;
  }

  /** The sum of seconds came. */
  usage(seconds: number): void {
    this.#stoodStill = seconds === this.#seconds && this.#uncountedMs >= UNCOUNTED_SPEECH_MS;
    this.#seconds = seconds;
    this.#uncountedMs = 0;
  }

  /** Why the session is dead; undefined while it is not. `writes`: a server of this kind was seen to write what is said. */
  cause(writes: boolean): ParleyError | undefined {
    if (this.#stoodStill) return stalledSession('its clock stands still');
    if (writes && this.#unwrittenMs >= UNWRITTEN_SPEECH_MS)
      return stalledSession('it writes nothing any more');
    return undefined;
  }
}
