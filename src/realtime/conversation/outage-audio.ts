import type { RecentAudio } from '../uplink/recent-audio.js';

const SAMPLES_PER_MS = 24;

/** How much of what is said while there is no connection can still be interpreted, and how much is too old by then. */
export class OutageAudio {
  readonly #recent: RecentAudio;
  #missedFromMs: number;
  #missedMs = 0;

  /** @param missedFromMs the meeting's time from which no server has heard what was said */
  constructor(recent: RecentAudio, missedFromMs: number) {
    this.#recent = recent;
    this.#missedFromMs = missedFromMs;
    recent.replay(missedFromMs, (pcm) => {
      this.#missedMs += pcm.length / SAMPLES_PER_MS;
    });
  }

  /** The speaker said this. */
  append(pcm: Int16Array, atMs: number): void {
    this.#missedMs += pcm.length / SAMPLES_PER_MS;
    this.#missedFromMs = Math.min(this.#missedFromMs, atMs);
  }

  /** Hands over what is kept from `fromMs` on. Returns how many milliseconds were missed and are not among it. */
  replay(fromMs: number, take: (pcm: Int16Array, atMs: number) => void): number {
    let handedOverMs = 0;
    this.#recent.replay(fromMs, (pcm, atMs) => {
      const heardMs = Math.max(0, this.#missedFromMs - atMs);
      handedOverMs += Math.max(0, pcm.length / SAMPLES_PER_MS - heardMs);
      take(pcm, atMs);
    });
    return Math.max(0, Math.round(this.#missedMs - handedOverMs));
  }
}
