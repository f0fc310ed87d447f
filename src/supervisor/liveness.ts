/** Whether a meeting process lives, by its beats and by what passes through it, not by a timer of ours alone. Pure. */
import type { Beat } from '../meeting-process/protocol.js';

/** A process that says nothing for so long hangs. */
export const SILENT_MS = 10_000;
/** Frames of our own that wait and are not taken, or of open microphones that do not come. */
const STALLED_OUTPUT_MS = 10_000;
const STALLED_INPUT_MS = 30_000;

/** What is wrong with a process: it hangs, or its media stands still while it is in the meeting. */
export type LivenessFinding = 'silent' | 'output_stalled' | 'input_stalled';

/** Follows the beats of one process. Time comes in with each call. */
export class Liveness {
  #lastBeatMs: number;
  #last: Beat | undefined;
  /** When frames passed last, or need not have. */
  #outputMs: number;
  #inputMs: number;

  /** From `nowMs` on beats are expected. */
  constructor(nowMs: number) {
    this.#lastBeatMs = nowMs;
    this.#outputMs = nowMs;
    this.#inputMs = nowMs;
  }

  /** The last beat; undefined before the first. */
  get last(): Beat | undefined {
    return this.#last;
  }

  /** A beat has come. */
  beat(beat: Beat, nowMs: number): void {
    const before = this.#last;
    const isIn = beat.roomState === 'connected';
    if (!isIn || !beat.speaking || beat.framesPulled !== before?.framesPulled) this.#outputMs = nowMs;
    if (!isIn || beat.openMicrophones === 0 || beat.framesHeard !== before?.framesHeard)
      this.#inputMs = nowMs;
    this.#lastBeatMs = nowMs;
    this.#last = beat;
  }

  /**
   * What is wrong at `nowMs`; undefined where nothing is. `checkedMs`: since when we ourselves have been awake; what did not come
   * while we stood still was not heard by us.
   */
  check(nowMs: number, checkedMs: number): LivenessFinding | undefined {
    if (nowMs - Math.max(this.#lastBeatMs, checkedMs) > SILENT_MS) return 'silent';
    if (this.#lastBeatMs - this.#outputMs > STALLED_OUTPUT_MS) return 'output_stalled';
    if (this.#lastBeatMs - this.#inputMs > STALLED_INPUT_MS) return 'input_stalled';
    return undefined;
  }
}
