import { REALTIME_SAMPLES_PER_MS } from '../../../audio/rates.js';

/** Quiet shorter than this is part of the sound. */
const SHORT_RUN_SAMPLES = 10 * REALTIME_SAMPLES_PER_MS;
/** What a longer run becomes while the listener is not behind: no phrase has a longer pause between its words. */
const PAUSE_MS = 200;
/** Behind by this much, runs of quiet are left out entirely. */
const BEHIND_MS = 2_000;
const NOTHING = new Int16Array(0);

/** How many samples of a run of quiet between two sounds are kept. */
export function keptQuiet(runSamples: number, behindMs: number, pauseMs = PAUSE_MS): number {
  if (runSamples <= SHORT_RUN_SAMPLES) return runSamples;
  const share = Math.max(0, 1 - behindMs / BEHIND_MS);
  return Math.min(runSamples, Math.round(pauseMs * REALTIME_SAMPLES_PER_MS * share));
}

/**
 * Takes what is not speech out of the voice of an engine that sends audio without end, in deltas of any length. A translation
 * server sends 400 ms of audio per 200 ms of time, what is not speech as exact zero; played as it comes, it would fall behind
 * for ever. Every sample is tested: a run of quiet longer than a moment is cut to a pause, and to less the more the listener is
 * behind, or has heard of it already by waiting. What is sound is never touched. One session's audio.
 */
export class QuietFilter {
  readonly #quietBelow: number;
  readonly #pauseMs: number;
  readonly #tailSamples: number;
  #runSamples = 0;
  /** So much of the run of quiet was heard already, with the sound before it. */
  #tailHeardSamples = 0;
  #sounding = false;
  #droppedSamples = 0;

  /**
   * @param quietBelow a sample of this magnitude is sound; 1: everything but zero
   * @param pauseMs what a pause between two sounds is cut to
   * @param tailMs so much of the quiet after a sound is heard with it, before it is known what follows
   */
  constructor(quietBelow = 1, pauseMs = PAUSE_MS, tailMs = 0) {
    this.#quietBelow = quietBelow;
    this.#pauseMs = pauseMs;
    this.#tailSamples = tailMs * REALTIME_SAMPLES_PER_MS;
  }

  /** Quiet since the last sound, in milliseconds of audio. */
  get silentMs(): number {
    return this.#runSamples / REALTIME_SAMPLES_PER_MS;
  }

  /** Left out so far, in milliseconds. */
  get droppedMs(): number {
    return this.#droppedSamples / REALTIME_SAMPLES_PER_MS;
  }

  /** The utterance is over: the quiet before the next sound is no pause of it. */
  endUtterance(): void {
    this.#sounding = false;
  }

  /**
   * Returns what is to be heard of 24 kHz mono PCM16, possibly nothing; quiet at the end, but for its tail, is held back until a
   * sound follows it. `behindMs`: how much the listener has still to hear. `waitedMs`: for how long they have heard nothing since.
   */
  process(pcm: Int16Array, behindMs: number, waitedMs = 0): Int16Array {
    const { length } = pcm;
    let from = this.#nextSound(pcm, 0);
    if (from === length) {
      const tail = this.#takeTail(length);
      this.#runSamples += length;
      return tail === 0 ? NOTHING : pcm.subarray(0, tail);
    }
    this.#runSamples += from;
    const heard = new Int16Array(
      length + Math.min(this.#runSamples, this.#pauseMs * REALTIME_SAMPLES_PER_MS),
    );
    let heardSamples = 0;
    let waitedSamples = Math.round(waitedMs * REALTIME_SAMPLES_PER_MS);
    while (from < length) {
      heardSamples += this.#keptOfRun(behindMs, waitedSamples);
      waitedSamples = 0;
      const to = this.#nextLongRun(pcm, from);
      heard.set(pcm.subarray(from, to), heardSamples);
      heardSamples += to - from;
      from = this.#nextSound(pcm, to);
      this.#runSamples = 0;
      this.#tailHeardSamples = 0;
      if (from === length) {
        const tail = this.#takeTail(length - to);
        heard.set(pcm.subarray(to, to + tail), heardSamples);
        heardSamples += tail;
      }
      this.#runSamples = from - to;
    }
    return heard.subarray(0, heardSamples);
  }

  /** Quiet that nothing follows yet goes on for `samples`: how many of these are heard with the sound before it. */
  #takeTail(samples: number): number {
    if (!this.#sounding) return 0;
    const taken = Math.max(0, Math.min(samples, this.#tailSamples - this.#runSamples));
    this.#tailHeardSamples += taken;
    return taken;
  }

  /** The run of quiet that a sound ends: how much of it is heard. */
  #keptOfRun(behindMs: number, waitedSamples: number): number {
    const runSamples = this.#runSamples;
    const heardSamples = this.#tailHeardSamples;
    const kept = this.#sounding
      ? Math.max(0, keptQuiet(runSamples, behindMs, this.#pauseMs) - heardSamples - waitedSamples)
      : 0;
    this.#droppedSamples += runSamples - heardSamples - kept;
    this.#sounding = true;
    this.#tailHeardSamples = 0;
    return kept;
  }

  #nextSound(pcm: Int16Array, from: number): number {
    const quietBelow = this.#quietBelow;
    let index = from;
    while (index < pcm.length && Math.abs(pcm[index]!) < quietBelow) index++;
    return index;
  }

  #nextQuiet(pcm: Int16Array, from: number): number {
    const quietBelow = this.#quietBelow;
    let index = from;
    while (index < pcm.length && Math.abs(pcm[index]!) >= quietBelow) index++;
    return index;
  }

  /** Where the next run of quiet begins that is long, or not over. */
  #nextLongRun(pcm: Int16Array, from: number): number {
    let index = from;
    for (;;) {
      index = this.#nextQuiet(pcm, index);
      if (index === pcm.length) return index;
      const end = this.#nextSound(pcm, index);
      if (end === pcm.length || end - index > SHORT_RUN_SAMPLES) return index;
      index = end;
    }
  }
}
