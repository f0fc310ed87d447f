/**
 * Takes filler out of a translation's audio. The service sends 400 ms of audio per 200 ms of time, what is not speech as
 * exact digital zero, in deltas of any length; played as it comes, it would fall behind for ever. Every sample is tested:
 * a run of zeros longer than a moment is cut to a pause, and to less the more the listener is behind. Quiet is not zero:
 * natural pauses are left alone.
 */
const SAMPLES_PER_MS = 24;
/** Zeros shorter than this are part of the sound. */
const SHORT_RUN_SAMPLES = 10 * SAMPLES_PER_MS;
/** What a longer run becomes while the listener is not behind: no phrase has a longer pause between its words. */
const PAUSE_SAMPLES = 200 * SAMPLES_PER_MS;
/** Behind by this much, runs of zeros are left out entirely. */
const BEHIND_MS = 2_000;

/** How many samples of a run of zeros between two sounds are kept. */
export function keptZeros(runSamples: number, behindMs: number): number {
  if (runSamples <= SHORT_RUN_SAMPLES) return runSamples;
  const share = Math.min(1, Math.max(0, 1 - behindMs / BEHIND_MS));
  return Math.min(runSamples, Math.round(PAUSE_SAMPLES * share));
}

/** One session's audio; see the file's comment. */
export class ZeroFiller {
  #runSamples = 0;
  #sounding = false;
  #droppedSamples = 0;

  /** Zeros since the last sound, in milliseconds of audio. */
  get silentMs(): number {
    return this.#runSamples / SAMPLES_PER_MS;
  }

  /** Filler left out so far, in milliseconds. */
  get droppedMs(): number {
    return this.#droppedSamples / SAMPLES_PER_MS;
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
    const heard = new Int16Array(pcm.length + Math.min(this.#runSamples, PAUSE_SAMPLES));
    let length = 0;
    for (const sample of pcm) {
      if (sample === 0) {
        this.#runSamples++;
        continue;
      }
      if (this.#runSamples > 0) {
        const kept = this.#sounding ? keptZeros(this.#runSamples, behindMs) : 0;
        this.#droppedSamples += this.#runSamples - kept;
        this.#runSamples = 0;
        length += kept;
      }
      this.#sounding = true;
      heard[length++] = sample;
    }
    return heard.subarray(0, length);
  }
}
