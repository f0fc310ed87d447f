import { REALTIME_SAMPLES_PER_MS } from '../../../audio/rates.js';
import { AudioChunk, CHUNK_MS, HOLE_MS } from '../../realtime/uplink/audio-chunk.js';
import { MAX_HELD_MS } from '../../realtime/uplink/uplink.js';

const CHUNK_SAMPLES = CHUNK_MS * REALTIME_SAMPLES_PER_MS;
/** Samples are kept in one ring: longer than any session keeps or holds back, what it is filling included. */
const RING_SAMPLES = (MAX_HELD_MS + 2_000) * REALTIME_SAMPLES_PER_MS;
/** Chunks whose events are kept, as many as the longest message has: what went out is seldom sent again, and twice as large. */
const EVENTS_KEPT = 10;

/**
 * Cuts one speaker's audio, 24 kHz mono in pieces of any length, into chunks of {@link CHUNK_MS}; shorter ones where the audio
 * ends or its time moves, so that no chunk holds audio of two moments. A chunk's samples stay as they are until 11 s of further
 * audio have come, which is longer than sessions keep them.
 */
export class ChunkCutter {
  readonly #onChunk: (chunk: AudioChunk) => void;
  readonly #withEvents: AudioChunk[] = [];
  #ring: Int16Array | undefined;
  #ringAt = 0;
  #filled = 0;
  #atMs = 0;
  #nextMs = 0;
  #voiced = false;
  #pauseMs = 0;

  constructor(onChunk: (chunk: AudioChunk) => void) {
    this.#onChunk = onChunk;
  }

  /** Takes samples, read at once, the first of which belongs to `atMs`, with what was found in them. */
  push(pcm: Int16Array, atMs: number, voiced: boolean, pauseMs: number): void {
    if (this.#filled > 0 && Math.abs(atMs - this.#nextMs) > HOLE_MS) this.flush();
    if (this.#filled === 0) this.#nextMs = atMs;
    for (let read = 0; read < pcm.length;) {
      if (this.#filled === 0) this.#begin();
      const ring = (this.#ring ??= new Int16Array(RING_SAMPLES));
      const count = Math.min(CHUNK_SAMPLES - this.#filled, pcm.length - read);
      ring.set(count === pcm.length ? pcm : pcm.subarray(read, read + count), this.#ringAt + this.#filled);
      read += count;
      this.#filled += count;
      this.#nextMs += count / REALTIME_SAMPLES_PER_MS;
      this.#voiced ||= voiced;
      this.#pauseMs = pauseMs;
      if (this.#filled === CHUNK_SAMPLES) this.flush();
    }
  }

  /** Hands out what has not made a whole chunk yet. */
  flush(): void {
    if (this.#filled === 0 || this.#ring === undefined) return;
    const pcm = this.#ring.subarray(this.#ringAt, this.#ringAt + this.#filled);
    this.#ringAt += this.#filled;
    this.#filled = 0;
    const chunk = new AudioChunk(pcm, this.#atMs, this.#voiced, this.#pauseMs);
    this.#withEvents.push(chunk);
    if (this.#withEvents.length > EVENTS_KEPT) this.#withEvents.shift()?.forgetEvent();
    this.#onChunk(chunk);
  }

  #begin(): void {
    if (RING_SAMPLES - this.#ringAt < CHUNK_SAMPLES) this.#ringAt = 0;
    this.#atMs = this.#nextMs;
    this.#voiced = false;
  }
}
