import type { Clock } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import { TRANSLATE_CHUNK_MS } from './continuous-input.js';
import type { ConnectionLifetime } from '../connection/session-lifetime.js';
import { endedByServer, silentConnection } from '../connection/session-failures.js';
import type { TranslateEpoch } from './translate-epoch.js';
import { TranslateConnection, type TranslateConnectionOptions } from './translate-connection.js';
import { Uplink } from '../uplink/uplink.js';

/** Longer than a network's or a server's bad moment; what is said meanwhile can still be sent again. */
const SILENT_MS = 6_000;
/** Sent in that time at least: nobody owes an answer to nothing. */
const UNANSWERED_MS = 3_000;
/** Looks without an event meanwhile: a process that was held up has not looked, and may have answers waiting. */
const SILENT_LOOKS = 20;
/** Deltas of zeros in a row that no pause between words has. */
const PROOF_DELTAS = 10;
const SAMPLES_PER_MS = 24;
const NOT_ZERO = /[^A=]/;

/** What a link is made of. */
export type TranslateTransportOptions = Omit<TranslateConnectionOptions, 'handlers'> & {
  onDropped: () => void;
  /** The ready connection ended by itself. */
  onLost: (error: ParleyError) => void;
  /** After {@link TranslateTransport.finish}: all was said, or its time is over. */
  onFinished: () => void;
};

/**
 * One connection with its way up, its age and its signs of life. The engine was seen to send audio without end, zeros while it has
 * nothing to say: a connection that did and does not any more is dead, however its socket looks.
 */
export class TranslateTransport {
  readonly #options: TranslateTransportOptions;
  readonly #clock: Clock;
  readonly #connection: TranslateConnection;
  readonly #uplink: Uplink;
  #epoch: TranslateEpoch | undefined;
  #readyAtMs = 0;
  #ready = false;
  #sentMs = 0;
  #sentMsAtLastEvent = 0;
  #lastEventMs = 0;
  #looksInSilence = 0;
  #zeroDeltas = 0;
  #finishing: { deadlineMs: number; asked: boolean } | undefined;

  constructor(options: TranslateTransportOptions) {
    this.#options = options;
    this.#clock = options.clock;
    const { clock, counters, onDropped } = options;
    this.#uplink = new Uplink({
      chunkMs: TRANSLATE_CHUNK_MS,
      appendType: 'session.input_audio_buffer.append',
      leadMs: 0,
      clock,
      counters,
      onDropped,
    });
    this.#connection = new TranslateConnection({
      ...options,
      handlers: {
        sourceText: (delta) => this.#epoch?.sourceText(delta),
        translationText: (delta) => this.#epoch?.translationText(delta),
        audio: (base64) => {
          if (!this.fillsSilence) this.#zeroDeltas = NOT_ZERO.test(base64) ? 0 : this.#zeroDeltas + 1;
          this.#epoch?.audio(base64);
        },
        drained: () => {
          this.#onDrained();
        },
        lost: options.onLost,
      },
    });
  }

  /** Open, configured, and not over. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Milliseconds of audio that wait for the connection. */
  get heldMs(): number {
    return this.#uplink.heldMs;
  }

  /** When to leave it. */
  get lifetime(): ConnectionLifetime | undefined {
    return this.#connection.lifetime;
  }

  /** How long it has been ready. */
  get ageMs(): number {
    return this.#ready ? this.#clock.nowMs() - this.#readyAtMs : 0;
  }

  /** When the server last said anything, by the clock. */
  get lastEventMs(): number {
    return this.#connection.lastEventMs;
  }

  /** Its server sends audio without end. */
  get fillsSilence(): boolean {
    return this.#zeroDeltas >= PROOF_DELTAS;
  }

  /** Opens and configures the connection. Rejects with a ParleyError; the connection is closed then. */
  async connect(transcribes: boolean): Promise<void> {
    await this.#connection.connect(transcribes);
    this.#readyAtMs = this.#clock.nowMs();
    this.#ready = true;
    this.#uplink.open(this.#connection);
  }

  /** From now on it carries this leg. */
  carry(epoch: TranslateEpoch): void {
    this.#epoch = epoch;
  }

  append(pcm: Int16Array, atMs: number): void {
    this.#sentMs += pcm.length / SAMPLES_PER_MS;
    this.#uplink.append(pcm, atMs);
  }

  /** Sends what has not made a whole message yet. */
  flush(): void {
    this.#uplink.flush();
  }

  /** What the speaker says is transcribed, or not, from now on. */
  setTranscription(transcribes: boolean): void {
    this.#connection.setTranscription(transcribes);
  }

  /** Takes no more audio, sends what it has, and takes what comes until the server has said everything. */
  finish(withinMs: number): void {
    this.#uplink.flush();
    this.#finishing = { deadlineMs: this.#clock.nowMs() + withinMs, asked: false };
    this.tick();
  }

  /** To be called a few times a second. */
  tick(): void {
    const finishing = this.#finishing;
    if (finishing === undefined) return;
    if (this.#clock.nowMs() >= finishing.deadlineMs) {
      this.#options.onFinished();
    } else if (!finishing.asked && this.#uplink.heldMs === 0) {
      finishing.asked = true;
      this.#connection.askToClose();
    }
  }

  /**
   * Why the connection is dead although nobody closed it; undefined while it is not, where its server sends audio without end. To be
   * asked a few times a second.
   */
  deathCause(): ParleyError | undefined {
    const { lastEventMs } = this.#connection;
    if (lastEventMs !== this.#lastEventMs) {
      this.#lastEventMs = lastEventMs;
      this.#sentMsAtLastEvent = this.#sentMs;
      this.#looksInSilence = 0;
    }
    const silentMs = this.#clock.nowMs() - Math.max(lastEventMs, this.#readyAtMs);
    const isOwed = this.#sentMs - this.#sentMsAtLastEvent >= UNANSWERED_MS;
    const isSilent = ++this.#looksInSilence >= SILENT_LOOKS && silentMs >= SILENT_MS;
    return isSilent && isOwed ? silentConnection(silentMs) : undefined;
  }

  /** Ends the connection at once. */
  close(): void {
    this.#finishing = undefined;
    this.#epoch = undefined;
    this.#ready = false;
    this.#uplink.close();
    this.#connection.close();
  }

  #onDrained(): void {
    if (this.#finishing !== undefined) {
      this.#options.onFinished();
    } else if (this.#ready) {
      this.#options.onLost(endedByServer());
    }
  }
}
