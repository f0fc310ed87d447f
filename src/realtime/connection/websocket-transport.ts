/** One WebSocket to a Realtime server: opening it, its failures in plain words, keepalive, and its close. */
import type { IncomingMessage } from 'node:http';
import { WebSocket, type RawData } from 'ws';
import { systemClock, type Clock, type TimerHandle } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import { redactText } from '../../redaction.js';
import { type ProxyWay, loadWays } from '../../outgoing/agents.js';
import { connectFailure, proxyRefusal, refusalError } from './connect-errors.js';
import { redactMessage } from './redact-message.js';
import type { AudioMessage } from '../uplink/audio-chunk.js';
import type { OpenTransport, RealtimeTransport, TransportHandlers } from '../transport.js';

/** Largest message taken; a longer one closes the connection (1009). The API's own limit is 15 MiB of audio per event. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** After our close frame, how long the other side has to answer with its own. */
const CLOSE_TIMEOUT_MS = 2_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 15_000;
const DEFAULT_PING_INTERVAL_MS = 5_000;
/** A refusal's body is read up to here, for its message. */
const MAX_REFUSAL_BYTES = 4_096;
const SOCKET_OPTIONS = {
  perMessageDeflate: false,
  followRedirects: false,
  maxPayload: MAX_MESSAGE_BYTES,
  closeTimeout: CLOSE_TIMEOUT_MS, // an option that @types/ws does not know
};
const AS_TEXT = { binary: false };
/** Shorter values of headers are too common to be looked for. */
const MIN_SECRET_CHARS = 8;
/** RFC 6455: a close frame carries at most 123 bytes of reason. */
const MAX_REASON_BYTES = 123;

/** What should not happen on a connection and did; the connection stays open. `count`: how often it has on this connection, this included. */
export type ConnectionNotice = { kind: 'binary_message' | 'handler_failed'; count: number; message: string };

/** Headers by name. */
type RequestHeaders = Readonly<Record<string, string>>;

/** What a connection over a WebSocket is made of. */
export type ConnectionOptions = {
  /** `wss://` or `ws://`, query included. */
  url: string;
  /**
   * Sent with the upgrade request, such as `Authorization`; their values never appear in an error. A function is asked for
   * them at each connection, which fails with what it rejects with.
   */
  headers?: RequestHeaders | (() => Promise<RequestHeaders>);
  /** From the call to the open connection, name lookup and TLS included. Default 15 s. */
  connectTimeoutMs?: number;
  /** A ping goes out this often; a connection on which nothing came back for two of them is dead. Default 5 s. */
  pingIntervalMs?: number;
  onNotice?: (notice: ConnectionNotice) => void;
  /** Times connecting and pings only: real time, even where the session runs on a virtual clock. */
  clock?: Clock;
};

/**
 * A transport over a WebSocket. Redirects are not followed and nothing is compressed. Rejects with a ParleyError:
 * `key_refused` for HTTP 401 and 403 and for a key that no header can carry; `service_unavailable` for everything else
 * that kept the connection from opening.
 */
export function connectWebSocket(options: ConnectionOptions): OpenTransport {
  return async (handlers) => {
    const headers = typeof options.headers === 'function' ? await options.headers() : (options.headers ?? {});
    const way = URL.canParse(options.url) ? (await loadWays())(options.url) : undefined;
    return new Promise((resolve, reject) => {
      openSocket(options, { headers, way }, handlers, resolve, reject);
    });
  };
}

function openSocket(
  options: ConnectionOptions,
  { headers, way }: { headers: RequestHeaders; way: ProxyWay | undefined },
  handlers: TransportHandlers,
  resolve: (transport: RealtimeTransport) => void,
  reject: (error: ParleyError) => void,
): void {
  const { clock = systemClock } = options;
  const connectTimeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const host = hostOf(options.url);
  const secrets = secretsOf(headers);
  let socket: WebSocket;
  try {
    socket = new WebSocket(options.url, {
      ...SOCKET_OPTIONS,
      headers: { ...headers },
      ...(way === undefined ? {} : { agent: way.agent }),
    });
  } catch (error) {
    reject(constructionError(host, error));
    return;
  }

  let settled = false;
  const fail = (error: ParleyError) => {
    if (settled) return;
    settled = true;
    deadline.cancel();
    reject(error);
    socket.terminate();
  };
  const deadline = clock.setTimer(() => {
    fail(
      new ParleyError(
        'service_unavailable',
        `${host} did not answer within ${connectTimeoutMs} ms; try again later`,
        {
          retryable: true,
        },
      ),
    );
  }, connectTimeoutMs);

  socket.on('error', (error) => {
    fail(connectFailure(host, error, way?.proxy));
  });
  socket.on('unexpected-response', (_request, response) => {
    if (way?.refusedWith !== undefined) {
      fail(proxyRefusal(host, way.proxy, way.refusedWith));
      return;
    }
    readRefusal(response, (body) => {
      const { statusCode = 0, headers: answer } = response;
      const retryAfter = answer['retry-after'];
      const atEpochMs = clock.epochMs();
      fail(refusalError({ host, status: statusCode, body, retryAfter, atEpochMs, secrets }));
    });
  });
  socket.on('close', () => {
    fail(connectFailure(host, new Error('closed before it was open')));
  });
  socket.on('open', () => {
    if (settled) return;
    settled = true;
    deadline.cancel();
    socket.removeAllListeners();
    resolve(new SocketTransport(socket, handlers, options, secrets));
  });
}

/** Adapts an open socket. Messages wait in the paused socket until the caller of `open` has had its turn. */
class SocketTransport implements RealtimeTransport {
  readonly #socket: WebSocket;
  readonly #handlers: TransportHandlers;
  readonly #clock: Clock;
  readonly #pingIntervalMs: number;
  readonly #onNotice: (notice: ConnectionNotice) => void;
  readonly #secrets: readonly string[];
  readonly #noticeCounts = { binary_message: 0, handler_failed: 0 };
  #sentCount = 0;
  #receivedCount = 0;
  #unansweredPings = 0;
  #pingTimer: TimerHandle;
  #failure = '';

  constructor(
    socket: WebSocket,
    handlers: TransportHandlers,
    options: ConnectionOptions,
    secrets: readonly string[],
  ) {
    this.#socket = socket;
    this.#secrets = secrets;
    this.#handlers = handlers;
    this.#clock = options.clock ?? systemClock;
    this.#pingIntervalMs = options.pingIntervalMs ?? DEFAULT_PING_INTERVAL_MS;
    this.#onNotice = options.onNotice ?? (() => undefined);
    this.#pingTimer = this.#clock.setTimer(this.#ping, this.#pingIntervalMs);
    socket.pause();
    setImmediate(() => {
      socket.resume();
    });
    socket.on('message', this.#receive);
    socket.on('pong', () => {
      this.#unansweredPings = 0;
    });
    socket.on('ping', () => {
      this.#unansweredPings = 0;
    });
    socket.on('error', (error) => {
      this.#failure ||= error.message; // the close that follows names it
    });
    socket.once('close', (code, reason) => {
      this.#pingTimer.cancel();
      handlers.closed({ code, reason: redactText(reason.toString('utf8'), secrets) || this.#failure });
    });
  }

  get bufferedAmountBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get sentCount(): number {
    return this.#sentCount;
  }

  get receivedCount(): number {
    return this.#receivedCount;
  }

  send(text: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(text);
    this.#sentCount++;
  }

  sendAudio(message: AudioMessage): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(message.bytes, AS_TEXT); // bytes are masked and written in one piece, a string in two
    this.#sentCount++;
  }

  close(code = 1000, reason = ''): void {
    this.#socket.close(code, truncateUtf8(reason, MAX_REASON_BYTES));
  }

  readonly #receive = (data: RawData, isBinary: boolean): void => {
    this.#unansweredPings = 0;
    if (isBinary) {
      this.#notice('binary_message', 'the server sent a binary message; ignored');
      return;
    }
    try {
      // One Buffer, by the default binaryType.
      this.#handlers.message(redactMessage((data as Buffer).toString('utf8'), this.#secrets));
    } catch (error) {
      this.#notice('handler_failed', `a message handler failed: ${messageOf(error)}`);
    }
    this.#receivedCount++;
  };

  // Two, since a timer that fires late, after the process was held up, runs before the answer that is waiting.
  readonly #ping = (): void => {
    if (this.#unansweredPings >= 2) {
      this.#failure = `no sign of life for ${2 * this.#pingIntervalMs} ms`;
      this.#socket.terminate();
      return;
    }
    this.#unansweredPings++;
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
    this.#pingTimer = this.#clock.setTimer(this.#ping, this.#pingIntervalMs);
  };

  #notice(kind: ConnectionNotice['kind'], message: string): void {
    this.#onNotice({ kind, count: ++this.#noticeCounts[kind], message });
  }
}

/** Reads the beginning of a refusal's body; a body that never ends is cut by the connect deadline or its length. */
function readRefusal(response: IncomingMessage, done: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const finish = () => {
    response.removeAllListeners('data');
    done(Buffer.concat(chunks).subarray(0, MAX_REFUSAL_BYTES).toString('utf8'));
  };
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MAX_REFUSAL_BYTES) finish();
  });
  response.once('end', finish);
  response.once('error', finish);
}

/** What the constructor of WebSocket throws: a header that HTTP cannot carry, or a URL that is none. */
function constructionError(host: string, error: unknown): ParleyError {
  const code = (error as { code?: unknown }).code;
  return code === 'ERR_INVALID_CHAR'
    ? new ParleyError(
        'key_refused',
        'the key holds characters that no HTTP header can carry; check how it was pasted',
      )
    : new ParleyError('service_unavailable', `${host} is no WebSocket URL; check --url`, { cause: error });
}

/** Values of headers that stand nowhere else, whole and without the scheme before a key. */
function secretsOf(headers: RequestHeaders): string[] {
  const values = Object.values(headers).flatMap((value) => [value, value.replace(/^\w+ +/, '')]);
  return values.filter((value) => value.length >= MIN_SECRET_CHARS);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the given address';
}

/** The longest beginning of `text` that fits, never half a character. */
function truncateUtf8(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString('utf8');
}
