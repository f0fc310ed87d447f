/**
 * Signalling over socket.io 4, as js-sdk 1.1.1 speaks it: the client's only event is `request {method, data}` with an
 * acknowledgement; the server sends `connectionSuccess`, `notification`, `newConsumer` and `close`.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Socket, Server } from 'socket.io';
import { z } from 'zod';
import { messageOf } from '../../../errors.js';
import { isInheritedName } from '../../../inherited-names.js';
import { LEAVE_REASONS, type WireLeaveReason } from './leave-reasons.js';
import { LiveRoom, type RoomPeer } from '../live-room.js';
import { METHODS } from './methods.js';
import { Peer } from './peer.js';
import type { SignallingServices } from './services.js';
import { Refusal, REFUSALS } from './refusal.js';
import type { RoomRegistry } from '../room-registry.js';
import { requireRole, type TokenIssuer } from '../tokens.js';

const MAX_REQUEST_BYTES = 256 * 1024;
const MAX_PARTICIPANTS = 100;
/** From an open WebSocket to the first packet of socket.io. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Requests that one connection may have unanswered. */
const MAX_PENDING_REQUESTS = 64;

type SignallingOptions = Omit<SignallingServices, 'endPeer' | 'pubSubUrl'> & {
  registry: RoomRegistry;
  tokens: TokenIssuer;
  pingIntervalMs: number;
  pingTimeoutMs: number;
};

const querySchema = z.object({ roomId: z.string(), peerId: z.string(), secret: z.string() });
const requestSchema = z.object({ method: z.string().max(64), data: z.unknown().optional() });

/** Participants' ids stand in addresses unescaped, and clients keep tables by them in plain objects. */
function isParticipantId(text: string): boolean {
  return /^[\w.~:@-]{1,128}$/.test(text) && !isInheritedName(text);
}

const STAGE_ORDER = { connected: 0, waiting: 0, entered: 1, joined: 2, gone: -1 } as const;

export class Signalling {
  readonly rooms = new Map<string, LiveRoom>();
  readonly #options: SignallingOptions;
  readonly #services: SignallingServices;
  /** Never listens: upgrades are handed to it once they have been checked. */
  readonly #http = createServer();
  readonly #io: Server;
  readonly #peersByTicket = new Map<string, RoomPeer>();

  constructor(options: SignallingOptions) {
    this.#options = options;
    this.#services = {
      ...options,
      endPeer: (peer, reason) => this.endPeer(peer, reason),
      pubSubUrl: (peer) => {
        const host = peer.socket.handshake.headers.host ?? '';
        return `wss://${host}/pubsub?ticket=${peer.pubSubTicket}`;
      },
    };
    this.#io = new Server(this.#http, {
      transports: ['websocket'],
      serveClient: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      destroyUpgrade: false,
      maxHttpBufferSize: MAX_REQUEST_BYTES,
      pingInterval: options.pingIntervalMs,
      pingTimeout: options.pingTimeoutMs,
      perMessageDeflate: false,
    });
    this.#io.on('connection', (socket) => {
      this.#admit(socket).catch((error: unknown) => {
        refuse(socket, error instanceof Refusal ? error : REFUSALS.badRequest(messageOf(error)));
      });
    });
  }

  /** Takes an upgrade of `/socket.io`. */
  handleUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
    this.#http.emit('upgrade', request, connection, head);
  }

  peerOfTicket(ticket: string): RoomPeer | undefined {
    return this.#peersByTicket.get(ticket);
  }

  /** A participant of a room, by the room's own id. */
  peer(roomId: string, participantId: string): RoomPeer | undefined {
    return this.rooms.get(roomId)?.peers.get(participantId);
  }

  endPeer(peer: RoomPeer, reason: WireLeaveReason): void {
    peer.socket.emit('close', { reason });
    this.#remove(peer, reason);
    peer.socket.disconnect(true);
  }

  async close(): Promise<void> {
    for (const room of this.rooms.values()) {
      for (const peer of [...room.peers.values()]) this.#remove(peer, LEAVE_REASONS.socketDisconnected);
    }
    await this.#io.close().catch(() => undefined); // its HTTP server has never listened
  }

  async #admit(socket: Socket): Promise<void> {
    const { registry, tokens, clock, log } = this.#options;
    const query = querySchema.safeParse(socket.handshake.query);
    if (!query.success) throw REFUSALS.badRequest('roomId, peerId and secret are needed.');
    const { roomId, peerId, secret } = query.data;
    const claims = await tokens.check(secret);
    requireRole(claims, 'rtc');
    const record = registry.find(roomId);
    if (record === undefined) throw REFUSALS.invalidMeetingId();
    if (claims.roomId !== undefined && registry.find(claims.roomId) !== record) throw REFUSALS.otherMeeting();
    if (!isParticipantId(peerId)) throw REFUSALS.invalidParticipantId();
    if (claims.participantId !== undefined && claims.participantId !== peerId) {
      throw REFUSALS.otherParticipant();
    }
    if (!socket.connected) return;
    let room = this.rooms.get(record.roomId);
    const former = room?.peers.get(peerId);
    if (former !== undefined) this.endPeer(former, LEAVE_REASONS.duplicate);
    room = this.rooms.get(record.roomId); // it may have ended with the former one
    if (room === undefined) {
      room = new LiveRoom(record.roomId, clock);
      this.rooms.set(record.roomId, room);
    }
    if (room.peers.size >= MAX_PARTICIPANTS) throw REFUSALS.maxParticipants(MAX_PARTICIPANTS);
    const peer = new Peer(peerId, room, socket, claims);
    room.peers.set(peerId, peer);
    this.#peersByTicket.set(peer.pubSubTicket, peer);
    log.info({ roomId: record.roomId, participantId: peerId }, 'A participant connected.');
    socket.on('disconnect', () => {
      this.#remove(peer, peer.announcedReason ?? LEAVE_REASONS.socketDisconnected);
    });
    let pending = 0;
    socket.on('request', (request: unknown, acknowledge: unknown) => {
      const ack = typeof acknowledge === 'function' ? (acknowledge as (answer: object) => void) : undefined;
      if (pending >= MAX_PENDING_REQUESTS) {
        ack?.(errorAnswer(REFUSALS.notAllowed('Too many requests at once.')));
        return;
      }
      pending++;
      void this.#answer(peer, request, ack).finally(() => pending--);
    });
    socket.emit('connectionSuccess');
  }

  async #answer(
    peer: RoomPeer,
    request: unknown,
    ack: ((answer: object) => void) | undefined,
  ): Promise<void> {
    const { log } = this.#options;
    const parsed = requestSchema.safeParse(request);
    if (!parsed.success) {
      ack?.(errorAnswer(REFUSALS.badRequest('A request is {method, data}.')));
      return;
    }
    const { method: name, data } = parsed.data;
    const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (method === undefined) {
      log.info({ participantId: peer.id, method: name }, 'A method that is only acknowledged here.');
      ack?.({ data: {} });
      return;
    }
    try {
      if (STAGE_ORDER[peer.stage] < STAGE_ORDER[method.stage]) {
        throw REFUSALS.notAllowed(`${name} comes too early: the participant is ${peer.stage}.`);
      }
      const answer = await method.run(peer, data ?? {}, this.#services);
      ack?.({ data: answer.data ?? {} });
      if (STAGE_ORDER[peer.stage] >= 0) answer.after?.();
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 5000, messageOf(error));
      log.warn({ participantId: peer.id, method: name, code: refusal.code }, refusal.message);
      ack?.(errorAnswer(refusal));
    }
  }

  #remove(peer: RoomPeer, reason: WireLeaveReason): void {
    this.#peersByTicket.delete(peer.pubSubTicket);
    const { room } = peer;
    const { roomId } = room;
    if (room.peers.get(peer.id) !== peer) return;
    let rejectedDatagrams = 0;
    for (const transport of peer.transports.values()) rejectedDatagrams += transport.rejectedCount;
    room.remove(peer, reason);
    const { log } = this.#options;
    log.info({ roomId, participantId: peer.id, code: reason.code, rejectedDatagrams }, 'A participant left.');
    if (room.peers.size > 0) return;
    room.close();
    this.rooms.delete(roomId);
    log.info({ roomId, droppedMessages: room.pubSub.droppedCount }, 'A meeting ended.');
  }
}

/** The SDK knows an error by `status`, and gives it the name of its code. */
function errorAnswer(refusal: Refusal): object {
  return { data: { status: 'error', message: refusal.message, errorCode: refusal.code } };
}

/** Says why not in both ways that the SDK listens to, then ends the connection. */
function refuse(socket: Socket, refusal: Refusal): void {
  const { code, message } = refusal;
  socket.emit('notification', { method: 'error', code, message });
  socket.emit('close', { reason: { code, message } });
  socket.disconnect(true);
}
