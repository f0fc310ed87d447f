/**
 * The way up: any chunks of 24 kHz PCM16 in, `input_audio_buffer.append` messages of one fixed length out. Audio is held
 * back until the line is configured and while the line is congested; what is held is bounded, the oldest goes first.
 */
import { REALTIME_SAMPLE_RATE_HZ } from './conversation-config.js';
import type { SessionCounters } from './session.js';
import { SampleTimeline } from './timeline.js';

const SAMPLES_PER_MS = REALTIME_SAMPLE_RATE_HZ / 1000;
/** Audio kept while the line is not ready or congested; beyond it an answer would come too late to be of use. */
export const MAX_HELD_MS = 10_000;
/** Above this many unsent bytes (half a second of base64 audio) the line counts as congested. */
export const CONGESTED_BYTES = 32_768;

type Chunk = { pcm: Int16Array; samples: number; atMs: number };

/** What the uplink counts. */
export type UplinkCounters = Pick<SessionCounters, 'audioSentMs' | 'audioDroppedMs'>;

/** What the uplink needs of its line. */
export interface UplinkLine {
  readonly bufferedAmountBytes: number;
  send(text: string): void;
}

/** One `input_audio_buffer.append` event, built without JSON.stringify: base64 needs no escaping. */
export function appendMessage(pcm: Int16Array): string {
  const base64 = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
  return `{"type":"input_audio_buffer.append","audio":"${base64}"}`;
}

/** Chunks, holds back and sends one speaker's audio over one line, and knows which sample belongs to which moment. */
export class Uplink {
  readonly timeline = new SampleTimeline(REALTIME_SAMPLE_RATE_HZ);
  readonly #chunkSamples: number;
  readonly #counters: UplinkCounters;
  readonly #onDropped: () => void;
  readonly #held: Chunk[] = []; // oldest first
  #heldSamples = 0;
  #line: UplinkLine | undefined;
  #filling: Chunk;
  #endMs = 0;

  constructor(options: { chunkMs: number; counters: UplinkCounters; onDropped: () => void }) {
    this.#chunkSamples = Math.round(options.chunkMs * SAMPLES_PER_MS);
    this.#counters = options.counters;
    this.#onDropped = options.onDropped;
    this.#filling = this.#emptyChunk(0);
  }

  /** Milliseconds waiting here, the chunk being filled not counted. */
  get heldMs(): number {
    return this.#heldSamples / SAMPLES_PER_MS;
  }

  /** The meeting's time just behind the last sample appended. */
  get endMs(): number {
    return this.#endMs;
  }

  /** The line is configured: what was held back goes out, and so does everything from now on. */
  open(line: UplinkLine): void {
    this.#line = line;
    this.#drain();
  }

  /** From now on everything is held back, until {@link Uplink.open}. */
  pause(): void {
    this.#line = undefined;
  }

  /** Nothing more goes out; what is held is forgotten. */
  close(): void {
    this.#line = undefined;
    this.#held.length = 0;
    this.#heldSamples = 0;
  }

  /** Takes audio whose first sample belongs to `atMs`; a gap against what came before closes the chunk being filled. */
  append(pcm: Int16Array, atMs: number): void {
    if (this.#filling.samples > 0 && Math.abs(atMs - this.#endMs) > 1) this.flush();
    if (this.#filling.samples === 0) this.#filling.atMs = atMs;
    let offset = 0;
    while (offset < pcm.length) {
      const chunk = this.#filling;
      const count = Math.min(this.#chunkSamples - chunk.samples, pcm.length - offset);
      chunk.pcm.set(pcm.subarray(offset, offset + count), chunk.samples);
      chunk.samples += count;
      offset += count;
      if (chunk.samples === this.#chunkSamples) this.#complete(atMs + offset / SAMPLES_PER_MS);
    }
    this.#endMs = atMs + pcm.length / SAMPLES_PER_MS;
  }

  /** Sends the chunk being filled as it is. */
  flush(): void {
    if (this.#filling.samples > 0) this.#complete(this.#endMs);
    else this.#drain();
  }

  #complete(nextAtMs: number): void {
    const chunk = this.#filling;
    if (this.#held.length === 0 && this.#line !== undefined && !this.#congested()) {
      this.#send(this.#line, chunk);
      chunk.samples = 0; // sent as text: the chunk is free again
      chunk.atMs = nextAtMs;
      return;
    }
    this.#held.push(chunk);
    this.#heldSamples += chunk.samples;
    this.#filling = this.#emptyChunk(nextAtMs);
    this.#drain();
    this.#dropStale();
  }

  #drain(): void {
    while (this.#line !== undefined && this.#held.length > 0 && !this.#congested()) {
      const chunk = this.#held.shift()!;
      this.#heldSamples -= chunk.samples;
      this.#send(this.#line, chunk);
    }
  }

  #dropStale(): void {
    while (this.heldMs > MAX_HELD_MS) {
      const chunk = this.#held.shift()!;
      this.#heldSamples -= chunk.samples;
      this.#counters.audioDroppedMs += chunk.samples / SAMPLES_PER_MS;
      this.#onDropped();
    }
  }

  #congested(): boolean {
    return this.#line !== undefined && this.#line.bufferedAmountBytes > CONGESTED_BYTES;
  }

  #send(line: UplinkLine, chunk: Chunk): void {
    this.timeline.append(chunk.samples, chunk.atMs);
    this.#counters.audioSentMs += chunk.samples / SAMPLES_PER_MS;
    line.send(appendMessage(chunk.pcm.subarray(0, chunk.samples)));
  }

  #emptyChunk(atMs: number): Chunk {
    return { pcm: new Int16Array(this.#chunkSamples), samples: 0, atMs };
  }
}
