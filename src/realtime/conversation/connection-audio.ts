import type { Clock } from '../../clock.js';
import type { EventEmitter } from '../../events.js';
import type { ConversationConfig } from './conversation-config.js';
import { AudioChunk, CHUNK_MS } from '../uplink/audio-chunk.js';
import { DropNotices } from '../uplink/drop-notices.js';
import { MessagePacing } from '../uplink/message-pacing.js';
import type { SessionCounters, SessionEvents } from '../session.js';
import { TrailingSilence } from './trailing-silence.js';
import type { SampleTimeline } from '../uplink/timeline.js';
import { Uplink, type UplinkConnection } from '../uplink/uplink.js';

/** What the audio of a connection is made of. */
type ConnectionAudioOptions = {
  clock: Clock;
  config: ConversationConfig;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
  /** Whether the server has heard speech that it has not committed. */
  turnOpen: () => boolean;
  /** Silence alone did not end the turn: commits it. */
  commit: () => void;
  /** The commit did not end it either. */
  abandon: () => void;
  /** This goes out at once. */
  onFlowing: (chunk: AudioChunk) => void;
};

/** The speaker's audio on one connection: on its way up, and silence in its place when it stops. */
export class ConnectionAudio {
  readonly #options: ConnectionAudioOptions;
  readonly #uplink: Uplink;
  readonly #tail: TrailingSilence;
  #endMs = 0;
  /** Silence fed since the speaker's last audio. */
  #fedMs = 0;

  constructor(options: ConnectionAudioOptions) {
    const { clock, config, events, counters, turnOpen, commit, abandon } = options;
    this.#options = options;
    const notices = new DropNotices(events, counters);
    this.#uplink = new Uplink({
      messageMs: config.uplinkChunkMs,
      pacing: new MessagePacing(config.vad.silenceDurationMs, turnOpen),
      leadMs: config.vad.prefixPaddingMs,
      clock,
      counters,
      onDropped: () => {
        notices.dropped();
      },
    });
    this.#tail = new TrailingSilence({
      clock,
      chunkMs: Math.min(config.uplinkChunkMs, CHUNK_MS),
      silenceDurationMs: config.vad.silenceDurationMs,
      turnOpen,
      feed: (durationMs) => this.#feedSilence(durationMs),
      commit,
      abandon,
    });
  }

  /** Which sample that was sent belongs to which moment of the meeting. */
  get timeline(): SampleTimeline {
    return this.#uplink.timeline;
  }

  /** The meeting's time just behind the speaker's last audio, silence fed in its place not counted. */
  get endMs(): number {
    return this.#endMs;
  }

  /** Nothing is held back, and no silence is being fed. */
  get settled(): boolean {
    return !this.#tail.feeding && this.#uplink.heldMs === 0;
  }

  /** See InterpretingSession.appendAudio. */
  append(chunk: AudioChunk): void {
    this.#uplink.append(chunk);
    this.#endMs = chunk.endMs;
    this.#fedMs = 0;
    if (this.#uplink.flowing) this.#options.onFlowing(chunk);
    this.#tail.audioArrived();
  }

  /** See InterpretingSession.endOfSpeech. */
  endOfSpeech(): void {
    this.#tail.begin();
  }

  /** Sends what there is. Returns false where some of it is held back. */
  flush(): boolean {
    if (this.#uplink.flowing) this.#uplink.flush();
    return this.#uplink.flowing;
  }

  /** From now on everything goes out on this connection, and what was held back first. */
  open(connection: UplinkConnection): void {
    this.#uplink.open(connection);
  }

  /** From now on everything is held back. */
  pause(): void {
    this.#uplink.pause();
  }

  /** Nothing more goes out. */
  stop(): void {
    this.#tail.stop();
    this.#uplink.close();
  }

  #feedSilence(durationMs: number): boolean {
    if (!this.#uplink.flowing) return false;
    this.#uplink.flush(); // what was said need not wait for silence to fill its message
    this.#options.counters.silenceFedMs += durationMs;
    this.#fedMs += durationMs;
    this.#uplink.append(AudioChunk.silence(durationMs, this.#uplink.endMs, this.#fedMs));
    this.#uplink.flush();
    return true;
  }
}
