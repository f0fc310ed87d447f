/** A participant's connection, from its socket to its tracks. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'socket.io';
import type { WireLeaveReason } from './leave-reasons.js';
import type { Consumer } from '../sfu/consumer.js';
import type { Producer } from '../sfu/producer.js';
import type { MediaKind } from '../sfu/rtp-parameters.js';
import type { MediaTransport } from '../sfu/transport.js';
import type { TokenClaims } from '../tokens.js';

/** `SEND_AND_RECV`, `RECV_ONLY`, `SIGNALLING_ONLY`; older names exist. */
type PeerProfile = {
  displayName: string;
  device?: unknown;
  mode: string;
  metaData: Readonly<Record<string, unknown>>;
  autoConsume: boolean;
};

const NO_PROFILE: PeerProfile = {
  displayName: '',
  mode: 'SEND_AND_RECV',
  metaData: {},
  autoConsume: true,
};

/** @template Room the room that it is in, which knows it */
export class Peer<Room = unknown> {
  readonly id: string;
  readonly room: Room;
  readonly socket: Socket;
  readonly claims: TokenClaims;
  /** Opens pubSub for this connection, and for none after it. */
  readonly pubSubTicket = randomBytes(24).toString('base64url');
  readonly transports = new Map<string, MediaTransport>();
  /** Transports whose port is being opened. */
  openingTransports = 0;
  readonly producers = new Map<string, Producer>();
  readonly consumers = new Map<string, Consumer>();
  /** Whose tracks are wanted where `autoConsume` is off. */
  readonly wanted: Readonly<Record<MediaKind, Set<string>>> = { audio: new Set(), video: new Set() };
  /** `entered`: allowed in; `joined`: others see it. */
  stage: 'connected' | 'waiting' | 'entered' | 'joined' | 'gone' = 'connected';
  profile = NO_PROFILE;
  announcedReason: WireLeaveReason | undefined;
  readonly #goneListeners = new Set<() => void>();
  #nextMid = 0;

  constructor(id: string, room: Room, socket: Socket, claims: TokenClaims) {
    this.id = id;
    this.room = room;
    this.socket = socket;
    this.claims = claims;
  }

  get displayName(): string {
    return this.profile.displayName;
  }

  /** As others are told of it. */
  get info() {
    const { displayName, device, mode, metaData } = this.profile;
    return { id: this.id, displayName, device, mode, metaData };
  }

  /** Unique within this peer's receiving transport. */
  nextMid(): string {
    return String(this.#nextMid++);
  }

  transport(direction: 'send' | 'receive'): MediaTransport | undefined {
    return [...this.transports.values()].find((transport) => transport.direction === direction);
  }

  notify(method: string, data: Readonly<Record<string, unknown>> = {}): void {
    this.socket.emit('notification', { method, ...data });
  }

  /** Calls `listener` when this connection is over; returns the way back. */
  onGone(listener: () => void): () => void {
    this.#goneListeners.add(listener);
    return () => this.#goneListeners.delete(listener);
  }

  /** Frees everything that belongs to this connection alone. The room has forgotten it already. */
  dispose(): void {
    this.stage = 'gone';
    for (const consumer of this.consumers.values()) consumer.close();
    for (const transport of this.transports.values()) transport.close();
    this.consumers.clear();
    this.producers.clear();
    this.transports.clear();
    for (const listener of [...this.#goneListeners]) listener();
    this.#goneListeners.clear();
  }
}
