import { BoundedMap } from '../bounded-map.js';
import type { Clock } from '../clock.js';
import type { ParleyError } from '../errors.js';
import type { EventEmitter } from '../events.js';
import { EventReader } from '../realtime/connection/event-reader.js';
import type { ConnectionEvents, FailoverConnection } from '../realtime/connection/failover-policy.js';
import { Handshake } from '../realtime/connection/handshake.js';
import { judgeServerError } from '../realtime/connection/server-errors.js';
import { closedWhileConnecting } from '../realtime/connection/session-failures.js';
import type { ConnectionLifetime } from '../realtime/connection/session-lifetime.js';
import { parseServerEvent, type RealtimeServerEvent } from '../realtime/protocol/server-events.js';
import { parseWireObject, type WireObject } from '../realtime/providers/wire-form.js';
import type { SessionCounters, SessionEvents } from '../realtime/session.js';
import type { OpenTransport, ParsedMessage, RealtimeTransport } from '../realtime/transport.js';
import type { AudioMessage } from '../realtime/uplink/audio-chunk.js';
import { sessionChanges } from './session-config.js';

/** Items and responses of a connection that are remembered. */
const MAX_REMEMBERED = 4_096;

/** A client event before it has an id. */
export type ClientEvent = WireObject & { readonly type: string };

/** Takes what a server sends: as it came, and checked, where it is an event that is known. */
export type OnServerEvent = (
  connection: ClientConnection,
  raw: WireObject & { type: string },
  event: RealtimeServerEvent | undefined,
) => void;

/** What a connection is made of. */
export type ClientConnectionOptions = {
  open: OpenTransport;
  clock: Clock;
  /** Unique among all connections of the process. */
  keyPrefix: string;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
  /** Another connection led to this server before. */
  replaces: boolean;
  handlers: ConnectionEvents;
  /** The session that is wanted now. */
  session: () => WireObject;
  onServerEvent: OnServerEvent;
  /** Told of every event that is sent, audio excepted. */
  onSent: (event: ClientEvent) => void;
};

/** One connection of a session that a program drives: its configuration, what travels on it, and what its server knows. */
export class ClientConnection implements FailoverConnection {
  readonly #options: ClientConnectionOptions;
  readonly #reader: EventReader<RealtimeServerEvent>;
  readonly #handshake: Handshake;
  /** Items that the server has; those that it has spoken are true. */
  readonly #items = new BoundedMap<boolean>(MAX_REMEMBERED);
  readonly #responses = new Set<string>();
  #phase: 'opening' | 'ready' | 'closed' = 'opening';
  #transport: RealtimeTransport | undefined;
  #failure: ParleyError | undefined;
  #session: WireObject = {};
  /** Updates that were sent, and what the session was before: a refused one is taken back. */
  readonly #updates = new BoundedMap<WireObject>(16);
  #eventNumber = 0;
  #finishing = false;

  constructor(options: ClientConnectionOptions) {
    this.#options = options;
    const { clock, events, counters, replaces } = options;
    this.#reader = new EventReader({ parse: parseServerEvent, events, counters });
    this.#handshake = new Handshake({
      open: options.open,
      clock,
      replaces,
      greets: true,
      configure: () => {
        this.#configure();
      },
      opened: (transport) => {
        this.#transport = transport;
      },
      message: (text, parsed) => {
        this.#onMessage(text, parsed);
      },
      lost: (error) => {
        this.#fail(error);
      },
    });
  }

  /** It is configured, and open. */
  get ready(): boolean {
    return this.#phase === 'ready';
  }

  /** No response is being made. */
  get idle(): boolean {
    return this.#responses.size === 0;
  }

  get lifetime(): ConnectionLifetime | undefined {
    return this.#handshake.lifetime;
  }

  get failure(): ParleyError | undefined {
    return this.#failure;
  }

  /** What audio is sent by, once it is ready. */
  get uplink(): Pick<RealtimeTransport, 'bufferedAmountBytes' | 'sendAudio'> | undefined {
    return this.ready ? this.#transport : undefined;
  }

  /** Its server has this item. */
  knows(itemId: string): boolean {
    return this.#items.has(itemId);
  }

  /** Its server has spoken this item. */
  hasSpoken(itemId: string): boolean {
    return this.#items.get(itemId) === true;
  }

  /** Its server is told of this item, or need not be. */
  noteItem(itemId: string): void {
    if (!this.#items.has(itemId)) this.#items.set(itemId, false);
  }

  connect(): Promise<void> {
    return this.#handshake.begin();
  }

  /** Brings the session in line with what is wanted; nothing is sent where it is so already. */
  update(): void {
    if (!this.ready) return;
    const wanted = this.#options.session();
    const changes = sessionChanges(this.#session, wanted);
    if (changes === undefined) return;
    const before = this.#session;
    this.#session = wanted;
    this.#updates.set(this.send({ type: 'session.update', session: changes }), before);
  }

  /** The server refused an event. Returns whether that was an update of the session, which is as it was before. */
  refusedUpdate(eventId: string | null | undefined): boolean {
    const before = eventId == null ? undefined : this.#updates.get(eventId);
    if (before === undefined) return false;
    this.#session = before;
    return true;
  }

  /** Sends an event with an id of its own, unless it brings one. Returns the id. */
  send(event: ClientEvent): string {
    const { event_id: given } = event;
    const eventId = typeof given === 'string' ? given : `${this.#options.keyPrefix}.${++this.#eventNumber}`;
    const sent = { ...event, event_id: eventId };
    this.#options.onSent(sent);
    if (this.#phase !== 'closed') this.#transport?.send(JSON.stringify(sent));
    return eventId;
  }

  /** Sends audio. */
  sendAudio(message: AudioMessage): void {
    if (this.ready) this.#transport?.sendAudio(message);
  }

  finish(): void {
    this.#finishing = true;
    this.#considerFinished();
  }

  close(): void {
    if (this.#phase !== 'closed') this.#stop(closedWhileConnecting());
  }

  #configure(): void {
    const session = this.#options.session();
    this.#session = session;
    this.send({ type: 'session.update', session });
  }

  #fail(error: ParleyError): void {
    if (this.#phase === 'closed') return;
    const wasReady = this.ready;
    this.#failure = error;
    this.#stop(error);
    if (wasReady) this.#options.handlers.lost(error);
  }

  #stop(error: ParleyError): void {
    this.#phase = 'closed';
    this.#handshake.stop(error);
    this.#transport?.close(1000);
  }

  #onMessage(text: string, parsed?: ParsedMessage): void {
    if (this.#phase === 'closed') return;
    const raw = parsed ?? parseWireObject(text);
    const taken = this.#reader.take(text, raw);
    const type = raw?.['type'];
    if (raw === undefined || typeof type !== 'string') return;
    const event = taken?.kind === 'event' ? taken.event : undefined;
    // A server that words its session in a way of its own has still created or updated it.
    if (taken !== undefined) this.#follow(type, event);
    this.#options.onServerEvent(this, { ...raw, type }, event);
    if (event?.type === 'error') this.#onError(event.error);
    this.#considerFinished();
    if (this.#isOpen) this.#options.handlers.changed();
  }

  get #isOpen(): boolean {
    return this.#phase !== 'closed';
  }

  #follow(type: string, event: RealtimeServerEvent | undefined): void {
    if (type === 'session.created') this.#handshake.created(expiryOf(event));
    else if (type === 'session.updated' && this.#handshake.updated(expiryOf(event))) this.#phase = 'ready';
    switch (event?.type) {
      case 'conversation.item.added':
      case 'conversation.item.created':
      case 'conversation.item.done':
        this.noteItem(event.item.id);
        break;
      case 'response.created':
        this.#responses.add(event.response.id);
        break;
      case 'response.output_audio.delta':
        this.#items.set(event.item_id, true);
        break;
      case 'response.done':
        this.#responses.delete(event.response.id);
        break;
      default: // of no consequence for what the server has
    }
  }

  #onError(error: Parameters<typeof judgeServerError>[0]): void {
    const verdict = judgeServerError(error);
    if (verdict.kind === 'fatal') this.#fail(verdict.error);
    else if (this.#phase === 'opening') this.#fail(this.#handshake.refusal(error));
  }

  #considerFinished(): void {
    if (!this.#finishing || !this.idle || !this.#isOpen) return;
    this.#finishing = false;
    this.#options.handlers.finished();
  }
}

/** When the session of an event expires, in seconds since 1970, where it says so. */
function expiryOf(event: RealtimeServerEvent | undefined): number | undefined {
  if (event?.type !== 'session.created' && event?.type !== 'session.updated') return undefined;
  return event.session.expires_at;
}
