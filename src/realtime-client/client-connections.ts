import type { Clock } from '../clock.js';
import type { ParleyError } from '../errors.js';
import { EventEmitter } from '../events.js';
import { ConnectionFailover } from '../realtime/connection/connection-failover.js';
import type { WireObject } from '../realtime/providers/wire-form.js';
import type { SessionCounters, SessionEvents } from '../realtime/session.js';
import { newSessionCounters } from '../realtime/session-counters.js';
import type { OpenTransport } from '../realtime/transport.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../realtime/conversation/conversation-config.js';
import type { AudioChunk } from '../realtime/uplink/audio-chunk.js';
import { MessagePacing } from '../realtime/uplink/message-pacing.js';
import { Uplink } from '../realtime/uplink/uplink.js';
import { ClientConnection, type ClientEvent, type OnServerEvent } from './client-connection.js';
import { SentAudio } from './sent-audio.js';

/** A connection is left only when nothing has happened on it for so long. */
const QUIET_MS = 1_000;
/** Events that wait for a connection; more are refused. */
const MAX_WAITING = 256;

/** What the connections of a session need of it. */
type ClientConnectionsOptions = {
  /** Names the session among all of the process. */
  name: string;
  open: OpenTransport;
  clock: Clock;
  session: () => WireObject;
  onServerEvent: OnServerEvent;
  onSent: (event: ClientEvent) => void;
  /** Audio goes out, as samples of 24 kHz. */
  onAudioSent: (pcm: Int16Array) => void;
  /** Nothing is being said, asked for or answered: another connection could take over. */
  isQuiet: () => boolean;
  /** A connection is current that does not know what was said before. */
  seed: (connection: ClientConnection) => void;
  onLost: () => void;
  onRecovered: () => void;
  /** No connection is left, and none can be had. */
  onFailed: (error: ParleyError) => void;
  /** For a log. */
  onNotice: (message: string) => void;
};

/**
 * The connections of a session that a program drives, one after the other: what it sends while there is none waits for the next one,
 * which is configured anew and told what was said before.
 */
export class ClientConnections {
  readonly #options: ClientConnectionsOptions;
  readonly #events = new EventEmitter<SessionEvents>();
  readonly #counters = newSessionCounters();
  readonly #failover: ConnectionFailover<ClientConnection>;
  readonly #uplink: Uplink;
  readonly #sentAudio = new SentAudio();
  readonly #waiting: ClientEvent[] = [];
  #number = 0;
  #activeAtMs: number;

  constructor(options: ClientConnectionsOptions) {
    this.#options = options;
    const { clock } = options;
    this.#activeAtMs = clock.nowMs();
    this.#events.on('notice', ({ message }) => {
      options.onNotice(message);
    });
    const { uplinkChunkMs, vad } = DEFAULT_CONVERSATION_CONFIG;
    this.#uplink = new Uplink({
      messageMs: uplinkChunkMs,
      pacing: new MessagePacing(vad.silenceDurationMs),
      leadMs: 0,
      clock,
      counters: this.#counters,
      onDropped: () => undefined, // counted
    });
    this.#failover = this.#newFailover();
  }

  get counters(): Readonly<SessionCounters> {
    return this.#counters;
  }

  /** What was sent of people's audio on the current connection. */
  get sentAudio(): SentAudio {
    return this.#sentAudio;
  }

  /** A connection is open and configured. */
  get connected(): boolean {
    return this.current !== undefined;
  }

  /** The connection that what is sent goes to; undefined while there is none. */
  get current(): ClientConnection | undefined {
    const { current } = this.#failover;
    return current?.ready === true ? current : undefined;
  }

  /** Opens the first connection. Rejects with a ParleyError that says what to do. */
  async connect(): Promise<void> {
    await this.#failover.connect();
    const { current } = this;
    if (current !== undefined) this.#begin(current);
  }

  /** Sends an event, or keeps it for the next connection. Throws an Error where too many wait. */
  send(event: ClientEvent): void {
    const { current } = this;
    if (current !== undefined) current.send(event);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(event);
    else
      throw new Error(
        `${event.type} was not sent: the connection is gone, and ${MAX_WAITING} events wait already`,
      );
  }

  /** Brings the session of the current connection in line with what is wanted. */
  update(): void {
    this.current?.update();
  }

  /** People's audio; while there is no connection it waits, up to ten seconds. */
  appendAudio(chunk: AudioChunk): void {
    this.#uplink.append(chunk);
  }

  /** A program has sent samples of its own. */
  noteOwnAudio(pcm: Int16Array): void {
    this.#sentAudio.append(pcm);
  }

  /** Something happened that no connection is to be left in. */
  active(): void {
    this.#activeAtMs = this.#options.clock.nowMs();
  }

  /** Opens another connection, which takes over in the next quiet moment. */
  replace(): void {
    this.#failover.replace();
  }

  /** Ends all of them at once. */
  close(): void {
    this.#uplink.close();
    this.#failover.close();
    this.#waiting.length = 0;
  }

  #newFailover(): ConnectionFailover<ClientConnection> {
    const { clock, onFailed, onLost } = this.#options;
    return new ConnectionFailover<ClientConnection>({
      clock,
      events: this.#events,
      counters: this.#counters,
      patienceMs: 0,
      policy: {
        awaitsConnection: false,
        create: (handlers, replaces) => this.#create(handlers, replaces),
        moveInMs: (current) => this.#moveInMs(current),
        moved: (_from, to) => {
          this.#begin(to);
        },
        retired: () => {
          if (this.current !== undefined) this.#options.seed(this.current);
        },
        lost: () => {
          this.#uplink.pause();
          onLost();
        },
        reconnecting: (error) => {
          this.#options.onNotice(`the connection was lost, and is opened again: ${error.message}`);
        },
        recovered: (connection) => {
          this.#begin(connection);
          this.#options.onRecovered();
        },
        notReplaced: (error) => {
          this.#options.onNotice(`no other connection could be opened: ${error.message}`);
        },
        abandoned: onFailed,
        failed: onFailed,
        finished: () => undefined, // closed at once, never finished
      },
    });
  }

  #create(
    handlers: ConstructorParameters<typeof ClientConnection>[0]['handlers'],
    replaces: boolean,
  ): ClientConnection {
    const { name, open, clock, session, onServerEvent, onSent } = this.#options;
    return new ClientConnection({
      ...{ open, clock, session, onServerEvent, onSent, handlers, replaces },
      keyPrefix: `${name}.${++this.#number}`,
      events: this.#events,
      counters: this.#counters,
    });
  }

  /** Nothing is being said or answered, and has not been for a moment. */
  #moveInMs(current: ClientConnection): number {
    const { isQuiet, clock } = this.#options;
    if (!current.idle || !isQuiet()) return Infinity;
    return Math.max(0, this.#activeAtMs + QUIET_MS - clock.nowMs());
  }

  /** From now on everything goes to this connection: what was said before, what waits, and what is heard. */
  #begin(connection: ClientConnection): void {
    this.#sentAudio.reset();
    connection.update();
    this.#options.seed(connection);
    for (const event of this.#waiting.splice(0)) connection.send(event);
    this.#uplink.open({
      get bufferedAmountBytes() {
        return connection.uplink?.bufferedAmountBytes ?? 0;
      },
      sendAudio: (message) => {
        const { pcm } = message;
        this.#sentAudio.append(pcm);
        connection.sendAudio(message);
        this.#options.onAudioSent(pcm);
      },
    });
  }
}
