/** Gives other machines of the service what happens in the meetings that run here. */
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf, ParleyError } from '../../errors.js';
import type { Logger } from '../../log.js';
import type { LiveFeeds } from '../events/live-feeds.js';
import { type PeerAddress, peerAddressText, peerServerTls } from './peer-connection.js';

const MAX_CONNECTIONS = 2_000;
const REQUEST_MS = 10_000;
/** Whoever connects proves to have the key within this. */
const HANDSHAKE_MS = 10_000;

/** A machine that others reach. */
export type PeerServer = {
  /** As it stands in the table of workers. */
  readonly address: string;
  close(): Promise<void>;
};

/** Listens for the others. Throws ParleyError `service_unavailable` where the address cannot be used. */
export async function listenToPeers(options: {
  address: PeerAddress;
  serviceSecret: string;
  feeds: LiveFeeds;
  /** Whether a bot's meeting runs here. */
  runs: (botId: string) => boolean;
  log: Logger;
}): Promise<PeerServer> {
  const { address, serviceSecret, feeds, runs, log } = options;
  const server = createServer(
    { ...peerServerTls(serviceSecret), handshakeTimeout: HANDSHAKE_MS },
    ({ method, url = '' }, response) => {
      const botId = /^\/feeds\/(bot_[\w-]{1,64})$/.exec(url)?.[1];
      if (method !== 'GET' || botId === undefined || !runs(botId)) response.writeHead(404).end();
      else void stream(response, feeds.feedOf(botId).openCopy());
    },
  );
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = REQUEST_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.on('tlsClientError', (err) =>
    log.debug({ err }, 'somebody who has not the key of this service connected'),
  );
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `Cannot listen on ${peerAddressText(address)} for other machines (${messageOf(cause)}): choose another --peer-address`;
      reject(new ParleyError('service_unavailable', message, { cause }));
    });
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: peerAddressText({ host: address.host, port }),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function stream(response: ServerResponse, body: ReadableStream<Uint8Array>): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  // Who goes away ends the feed's reader; nothing else can go wrong.
  await pipeline(Readable.fromWeb(body as never), response).catch(() => undefined);
}
