/**
 * The way up: a speaker's chunks in, `input_audio_buffer.append` messages out. Audio is held back until the
 * connection is configured and while the connection is congested; what is held is bounded, the oldest goes first.
 */
import { REALTIME_RATE_HZ, REALTIME_SAMPLES_PER_MS } from '../../../audio/rates.js';
import type { Clock, TimerHandle } from '../../clock.js';
import type { SessionCounters } from '../session.js';
import { type AppendType, AudioChunk, AudioMessage, CHUNK_MS } from './audio-chunk.js';
import type { MessagePacing } from './message-pacing.js';
import { SampleTimeline } from './timeline.js';

/** Audio kept while the connection is not ready or congested; beyond it an answer would come too late to be of use. */
export const MAX_HELD_MS = 10_000;
/** Above this many unsent bytes (half a second of base64 audio) the connection counts as congested. */
const CONGESTED_BYTES = 32_768;
/** Chunks mostly begin at whole multiples of 10 ms, less a filter's delay: far from where one belongs to the next message. */
const GRID_OFFSET_MS = 5;

/** Chunks that follow each other. */
type Group = { readonly chunks: AudioChunk[]; samples: number };

/** What the uplink counts. */
type UplinkCounters = Pick<SessionCounters, 'audioSentMs' | 'audioDroppedMs'>;

/** What the uplink needs of its connection. */
export interface UplinkConnection {
  readonly bufferedAmountBytes: number;
  sendAudio(message: AudioMessage): void;
}

/** What an uplink is made of. */
type UplinkOptions = {
  /**
   * Length of one message. It ends at whole multiples of this of the meeting's time, so that all who hear a speaker send the same
   * bytes, and all sessions of a process write at the same moment: a write that has to wake whoever receives costs several
   * that find them awake. What follows a hole, or is urgent, ends it sooner.
   */
  messageMs: number;
  /** What is urgent; nothing by default. */
  pacing?: MessagePacing;
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

/** Holds back and sends one speaker's audio over one connection, and knows which sample belongs to which moment. */
export class Uplink {
  readonly timeline = new SampleTimeline(REALTIME_RATE_HZ);
  readonly #options: UplinkOptions;
  readonly #appendType: AppendType;
  readonly #messageSamples: number;
  readonly #held: Group[] = []; // oldest first
  #heldSamples = 0;
  #connection: UplinkConnection | undefined;
  #filling: Group = { chunks: [], samples: 0 };
  #endMs = 0;
  #retry: TimerHandle | undefined;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#appendType = options.appendType ?? 'input_audio_buffer.append';
    this.#messageSamples = Math.round(options.messageMs * REALTIME_SAMPLES_PER_MS);
  }

  /** Milliseconds waiting here, the message being filled not counted. */
  get heldMs(): number {
    return this.#heldSamples / REALTIME_SAMPLES_PER_MS;
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

  /** Takes the speaker's next chunk; a hole before it closes the message being filled. */
  append(chunk: AudioChunk): void {
    if (this.#filling.samples > 0 && !chunk.follows(this.#endMs)) this.flush();
    this.#endMs = chunk.endMs;
    for (let from = 0; from < chunk.pcm.length;) {
      const filling = this.#filling;
      const to = Math.min(chunk.pcm.length, from + this.#messageSamples - filling.samples);
      filling.chunks.push(chunk.slice(from, to));
      filling.samples += to - from;
      from = to;
      if (filling.samples === this.#messageSamples) this.#complete();
    }
    const urgent = this.#options.pacing?.isUrgent(chunk) === true;
    if (this.#filling.samples > 0 && (urgent || this.#isFilled())) this.#complete();
  }

  /** Sends the message being filled as it is. */
  flush(): void {
    if (this.#filling.samples > 0) this.#complete();
    else this.#drain();
  }

  /** What comes next belongs to another message. */
  #isFilled(): boolean {
    return this.#messageAt(this.#filling.chunks[0]!.atMs) !== this.#messageAt(this.#endMs);
  }

  #messageAt(atMs: number): number {
    return Math.floor((atMs + GRID_OFFSET_MS) / this.#options.messageMs);
  }

  #complete(): void {
    const group = this.#filling;
    this.#filling = { chunks: [], samples: 0 };
    if (this.#held.length === 0 && this.#connection !== undefined && !congested(this.#connection)) {
      this.#send(this.#connection, group);
      return;
    }
    this.#held.push(group);
    this.#heldSamples += group.samples;
    this.#drain();
    this.#dropStale();
  }

  /** Sends what is held as far as the connection takes it, and looks again soon, whether or not more audio comes. */
  #drain(): void {
    while (this.#connection !== undefined && this.#held.length > 0 && !congested(this.#connection)) {
      const group = this.#held.shift()!;
      this.#heldSamples -= group.samples;
      this.#send(this.#connection, group);
    }
    if (this.#connection === undefined || this.#held.length === 0) return;
    this.#retry ??= this.#options.clock.setTimer(() => {
      this.#retry = undefined;
      this.#drain();
    }, CHUNK_MS);
  }

  #dropStale(): void {
    while (this.heldMs > MAX_HELD_MS) {
      const group = this.#held.shift()!;
      this.#heldSamples -= group.samples;
      this.#options.counters.audioDroppedMs += group.samples / REALTIME_SAMPLES_PER_MS;
      this.#options.onDropped();
    }
  }

  #send(connection: UplinkConnection, group: Group): void {
    if (this.timeline.bufferMs === 0) this.#sendLead(connection, group.chunks[0]!.atMs);
    this.#write(connection, group);
  }

  #sendLead(connection: UplinkConnection, untilMs: number): void {
    let left = Math.round(this.#options.leadMs * REALTIME_SAMPLES_PER_MS);
    while (left > 0) {
      const samples = Math.min(left, this.#messageSamples);
      const chunk = AudioChunk.silence(
        samples / REALTIME_SAMPLES_PER_MS,
        untilMs - left / REALTIME_SAMPLES_PER_MS,
      );
      this.#write(connection, { chunks: [chunk], samples });
      left -= samples;
    }
  }

  #write(connection: UplinkConnection, { chunks, samples }: Group): void {
    this.timeline.append(samples, chunks[0]!.atMs);
    this.#options.counters.audioSentMs += samples / REALTIME_SAMPLES_PER_MS;
    connection.sendAudio(new AudioMessage(this.#appendType, chunks));
  }
}

function congested(connection: UplinkConnection): boolean {
  return connection.bufferedAmountBytes > CONGESTED_BYTES;
}
