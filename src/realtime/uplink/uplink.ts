/**
 * The way up: any chunks of 24 kHz PCM16 in, `input_audio_buffer.append` messages of one fixed length out. Audio is held
 * back until the connection is configured and while the connection is congested; what is held is bounded, the oldest goes first.
 */
import type { Clock, TimerHandle } from '../../clock.js';
import { REALTIME_SAMPLE_RATE_HZ } from '../conversation/conversation-config.js';
import type { SessionCounters } from '../session.js';
import { SampleTimeline } from './timeline.js';

const SAMPLES_PER_MS = REALTIME_SAMPLE_RATE_HZ / 1000;
/** Audio kept while the connection is not ready or congested; beyond it an answer would come too late to be of use. */
export const MAX_HELD_MS = 10_000;
/** Above this many unsent bytes (half a second of base64 audio) the connection counts as congested. */
export const CONGESTED_BYTES = 32_768;

type Chunk = { pcm: Int16Array; samples: number; atMs: number };

/** What the uplink counts. */
export type UplinkCounters = Pick<SessionCounters, 'audioSentMs' | 'audioDroppedMs'>;

/** What the uplink needs of its connection. */
export interface UplinkConnection {
  readonly bufferedAmountBytes: number;
  send(text: string): void;
}

/** How a kind of session names the event that appends audio. */
export type AppendType = 'input_audio_buffer.append' | 'session.input_audio_buffer.append';

/** One event that appends audio, built without JSON.stringify: base64 needs no escaping. */
export function appendMessage(pcm: Int16Array, type: AppendType = 'input_audio_buffer.append'): string {
  const base64 = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
  return `{"type":"${type}","audio":"${base64}"}`;
}

/** What an uplink is made of. */
export type UplinkOptions = {
  /** Length of one message. */
  chunkMs: number;
  /** `input_audio_buffer.append` by default. */
  appendType?: AppendType;
  /**
   * Silence sent before the first audio. A server reports the start of speech minus its prefix padding, but never less
   * than 0: with that much in front, the reported start is always right.
   */
  leadMs: number;
  clock: Clock;
  counters: UplinkCounters;
  onDropped: () => void;
};

/** Chunks, holds back and sends one speaker's audio over one line, and knows which sample belongs to which moment. */
export class Uplink {
  readonly timeline = new SampleTimeline(REALTIME_SAMPLE_RATE_HZ);
  readonly #options: UplinkOptions;
  readonly #chunkSamples: number;
  readonly #held: Chunk[] = []; // oldest first
  #heldSamples = 0;
  #connection: UplinkConnection | undefined;
  #filling: Chunk;
  #endMs = 0;
  #retry: TimerHandle | undefined;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#chunkSamples = Math.round(options.chunkMs * SAMPLES_PER_MS);
    this.#filling = this.#emptyChunk(0);
  }

  /** Milliseconds waiting here, the chunk being filled not counted. */
  get heldMs(): number {
    return this.#heldSamples / SAMPLES_PER_MS;
  }

  /** What is appended now goes out now. */
  get flowing(): boolean {
    return this.#connection !== undefined && this.#heldSamples === 0;
  }

  /** The meeting's time just behind the last sample appended. */
  get endMs(): number {
    return this.#endMs;
  }

  /** The connection is configured: what was held back goes out, and so does everything from now on. */
  open(connection: UplinkConnection): void {
    this.#connection = connection;
    this.#drain();
  }

  /** From now on everything is held back, until {@link Uplink.open}. */
  pause(): void {
    this.#connection = undefined;
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  /** Nothing more goes out; what is held is forgotten. */
  close(): void {
    this.pause();
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
    if (this.#held.length === 0 && this.#connection !== undefined && !congested(this.#connection)) {
      this.#send(this.#connection, chunk);
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

  /** Sends what is held as far as the connection takes it, and looks again soon, whether or not more audio comes. */
  #drain(): void {
    while (this.#connection !== undefined && this.#held.length > 0 && !congested(this.#connection)) {
      const chunk = this.#held.shift()!;
      this.#heldSamples -= chunk.samples;
      this.#send(this.#connection, chunk);
    }
    if (this.#connection === undefined || this.#held.length === 0) return;
    const { clock, chunkMs } = this.#options;
    this.#retry ??= clock.setTimer(() => {
      this.#retry = undefined;
      this.#drain();
    }, chunkMs);
  }

  #dropStale(): void {
    while (this.heldMs > MAX_HELD_MS) {
      const chunk = this.#held.shift()!;
      this.#heldSamples -= chunk.samples;
      this.#options.counters.audioDroppedMs += chunk.samples / SAMPLES_PER_MS;
      this.#options.onDropped();
    }
  }

  #send(connection: UplinkConnection, chunk: Chunk): void {
    if (this.timeline.bufferMs === 0) this.#sendLead(connection, chunk.atMs);
    this.#write(connection, chunk.pcm.subarray(0, chunk.samples), chunk.atMs);
  }

  #sendLead(connection: UplinkConnection, untilMs: number): void {
    let left = Math.round(this.#options.leadMs * SAMPLES_PER_MS);
    const silence = new Int16Array(Math.min(left, this.#chunkSamples));
    while (left > 0) {
      const count = Math.min(left, silence.length);
      this.#write(connection, silence.subarray(0, count), untilMs - left / SAMPLES_PER_MS);
      left -= count;
    }
  }

  #write(connection: UplinkConnection, pcm: Int16Array, atMs: number): void {
    this.timeline.append(pcm.length, atMs);
    this.#options.counters.audioSentMs += pcm.length / SAMPLES_PER_MS;
    connection.send(appendMessage(pcm, this.#options.appendType));
  }

  #emptyChunk(atMs: number): Chunk {
    return { pcm: new Int16Array(this.#chunkSamples), samples: 0, atMs };
  }
}

function congested(connection: UplinkConnection): boolean {
  return connection.bufferedAmountBytes > CONGESTED_BYTES;
}
