/**
 * A Realtime server in this process, on loopback. It is a stand-in and says so: sessions report the model
 * `parley-embedded`, whatever model was asked for, and what it says comes from a {@link Responder}. Its protocol is real.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { loadResampler } from '../../../../audio/resampler.js';
import { ParleyError } from '../../../errors.js';
import { systemClock } from '../../../clock.js';
import { isLoopbackHost } from '../../http/http-guard.js';
import { answerHttp } from './http.js';
import { ClientSecrets } from './client-secrets.js';
import { EMBEDDED_MODEL } from '../config/session-config.js';
import type { FaultControl } from './faults.js';
import { SessionHost, type SessionHostOptions } from './session-host.js';
import { splitPackets } from '../responses/split-packets.js';
import {
  type Acceptance,
  decideUpgrade,
  LIVE_PATH,
  REALTIME_PATH,
  refusalResponse,
  SUBPROTOCOL,
  TRANSLATIONS,
} from './upgrade.js';

const MAX_MESSAGE_BYTES = 32 * 1024 * 1024; // an append of 15 MiB as base64, and room to refuse a larger one with an error

/** How a server behaves. */
export type RealtimeServerOptions = SessionHostOptions & {
  /** A loopback address; default 127.0.0.1. */
  host?: string;
  /** Default 0: any free one. */
  port?: number;
  /** When given, any other key is refused with 401; otherwise any key will do. */
  key?: string;
  /** It speaks TLS with this certificate, which clients must trust; without it, none. */
  tls?: { certificatePem: string; privateKeyPem: string };
  /** When given, Azure's path knows these deployments only, those that transcribe included; otherwise any name will do. */
  deployments?: readonly string[];
};

/** A running server. */
export interface RealtimeServer {
  /** `ws://127.0.0.1:PORT/v1/realtime`, or `wss://localhost:PORT/v1/realtime`, without the `model` that a client adds. */
  readonly url: string;
  /** Where live sessions are: `ws://127.0.0.1:PORT/v1/live/sessions`. */
  readonly liveUrl: string;
  /** The whole address of the sessions of one of these kinds. */
  urlOf(sessions: 'conversation' | 'translate' | 'live'): string;
  readonly port: number;
  /** Messages of clients that have been handled to their end, over all connections. */
  readonly receivedCount: number;
  /** Audio that clients appended, in milliseconds, over all connections. */
  readonly receivedAudioMs: number;
  /** Text messages handed to open sockets, over all connections. */
  readonly sentCount: number;
  /** A response, a transcript or a delayed message is on its way. */
  readonly busy: boolean;
  readonly faults: FaultControl;
  /** Drops every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts the server; resolves once it listens.
 * @throws ParleyError `usage` for a host that is not loopback, `service_unavailable` when the port is taken.
 */
export async function startRealtimeServer(options: RealtimeServerOptions): Promise<RealtimeServer> {
  const host = options.host ?? '127.0.0.1';
  if (!isLoopbackHost(host)) {
    throw new ParleyError('usage', 'The embedded Realtime server listens on loopback only: use 127.0.0.1.');
  }
  const sessions = new SessionHost(options);
  await loadResampler(); // live sessions may be at 16 kHz
  const { deployments } = options;
  const open = (socket: WebSocket, stream: Duplex, asked: Acceptance): void => {
    splitPackets(stream, sessions.faults);
    const { model, azure, translates, transcribes, live } = asked;
    const session = live
      ? sessions.openLive(socket, azure)
      : translates
        ? sessions.openTranslate(socket, model)
        : sessions.open(socket, model, {
            transcribes,
            deployments: azure ? deployments : undefined,
            initial: asked.session,
          });
    socket.on('message', (data: Buffer) => session.receive(data.toString('utf8')));
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => session.closed(code));
  };

  const secrets = new ClientSecrets(options.clock ?? systemClock);
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const about = { port: port(), url: url(), key: options.key, secrets };
    answerHttp(request, response, about).catch(() => response.destroy());
  };
  const { tls } = options;
  const http =
    tls === undefined
      ? createServer(onRequest)
      : createTlsServer({ cert: tls.certificatePem, key: tls.privateKeyPem }, onRequest);
  http.on('tlsClientError', (_error: Error, stream: Duplex) => stream.destroy());
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered, { url: target }) =>
      offered.has(SUBPROTOCOL) && target !== LIVE_PATH ? SUBPROTOCOL : false,
  });
  const port = (): number => (http.address() as AddressInfo | null)?.port ?? 0;
  const address = tls !== undefined ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const at = (path: string): string => `${tls === undefined ? 'ws' : 'wss'}://${address}:${port()}${path}`;
  const url = (): string => at(REALTIME_PATH);
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const decision = decideUpgrade(request, { port: port(), key: options.key, deployments, secrets });
    const refusal = decision.accepted ? sessions.refusal() : decision.refusal;
    if (!decision.accepted || refusal !== undefined) {
      stream.end(refusalResponse(refusal!));
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => open(socket, stream, decision));
  });

  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause) => {
      const message = `Cannot listen on ${host}:${options.port ?? 0}: choose another port.`;
      reject(new ParleyError('service_unavailable', message, { cause }));
    });
    http.listen(options.port ?? 0, host, resolve);
  });

  const boundPort = port();
  return {
    url: url(),
    liveUrl: at(LIVE_PATH),
    urlOf: (sessions) =>
      sessions === 'live'
        ? at(LIVE_PATH)
        : `${url()}${sessions === 'translate' ? TRANSLATIONS : ''}?model=${EMBEDDED_MODEL}`,
    port: boundPort,
    get receivedCount() {
      return sessions.receivedCount;
    },
    get receivedAudioMs() {
      return sessions.receivedAudioMs;
    },
    get sentCount() {
      return sessions.sentCount;
    },
    get busy() {
      return sessions.busy;
    },
    faults: sessions.faultControl,
    close: () =>
      new Promise((resolve) => {
        sessions.close();
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
