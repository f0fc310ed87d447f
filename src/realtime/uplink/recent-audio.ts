import { REALTIME_SAMPLES_PER_MS } from '../../../audio/rates.js';
import type { AudioChunk } from './audio-chunk.js';

/**
 * The last moments of what a speaker said, sent or not: for a session that is opened, or a connection that takes over. It keeps the
 * chunks themselves, which all who heard them share.
 */
export class RecentAudio {
  readonly #keepMs: number;
  readonly #chunks: AudioChunk[] = []; // oldest first
  #keptMs = 0;

  /** @param keepMs how much is kept at most, but for the chunk that exceeds it */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** The meeting's time of the oldest sample that is kept; undefined while there is none. */
  get fromMs(): number | undefined {
    return this.#chunks[0]?.atMs;
  }

  /** Keeps a chunk, and forgets the oldest that is not needed any more. */
  append(chunk: AudioChunk): void {
    this.#chunks.push(chunk);
    this.#keptMs += chunk.durationMs;
    while (this.#keptMs - this.#chunks[0]!.durationMs >= this.#keepMs) {
      this.#keptMs -= this.#chunks.shift()!.durationMs;
    }
  }

  /** How long there has been no voice at `nowMs`; infinite where nothing was said. */
  pauseMs(nowMs: number): number {
    const last = this.#chunks.at(-1);
    return last === undefined ? Infinity : last.pauseMs + Math.max(0, nowMs - last.endMs);
  }

  /** Hands over what is kept from `fromMs` on, in order. */
  replay(fromMs: number, take: (chunk: AudioChunk) => void): void {
    for (const chunk of [...this.#chunks]) {
      const skipped = Math.max(0, Math.round((fromMs - chunk.atMs) * REALTIME_SAMPLES_PER_MS));
      if (skipped < chunk.pcm.length) take(chunk.slice(skipped));
    }
  }

  /** Forgets all of it. */
  clear(): void {
    this.#chunks.length = 0;
    this.#keptMs = 0;
  }
}
