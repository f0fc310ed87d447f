import type { AudioChunk } from '../uplink/audio-chunk.js';
import type { RecentAudio } from '../uplink/recent-audio.js';

/** How much of what is said while there is no connection can still be interpreted, and how much is too old by then. */
export class OutageAudio {
  readonly #recent: RecentAudio;
  #missedFromMs: number;
  #missedMs = 0;

  /** @param missedFromMs the meeting's time from which no server has heard what was said */
  constructor(recent: RecentAudio, missedFromMs: number) {
    this.#recent = recent;
    this.#missedFromMs = missedFromMs;
    recent.replay(missedFromMs, ({ durationMs }) => {
      this.#missedMs += durationMs;
    });
  }

  /** The speaker said this. */
  append({ atMs, durationMs }: AudioChunk): void {
    this.#missedMs += durationMs;
    this.#missedFromMs = Math.min(this.#missedFromMs, atMs);
  }

  /** Hands over what is kept from `fromMs` on. Returns how many milliseconds were missed and are not among it. */
  replay(fromMs: number, take: (chunk: AudioChunk) => void): number {
    let handedOverMs = 0;
    this.#recent.replay(fromMs, (chunk) => {
      const heardMs = Math.max(0, this.#missedFromMs - chunk.atMs);
      handedOverMs += Math.max(0, chunk.durationMs - heardMs);
      take(chunk);
    });
    return Math.max(0, Math.round(this.#missedMs - handedOverMs));
  }
}
