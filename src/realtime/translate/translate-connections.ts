import type { ParleyError } from '../../errors.js';
import { ConnectionFailover, type ConnectionFailoverOptions } from '../connection/connection-failover.js';
import type { FailoverPolicy, Outage } from '../connection/failover-policy.js';
import { type AudioChunk, PRE_ROLL_MS } from '../uplink/audio-chunk.js';
import { TranslateConnection, type TranslateConnectionOptions } from './translate-connection.js';
import type { SpeakerState, TranslateEpochs } from './translate-epochs.js';

/** Sent again from before the speech: our own VAD notices it late. */
const LEAD_MS = 300;

/** What the time without a connection cost. */
export type TranslateOutage = Outage & { readonly turnsLost: number; readonly speechLostMs: number };

/** What connections report to their session. */
type TranslateConnectionsHandlers = {
  /** The connection is gone; another one is being opened. */
  reconnecting(error: ParleyError): void;
  /** There is a connection again: it is to be sent what is kept from `fromMs` on. */
  recovered(fromMs: number, outage: TranslateOutage): void;
  /** The connection is gone, and trying again does not help. */
  failed(error: ParleyError): void;
  /** What a connection had left to say is lost with it. */
  abandoned(error: ParleyError): void;
  /** After {@link TranslateConnections.finish}: nothing more comes. */
  finished(): void;
};

/** What connections are made of. */
type TranslateConnectionsOptions = Omit<TranslateConnectionOptions, 'replaces' | 'handlers'> &
  Pick<ConnectionFailoverOptions<TranslateConnection>, 'patienceMs'> & {
    speaker: SpeakerState;
    epochs: TranslateEpochs;
    handlers: TranslateConnectionsHandlers;
  };

/**
 * The connections of one translation session: what is said goes to the current one, and what the one before has left to say
 * is heard first, each in an epoch of its own. A new connection is sent again what no translation was heard of.
 */
export class TranslateConnections {
  readonly #options: TranslateConnectionsOptions;
  readonly #failover: ConnectionFailover<TranslateConnection>;
  readonly #epochs: TranslateEpochs;
  /** What was lost with the connection that was lost last, and since then. */
  #lost = { turns: 0, speechMs: 0 };
  #fillsSilence = false;
  /** There is none that could answer to what was said. */
  #gone = true;
  #connectionNumber = 0;

  constructor(options: TranslateConnectionsOptions) {
    this.#options = options;
    this.#epochs = options.epochs;
    this.#failover = new ConnectionFailover({ ...options, policy: this.#policy() });
  }

  /** See ConnectionFailover.connect. */
  async connect(): Promise<void> {
    await this.#failover.connect();
    if (this.#failover.current !== undefined) this.#gone = false;
  }

  /** Milliseconds of audio that wait for the connection. */
  get heldMs(): number {
    return this.#failover.current?.heldMs ?? 0;
  }

  /** The speaker's audio; nothing is kept here where there is no connection. */
  append(chunk: AudioChunk): void {
    this.#failover.current?.appendAudio(chunk);
  }

  /** Sends what has not made a whole message yet. */
  flush(): void {
    this.#failover.current?.flush();
  }

  /** Whether the speaker is transcribed has changed. */
  updateTranscription(): void {
    this.#failover.current?.updateTranscription();
    this.#failover.standby?.updateTranscription();
  }

  /** To be called a few times a second. */
  tick(): void {
    const { previous, current, reconnecting, finishing } = this.#failover;
    previous?.tick();
    current?.tick();
    this.#epochs.tick(reconnecting);
    if (reconnecting) {
      this.#addLost(this.#epochs.last.turns.dropStale(this.#options.speaker.keptFromMs));
    } else if (current !== undefined && !finishing) {
      this.#fillsSilence ||= current.fillsSilence;
      if (this.#fillsSilence) current.checkAlive();
      this.#failover.considerMove(); // pauses grow by themselves
    }
  }

  /** Takes no more audio; {@link TranslateConnectionsHandlers.finished} follows, unless it is closed before. */
  finish(): void {
    this.#failover.finish();
  }

  /** Ends all connections at once, and what is open of their epochs. */
  close(): void {
    this.#failover.close();
    this.#epochs.finish(this.#gone);
  }

  #policy(): FailoverPolicy<TranslateConnection> {
    const { speaker, epochs, handlers } = this.#options;
    return {
      get awaitsConnection() {
        return !epochs.last.turns.idle;
      },
      create: (events, replaces) => this.#create(events, replaces),
      moveInMs: (_current, { pauseMs }) => (speaker.pauseMs >= pauseMs ? 0 : Infinity),
      moved: (_from, to) => {
        epochs.begin(speaker); // what was said until now stays with the old connection
        to.carry(epochs.last);
      },
      retired: (error) => {
        if (error !== undefined) handlers.abandoned(error);
        epochs.endFirst(error === undefined ? 'done' : 'lost');
      },
      lost: (connection) => {
        this.#onLost(connection);
      },
      reconnecting: (error) => {
        handlers.reconnecting(error);
      },
      recovered: (connection, outage) => {
        this.#onRecovered(connection, outage);
      },
      notReplaced: () => undefined, // only expiring sessions are replaced here, which the failover reports
      abandoned: (error) => {
        handlers.abandoned(error);
      },
      failed: (error) => {
        handlers.failed(error);
      },
      finished: () => {
        handlers.finished();
      },
    };
  }

  #create(handlers: TranslateConnectionOptions['handlers'], replaces: boolean): TranslateConnection {
    const keyPrefix = `${this.#options.keyPrefix}.${++this.#connectionNumber}`;
    const connection = new TranslateConnection({ ...this.#options, keyPrefix, replaces, handlers });
    if (!replaces) connection.carry(this.#epochs.last);
    return connection;
  }

  #onLost(connection: TranslateConnection): void {
    const { clock, speaker } = this.#options;
    this.#gone = true;
    const silentMs = Math.max(0, clock.nowMs() - connection.lastEventMs);
    this.#lost = { turns: this.#epochs.last.connectionLost(speaker.endMs - silentMs), speechMs: 0 };
  }

  #onRecovered(connection: TranslateConnection, outage: Outage): void {
    const { speaker, handlers } = this.#options;
    const { turns } = this.#epochs.last;
    this.#gone = false;
    connection.carry(this.#epochs.last);
    this.#addLost(turns.resume(speaker.keptFromMs));
    const fromMs = (turns.waitsFromMs ?? speaker.endMs - PRE_ROLL_MS) - LEAD_MS;
    const { turns: turnsLost, speechMs: speechLostMs } = this.#lost;
    handlers.recovered(fromMs, { ...outage, turnsLost, speechLostMs });
  }

  #addLost({ turns, speechMs }: { turns: number; speechMs: number }): void {
    this.#lost.turns += turns;
    this.#lost.speechMs += speechMs;
  }
}
