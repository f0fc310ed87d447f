import { REALTIME_SAMPLES_PER_MS } from '../../../audio/rates.js';

/** Zeros shorter than this are part of the sound. */
const SHORT_RUN_SAMPLES = 10 * REALTIME_SAMPLES_PER_MS;
/** What a longer run becomes while the listener is not behind: no phrase has a longer pause between its words. */
const PAUSE_SAMPLES = 200 * REALTIME_SAMPLES_PER_MS;
/** Behind by this much, runs of zeros are left out entirely. */
const BEHIND_MS = 2_000;
const NOTHING = new Int16Array(0);

/** How many samples of a run of zeros between two sounds are kept. */
export function keptZeros(runSamples: number, behindMs: number): number {
  if (runSamples <= SHORT_RUN_SAMPLES) return runSamples;
  const share = Math.min(1, Math.max(0, 1 - behindMs / BEHIND_MS));
  return Math.min(runSamples, Math.round(PAUSE_SAMPLES * share));
}

/**
 * Takes filler out of a translation's audio. The service sends 400 ms of audio per 200 ms of time, what is not speech as
 * exact digital zero, in deltas of any length; played as it comes, it would fall behind for ever. Every sample is tested:
 * a run of zeros longer than a moment is cut to a pause, and to less the more the listener is behind. Quiet is not zero:
 * natural pauses are left alone.
 * One session's audio.
 */
export class ZeroFiller {
  #runSamples = 0;
  #sounding = false;
  #droppedSamples = 0;

  /** Zeros since the last sound, in milliseconds of audio. */
  get silentMs(): number {
    return this.#runSamples / REALTIME_SAMPLES_PER_MS;
  }

  /** Filler left out so far, in milliseconds. */
  get droppedMs(): number {
    return this.#droppedSamples / REALTIME_SAMPLES_PER_MS;
  }

  /** The utterance is over: the zeros before the next sound are no pause of it. */
  endUtterance(): void {
    this.#sounding = false;
  }

  /**
   * Returns what is to be heard of 24 kHz mono PCM16, possibly nothing; zeros at the end are held back until a sound
   * follows them. `behindMs`: how much the listener has still to hear.
   */
  process(pcm: Int16Array, behindMs: number): Int16Array {
    const { length } = pcm;
    let from = nextSound(pcm, 0);
    if (from === length) {
      this.#runSamples += length;
      return NOTHING;
    }
    this.#runSamples += from;
    const heard = new Int16Array(length + Math.min(this.#runSamples, PAUSE_SAMPLES));
    let heardSamples = 0;
    while (from < length) {
      heardSamples += this.#keptOfRun(behindMs);
      const to = nextLongRun(pcm, from);
      heard.set(pcm.subarray(from, to), heardSamples);
      heardSamples += to - from;
      from = nextSound(pcm, to);
      this.#runSamples = from - to;
    }
    return heard.subarray(0, heardSamples);
  }

  /** The run of zeros that a sound ends: how much of it is heard. */
  #keptOfRun(behindMs: number): number {
    const runSamples = this.#runSamples;
    const kept = this.#sounding ? keptZeros(runSamples, behindMs) : 0;
    this.#droppedSamples += runSamples - kept;
    this.#sounding = true;
    return kept;
  }
}

function nextSound(pcm: Int16Array, from: number): number {
  let index = from;
  while (index < pcm.length && pcm[index] === 0) index++;
  return index;
}

/** Where the next run of zeros begins that is long, or not over. */
function nextLongRun(pcm: Int16Array, from: number): number {
  let index = from;
  for (;;) {
    index = pcm.indexOf(0, index);
    if (index < 0) return pcm.length;
    const end = nextSound(pcm, index);
    if (end === pcm.length || end - index > SHORT_RUN_SAMPLES) return index;
    index = end;
  }
}
