/**
 * A Realtime server in this process, on loopback. It is a stand-in and says so: sessions report the model
 * `parley-embedded`, whatever model was asked for, and what it says comes from a {@link Responder}. Its protocol is real.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { loadResampler } from '../../../../audio/resampler.js';
import { ParleyError } from '../../../errors.js';
import { foreignRequest, isLoopbackHost } from '../../http/http-guard.js';
import type { FaultControl } from './faults.js';
import { SessionHost, type SessionHostOptions } from './session-host.js';
import { splitPackets } from '../responses/split-packets.js';
import {
  type Acceptance,
  decideUpgrade,
  REALTIME_PATH,
  type Refusal,
  refusalBody,
  refusalResponse,
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
  /** When given, Azure's path knows these deployments only, those that transcribe included; otherwise any name will do. */
  deployments?: readonly string[];
};

/** A running server. */
export interface RealtimeServer {
  /** `ws://127.0.0.1:PORT/v1/realtime`, without the `model` that a client adds. */
  readonly url: string;
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
  if (options.form?.inputRateHz !== undefined) await loadResampler();
  const { deployments } = options;
  const open = (socket: WebSocket, stream: Duplex, { model, azure, translates }: Acceptance): void => {
    splitPackets(stream, sessions.faults);
    const session = translates
      ? sessions.openTranslate(socket, model)
      : sessions.open(socket, model, azure ? deployments : undefined);
    socket.on('message', (data: Buffer) => session.receive(data.toString('utf8')));
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => session.closed(code));
  };

  const http = createServer((request, response) => answer(request, response, port()));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const port = (): number => (http.address() as AddressInfo | null)?.port ?? 0;
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const decision = decideUpgrade(request, { port: port(), key: options.key, deployments });
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

  const address = host.includes(':') ? `[${host}]` : host;
  const boundPort = port();
  return {
    url: `ws://${address}:${boundPort}${REALTIME_PATH}`,
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

/** Plain HTTP: a line that says what this is, at the root; the same refusals as before an upgrade anywhere else. */
function answer(request: IncomingMessage, response: ServerResponse, port: number): void {
  const foreign = foreignRequest(request.headers, port);
  if (
    foreign === undefined &&
    (request.method === 'GET' || request.method === 'HEAD') &&
    request.url === '/'
  ) {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(
      `Parley's embedded Realtime server: a stand-in for tests and demos that speaks the protocol of the OpenAI Realtime API.\nConnect a WebSocket to ws://127.0.0.1:${port}${REALTIME_PATH}?model=parley-embedded with any key.\n`,
    );
    return;
  }
  const decision = decideUpgrade(request, { port, key: undefined });
  const refusal: Refusal = decision.accepted
    ? {
        status: 426,
        type: 'invalid_request_error',
        code: 'upgrade_required',
        message: 'Connect with a WebSocket.',
      }
    : decision.refusal;
  response.writeHead(refusal.status, { 'content-type': 'application/json', connection: 'close' });
  response.end(refusalBody(refusal));
}
