import type { ParleyError } from '../../errors.js';
import { ConnectionFailover, type ConnectionFailoverOptions } from '../connection/connection-failover.js';
import type {
  ConnectionEvents,
  FailoverConnection,
  FailoverPolicy,
  Outage,
} from '../connection/failover-policy.js';
import { type AudioChunk, PRE_ROLL_MS } from '../uplink/audio-chunk.js';
import type { Epoch } from './epoch.js';
import type { Epochs, SpeakerState } from './epochs.js';

/** Sent again from before the speech: our own VAD notices it late. */
const LEAD_MS = 300;
/** A pause in which a connection is left because its settings are not those of now. */
const CHANGE_PAUSE_MS = 1_000;
/** After an attempt at that which failed. */
const CHANGE_AGAIN_MS = 30_000;

/** One connection of a continuous engine. */
export interface ContinuousConnection extends FailoverConnection {
  /** Milliseconds of audio that wait for it. */
  readonly heldMs: number;
  /** When the server last said anything that could be understood, by the clock. */
  readonly lastEventMs: number;
  /** Its server was seen to send audio without end. */
  readonly fillsSilence: boolean;
  /** It was opened with other settings than those of now, and cannot take them: another one is to take over. */
  readonly outdated: boolean;
  /** From now on what comes belongs to this epoch. */
  carry(epoch: Epoch): void;
  /** The speaker's audio, silence included; nothing is taken before the connection is ready. */
  appendAudio(chunk: AudioChunk): void;
  /** Sends what has not made a whole message yet. */
  flush(): void;
  /** The settings have changed: it is told what it can be told. */
  settingsChanged(): void;
  /** To be called a few times a second. `standby`: it waits for the moment to take over. */
  tick(standby: boolean): void;
  /** Gives the connection up where its server is dead. To be called a few times a second. `fillsSilence`: see above, of any. */
  checkAlive(fillsSilence: boolean): void;
}

/** What a connection is made of, beside what its engine knows. */
export type ConnectionParts = {
  /** Unique among all connections of the process. */
  keyPrefix: string;
  /** Another connection led to this server before. */
  replaces: boolean;
  handlers: ConnectionEvents;
};

/** What the time without a connection cost. */
export type ContinuousOutage = Outage & { readonly turnsLost: number; readonly speechLostMs: number };

/** What connections report to their session. */
type ContinuousConnectionsHandlers = {
  /** The connection is gone; another one is being opened. */
  reconnecting(error: ParleyError): void;
  /** There is a connection again: it is to be sent what is kept from `fromMs` on. */
  recovered(fromMs: number, outage: ContinuousOutage): void;
  /** The connection is gone, and trying again does not help. */
  failed(error: ParleyError): void;
  /** What a connection had left to say is lost with it. */
  abandoned(error: ParleyError): void;
  /** Another connection was to take changed settings, and could not be opened: the current one goes on with the old ones. */
  notChanged(error: ParleyError): void;
  /** After {@link ContinuousConnections.finish}: nothing more comes. */
  finished(): void;
};

/** What connections are made of. */
type ContinuousConnectionsOptions<Connection extends ContinuousConnection> = Omit<
  ConnectionFailoverOptions<Connection>,
  'policy'
> & {
  /** Unique among all sessions of the process. */
  keyPrefix: string;
  make: (parts: ConnectionParts) => Connection;
  speaker: SpeakerState;
  epochs: Epochs;
  handlers: ContinuousConnectionsHandlers;
};

/**
 * The connections of one continuous session: what is said goes to the current one, and what the one before has left to say
 * is heard first, each in an epoch of its own. A new connection is sent again what no translation was heard of.
 */
export class ContinuousConnections<Connection extends ContinuousConnection> {
  readonly #options: ContinuousConnectionsOptions<Connection>;
  readonly #failover: ConnectionFailover<Connection>;
  readonly #epochs: Epochs;
  /** What was lost with the connection that was lost last, and since then. */
  #lost = { turns: 0, speechMs: 0 };
  #fillsSilence = false;
  /** Another connection that takes the settings of now is not tried before. */
  #changeNotBeforeMs = -Infinity;
  /** There is none that could answer to what was said. */
  #gone = true;
  #connectionNumber = 0;

  constructor(options: ContinuousConnectionsOptions<Connection>) {
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

  /** The settings have changed: connections take them, or are replaced. */
  settingsChanged(): void {
    this.#changeNotBeforeMs = -Infinity;
    this.#failover.current?.settingsChanged();
    this.#failover.standby?.settingsChanged();
  }

  /** To be called a few times a second. */
  tick(): void {
    const { previous, current, standby, reconnecting, finishing } = this.#failover;
    previous?.tick(false);
    current?.tick(false);
    standby?.tick(true);
    this.#epochs.tick(reconnecting);
    if (reconnecting) {
      this.#addLost(this.#epochs.last.turns.dropStale(this.#options.speaker.keptFromMs));
    } else if (current !== undefined && !finishing) {
      this.#fillsSilence ||= current.fillsSilence;
      current.checkAlive(this.#fillsSilence);
      if (current.outdated && this.#options.clock.nowMs() >= this.#changeNotBeforeMs)
        this.#failover.replace();
      this.#failover.considerMove(); // pauses grow by themselves
    }
  }

  /** Takes no more audio; {@link ContinuousConnectionsHandlers.finished} follows, unless it is closed before. */
  finish(): void {
    this.#failover.finish();
  }

  /** Ends all connections at once, and what is open of their epochs. */
  close(): void {
    this.#failover.close();
    this.#epochs.finish(this.#gone);
  }

  #policy(): FailoverPolicy<Connection> {
    const { speaker, epochs, handlers } = this.#options;
    return {
      get awaitsConnection() {
        return !epochs.last.turns.idle;
      },
      create: (events, replaces) => this.#create(events, replaces),
      moveInMs: (current, { pauseMs }) => {
        const enoughMs = current.outdated ? Math.min(pauseMs, CHANGE_PAUSE_MS) : pauseMs;
        return speaker.pauseMs >= enoughMs ? 0 : Infinity;
      },
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
      notReplaced: (error) => {
        this.#onNotReplaced(error);
      },
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

  #create(handlers: ConnectionEvents, replaces: boolean): Connection {
    const keyPrefix = `${this.#options.keyPrefix}.${++this.#connectionNumber}`;
    const connection = this.#options.make({ keyPrefix, replaces, handlers });
    if (!replaces) connection.carry(this.#epochs.last);
    return connection;
  }

  /** Of a session that expires the failover tells. */
  #onNotReplaced(error: ParleyError): void {
    if (this.#failover.current?.outdated !== true) return;
    this.#changeNotBeforeMs = this.#options.clock.nowMs() + CHANGE_AGAIN_MS;
    this.#options.handlers.notChanged(error);
  }

  #onLost(connection: Connection): void {
    const { clock, speaker } = this.#options;
    this.#gone = true;
    const silentMs = Math.max(0, clock.nowMs() - connection.lastEventMs);
    this.#lost = { turns: this.#epochs.last.connectionLost(speaker.endMs - silentMs), speechMs: 0 };
  }

  #onRecovered(connection: Connection, outage: Outage): void {
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
