/** The HTTP server under the app. */
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { ParleyError } from '../errors.js';

/** A connection on which nothing goes in either direction is closed: event streams are pinged every 15 s. */
const IDLE_MS = 60_000;
/**
 * A connection that waits for its next request is closed after the other end would have closed it: proxies keep theirs for 60 s,
 * and a request that is sent into a connection while it is closed is lost.
 */
const KEEP_ALIVE_MS = 75_000;
const REQUEST_MS = 30_000;
const MAX_CONNECTIONS = 5_000;

/** A server that listens. */
export type Listening = {
  readonly port: number;
  /** Takes no further connections, and drops those that are open. */
  close(): Promise<void>;
};

/** Listens. Throws ParleyError `service_unavailable` where the port is taken. */
export async function listen(
  fetch: (request: Request, env: object) => Response | Promise<Response>,
  { host, port }: { host: string; port: number },
): Promise<Listening> {
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server;
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = REQUEST_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = IDLE_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message = `Cannot listen on ${host}:${port} (${cause.code ?? cause.message}): choose another --port`;
      reject(new ParleyError('service_unavailable', message, { cause }));
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
