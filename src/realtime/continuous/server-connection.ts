import type { Clock } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import { EventReader } from '../connection/event-reader.js';
import { Handshake } from '../connection/handshake.js';
import { closedWhileConnecting } from '../connection/session-failures.js';
import type { ConnectionLifetime } from '../connection/session-lifetime.js';
import type { ParsedEvent } from '../protocol/parse-event.js';
import type { OpenTransport, ParsedMessage, RealtimeTransport } from '../transport.js';
import type { AppendType, AudioMessage } from '../uplink/audio-chunk.js';
import { Uplink, type UplinkConnection } from '../uplink/uplink.js';
import type { ConnectionParts } from './continuous-connections.js';
import type { ContinuousParts } from './continuous-session.js';
import type { Epoch } from './epoch.js';
import { ServerSilence } from './server-silence.js';

/** What every connection to the server of a continuous engine is made of. */
export type ServerConnectionParts = ConnectionParts & ContinuousParts & { open: OpenTransport; clock: Clock };

/** How an engine's protocol differs. */
type ServerProtocol<Event> = {
  parse: (message: string | ParsedMessage) => ParsedEvent<Event>;
  appendType: AppendType;
  /** Length of one message with audio. */
  messageMs: number;
  /** See Handshake. */
  greets: boolean;
  longestMs?: number;
};

type Phase = 'opening' | 'ready' | 'closed';

/** One connection to the server of a continuous engine with its way up, from its handshake to its end. */
export abstract class ServerConnection<
  Event extends object,
  Command extends object,
> implements UplinkConnection {
  protected readonly uplink: Uplink;
  protected readonly silence: ServerSilence;
  readonly #parts: ServerConnectionParts;
  readonly #protocol: ServerProtocol<Event>;
  readonly #reader: EventReader<Event>;
  #handshake: Handshake;
  #phase: Phase = 'opening';
  #transport: RealtimeTransport | undefined;
  #failure: ParleyError | undefined;
  #epoch: Epoch | undefined;
  #eventNumber = 0;

  constructor(parts: ServerConnectionParts, protocol: ServerProtocol<Event>) {
    this.#parts = parts;
    this.#protocol = protocol;
    const { clock, events, counters, onDropped } = parts;
    const { parse, appendType, messageMs } = protocol;
    this.uplink = new Uplink({ messageMs, appendType, leadMs: 0, clock, counters, onDropped });
    this.silence = new ServerSilence(clock);
    this.#handshake = this.#newHandshake();
    this.#reader = new EventReader({ parse, events, counters });
  }

  get lifetime(): ConnectionLifetime | undefined {
    return this.#handshake.lifetime;
  }

  get failure(): ParleyError | undefined {
    return this.#failure;
  }

  get bufferedAmountBytes(): number {
    return this.#transport?.bufferedAmountBytes ?? 0;
  }

  /** Milliseconds of audio that wait for the connection. */
  get heldMs(): number {
    return this.uplink.heldMs;
  }

  /** When the server last said anything that could be understood, by the clock. */
  get lastEventMs(): number {
    return this.silence.lastEventMs;
  }

  /** Its server was seen to send audio without end. */
  get fillsSilence(): boolean {
    return this.silence.fillsSilence;
  }

  connect(): Promise<void> {
    return this.#handshake.begin();
  }

  /** From now on what comes belongs to this epoch. */
  carry(epoch: Epoch): void {
    this.#epoch = epoch;
  }

  /** Sends what has not made a whole message yet. */
  flush(): void {
    this.uplink.flush();
  }

  /** Sends a message that appends audio. */
  sendAudio(message: AudioMessage): void {
    if (this.isReady) this.#transport?.sendAudio(message);
  }

  close(): void {
    if (this.#phase !== 'closed') this.#stop(closedWhileConnecting());
  }

  protected get isOpening(): boolean {
    return this.#phase === 'opening';
  }

  protected get isReady(): boolean {
    return this.#phase === 'ready';
  }

  protected get epoch(): Epoch | undefined {
    return this.#epoch;
  }

  protected get handshake(): Handshake {
    return this.#handshake;
  }

  /** Sends the whole configuration. */
  protected abstract configure(): void;

  /** An event of the server, in the order in which they come. */
  protected abstract onEvent(event: Event): void;

  /** An event of this type came whose fields are wrong. */
  protected abstract onMalformed(type: string | undefined): void;

  /** The connection is over; `wasReady`: it had begun. */
  protected abstract stopped(wasReady: boolean): void;

  /** Once more from the beginning, after it could not be opened. */
  protected connectAgain(): Promise<void> {
    this.#phase = 'opening';
    this.#failure = undefined;
    this.#handshake = this.#newHandshake();
    return this.#handshake.begin();
  }

  /** The server has confirmed the session: audio goes up from now on. Returns false where that is no news. */
  protected begun(expiresAtS: number | null | undefined): boolean {
    if (!this.#handshake.updated(expiresAtS)) return false;
    this.#phase = 'ready';
    this.silence.event();
    this.uplink.open(this);
    return true;
  }

  /** Gives it up. */
  protected fail(error: ParleyError): void {
    if (this.#phase === 'closed') return;
    const wasReady = this.isReady;
    this.#failure = error;
    this.#stop(error);
    if (wasReady) this.#parts.handlers.lost(error);
  }

  /** Sends an event; returns its id. */
  protected send(event: Command): string {
    const eventId = `${this.#parts.keyPrefix}.${++this.#eventNumber}`;
    if (this.#phase !== 'closed') this.#transport?.send(JSON.stringify({ event_id: eventId, ...event }));
    return eventId;
  }

  #newHandshake(): Handshake {
    const { open, clock, replaces } = this.#parts;
    const { greets, longestMs } = this.#protocol;
    return new Handshake({
      ...{ open, clock, replaces, greets },
      ...(longestMs === undefined ? {} : { longestMs }),
      configure: () => {
        this.configure();
      },
      opened: (transport) => {
        this.#transport = transport;
      },
      message: (text, parsed) => {
        this.#onMessage(text, parsed);
      },
      lost: (error) => {
        this.fail(error);
      },
    });
  }

  #stop(error: ParleyError): void {
    const wasReady = this.isReady;
    this.#phase = 'closed';
    this.stopped(wasReady);
    this.#epoch = undefined;
    this.uplink.close();
    this.#handshake.stop(error);
    this.#transport?.close(1000);
  }

  #onMessage(text: string, parsed?: ParsedMessage): void {
    if (this.#phase === 'closed') return;
    const taken = this.#reader.take(text, parsed);
    if (taken === undefined) return;
    if (taken.kind === 'event') {
      this.silence.event();
      this.onEvent(taken.event);
    } else {
      this.onMalformed(taken.type);
    }
  }
}
