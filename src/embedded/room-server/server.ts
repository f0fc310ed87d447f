/**
 * A room in this process that speaks the protocol of VideoSDK, so that its unmodified SDKs work against it: for demos,
 * tests and development without an account. Media passes through unchanged; nothing is recorded.
 */
import { createServer, type Server } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { type Clock, systemClock } from '../../clock.js';
import { ParleyError } from '../../errors.js';
import { foreignRequest, isLoopbackHost, parseOrigin } from '../http/http-guard.js';
import { roomAddresses } from './http/addresses.js';
import { answerCors } from './http/cors.js';
import { defaultCacheFolder, loadSecret } from '../../installation.js';
import { loadCertificate } from './http/certificate.js';
import { type RoomFaultControls, type RoomFaults, RoomFaultState } from './faults.js';
import { Freezer } from './freezer.js';
import { answerHttp, type HttpServices } from './http/http.js';
import { LEAVE_REASONS } from './signalling/leave-reasons.js';
import { loadPage } from './http/meeting-page.js';
import { servePubSub } from './pubsub/pubsub-socket.js';
import { MAX_MESSAGE_BYTES } from './pubsub/pubsub.js';
import { Refusal } from './signalling/refusal.js';
import { sendRefusal } from './signalling/replies.js';
import { RoomRegistry } from './room-registry.js';
import type { ServerLog } from './signalling/services.js';
import { Signalling } from './signalling/signalling.js';
import { EMBEDDED_API_KEY, TokenIssuer } from './tokens.js';

export type RoomServerOptions = {
  /** What to listen on; default 127.0.0.1. Anything else opens the rooms to other machines. */
  host?: string;
  /** Default 0: any free one. */
  port?: number;
  /** Where certificate and secret are kept; default `$XDG_CACHE_HOME/parley`. */
  cacheDir?: string;
  /** Origins of apps that may use the rooms beside the server's own page, such as `http://localhost:5173`. */
  allowedOrigins?: readonly string[];
  /** Timers, token times and message times; default the machine's. */
  clock?: Clock;
  faults?: RoomFaults;
  /** How often signalling connections are probed; default 25 s, as socket.io has it. */
  pingIntervalMs?: number;
  /** How long a probe may stay unanswered; default 20 s. */
  pingTimeoutMs?: number;
  log?: ServerLog;
};

/** Who is in a room now. */
export type RoomSummary = {
  roomId: string;
  customRoomId?: string;
  participants: readonly { id: string; name: string }[];
};

/** How much of everything is open: for tests that nothing is left behind. */
export type RoomServerUsage = {
  participants: number;
  transports: number;
  producers: number;
  consumers: number;
  pubSubConnections: number;
};

export interface RoomServer {
  /** `https://localhost:PORT`. */
  readonly origin: string;
  /** `localhost:PORT`, for the SDK's option of that name. */
  readonly signalingBaseUrl: string;
  /** Base of the REST API; the same as `origin`. */
  readonly apiUrl: string;
  /** The certificate to trust, PEM. */
  readonly ca: string;
  readonly apiKey: string;
  /** Signs access tokens. */
  readonly secret: string;
  /** Makes a room, or finds the one of this custom id; returns its id. */
  createRoom(customRoomId?: string): string;
  readonly rooms: readonly RoomSummary[];
  readonly usage: RoomServerUsage;
  readonly faults: RoomFaultControls;
  /** Ends every meeting, which everyone in it is told (leave reason 1006), and stops listening. */
  close(): Promise<void>;
}

const SILENT_LOG: ServerLog = { info: () => undefined, warn: () => undefined };
const PROTOBUF_MARGIN_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 1_000;
/** From connecting to the end of the TLS handshake, and again to a whole request: connections that only wait give way. */
const BEGIN_TIMEOUT_MS = 10_000;
/** Whoever has not taken the news that the meeting is closed by then finds the connection gone. */
const GOODBYE_TIMEOUT_MS = 500;

/**
 * Starts the server; resolves once it listens.
 * @throws ParleyError `service_unavailable` when the port is taken, `config` when the cache folder cannot be written, `usage`
 * for an origin that is none.
 */
export async function startRoomServer(options: RoomServerOptions = {}): Promise<RoomServer> {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? SILENT_LOG;
  const host = options.host ?? '127.0.0.1';
  const addresses = roomAddresses(host);
  const allowedOrigins = new Set((options.allowedOrigins ?? []).map(checkedOrigin));
  const cacheDir = options.cacheDir ?? defaultCacheFolder();
  const identity = await loadCertificate(cacheDir, addresses.certificateNames, clock.epochMs());
  const secret = await loadSecret(cacheDir);
  const faults = new RoomFaultState(options.faults ?? {});
  const freezer = new Freezer(clock);
  const registry = new RoomRegistry();
  const tokens = new TokenIssuer(secret, () => clock.epochMs());
  const signalling = new Signalling({
    clock,
    log,
    faults,
    registry,
    tokens,
    addresses: addresses.media,
    isFrozen: () => freezer.frozen,
    pingIntervalMs: options.pingIntervalMs ?? 25_000,
    pingTimeoutMs: options.pingTimeoutMs ?? 20_000,
  });
  const pubSub = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES + PROTOBUF_MARGIN_BYTES,
    perMessageDeflate: false,
  });
  const http = createServer({
    cert: identity.certificatePem,
    key: identity.privateKeyPem,
    handshakeTimeout: BEGIN_TIMEOUT_MS,
    headersTimeout: BEGIN_TIMEOUT_MS,
    requestTimeout: BEGIN_TIMEOUT_MS,
    connectionsCheckingInterval: 1_000,
  });
  const services: HttpServices = {
    clock,
    faults,
    registry,
    tokens,
    signalling,
    page: await loadPage(),
  };
  http.maxConnections = MAX_CONNECTIONS;
  const connections = trackConnections(http);
  const foreign = (request: IncomingMessage): string | undefined =>
    foreignRequest(request.headers, portOf(http), addresses.hostNames, allowedOrigins);

  http.on('request', (request, response) => {
    void freezer.whenThawed().then(() => {
      const problem = foreign(request);
      if (problem !== undefined) sendRefusal(response, new Refusal(403, 403, problem));
      else if (!answerCors(request, response, allowedOrigins)) void answerHttp(request, response, services);
    });
  });
  const participants = new Set<Duplex>();
  const upgrade = (request: IncomingMessage, connection: Duplex, head: Buffer): void => {
    if (connection.destroyed) return;
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const peer =
      path === '/pubsub'
        ? signalling.peerOfTicket(new URLSearchParams(query).get('ticket') ?? '')
        : undefined;
    if (foreign(request) !== undefined) {
      connection.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    } else if (path === '/socket.io/') {
      freezer.watch(connection);
      participants.add(connection);
      connection.once('close', () => participants.delete(connection));
      signalling.handleUpgrade(request, connection, head);
    } else if (peer !== undefined) {
      freezer.watch(connection);
      pubSub.handleUpgrade(request, connection, head, (socket) => servePubSub(socket, peer, clock));
    } else {
      connection.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    }
  };
  http.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    connection.on('error', () => connection.destroy());
    freezer
      .whenThawed()
      .then(() => upgrade(request, connection, head))
      .catch(() => connection.destroy());
  });

  await listen(http, host, options.port ?? 0);
  if (!isLoopbackHost(host)) {
    log.warn(
      { host },
      'The rooms are open to other machines: everyone who reaches this address can join and listen.',
    );
  }
  const port = portOf(http);
  const signalingBaseUrl = `${addresses.publicName}:${port}`;
  const stop = async (): Promise<void> => {
    freezer.thaw();
    if (!http.listening) return;
    const closed = new Promise<void>((resolve) => http.close(() => resolve()));
    for (const connection of connections) connection.destroy();
    await closed;
    for (const room of [...signalling.rooms.values()]) {
      for (const peer of [...room.peers.values()]) signalling.endPeer(peer, LEAVE_REASONS.socketDisconnected);
    }
  };
  const withPeer = (roomId: string, participantId: string) => {
    const record = registry.find(roomId);
    return record === undefined ? undefined : signalling.peer(record.roomId, participantId);
  };

  return {
    origin: `https://${signalingBaseUrl}`,
    signalingBaseUrl,
    apiUrl: `https://${signalingBaseUrl}`,
    ca: identity.certificatePem,
    apiKey: EMBEDDED_API_KEY,
    secret,
    createRoom: (customRoomId) => registry.create(clock.epochMs(), customRoomId).roomId,
    get rooms() {
      return registry.all().map((record) => ({
        roomId: record.roomId,
        ...(record.customRoomId === undefined ? {} : { customRoomId: record.customRoomId }),
        participants: (signalling.rooms.get(record.roomId)?.joined() ?? []).map(({ id, displayName }) => ({
          id,
          name: displayName,
        })),
      }));
    },
    get usage() {
      const peers = [...signalling.rooms.values()].flatMap((room) => [...room.peers.values()]);
      const sum = (count: (peer: (typeof peers)[number]) => number): number =>
        peers.reduce((total, peer) => total + count(peer), 0);
      return {
        participants: peers.length,
        transports: sum((peer) => peer.transports.size),
        producers: sum((peer) => peer.producers.size),
        consumers: sum((peer) => peer.consumers.size),
        pubSubConnections: pubSub.clients.size,
      };
    },
    faults: {
      set: (next) => faults.set(next),
      get counts() {
        return faults.counts;
      },
      removeParticipant: (roomId, participantId) => {
        const peer = withPeer(roomId, participantId);
        if (peer !== undefined) signalling.endPeer(peer, LEAVE_REASONS.removed);
        return peer !== undefined;
      },
      closeMeeting: (roomId) => {
        const room = signalling.rooms.get(registry.find(roomId)?.roomId ?? '');
        for (const peer of [...(room?.peers.values() ?? [])]) {
          signalling.endPeer(peer, LEAVE_REASONS.roomClosed);
        }
      },
      sendError: (roomId, participantId, error) => {
        const peer = withPeer(roomId, participantId);
        peer?.notify('error', error);
        return peer !== undefined;
      },
      dropSocketSilently: (roomId, participantId) => {
        const peer = withPeer(roomId, participantId);
        peer?.socket.disconnect(true);
        return peer !== undefined;
      },
      cutSockets: (roomId, participantId) => {
        const peer = withPeer(roomId, participantId);
        peer?.socket.request.socket.destroy();
        return peer !== undefined;
      },
      freeze: (durationMs) => freezer.freeze(durationMs),
      stop,
      start: () => listen(http, host, port),
    },
    close: async () => {
      for (const room of [...signalling.rooms.values()]) {
        for (const peer of [...room.peers.values()]) signalling.endPeer(peer, LEAVE_REASONS.roomClosed);
      }
      await allClosed(participants, GOODBYE_TIMEOUT_MS);
      await stop();
      await signalling.close();
      pubSub.close();
    },
  };
}

function checkedOrigin(text: string): string {
  const origin = parseOrigin(text);
  if (origin !== undefined) return origin;
  throw new ParleyError(
    'usage',
    'an allowed origin is a scheme, a host and a port, such as http://localhost:5173: no path, and no *',
  );
}

/** Resolves when these have closed, or after `timeoutMs`. */
async function allClosed(connections: ReadonlySet<Duplex>, timeoutMs: number): Promise<void> {
  const closed = [...connections].map((each) => new Promise((resolve) => each.once('close', resolve)));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([Promise.all(closed), late]);
  clearTimeout(timer);
}

function portOf(http: Server): number {
  return (http.address() as AddressInfo | null)?.port ?? 0;
}

async function listen(http: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: Error): void => {
      const message = `Cannot listen on ${host}:${port} (${'code' in cause ? String(cause.code) : cause.message}): choose another port.`;
      reject(new ParleyError('service_unavailable', message, { cause }));
    };
    http.once('error', fail);
    http.listen(port, host, () => {
      http.off('error', fail);
      resolve();
    });
  });
}

/** Every TCP connection, those included whose TLS handshake is not over. */
function trackConnections(http: Server): ReadonlySet<Duplex> {
  const connections = new Set<Duplex>();
  const track = (connection: Duplex): void => {
    connections.add(connection);
    connection.on('error', () => connection.destroy());
    connection.once('close', () => connections.delete(connection));
  };
  http.on('connection', track);
  http.on('secureConnection', track);
  http.on('tlsClientError', (_error, connection) => connection.destroy());
  http.on('clientError', (_error, connection) => connection.destroy());
  return connections;
}
