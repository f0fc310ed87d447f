/** The embedded Fastino in this process, on loopback. What it knows is gone with it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../clock.js';
import { ParleyError } from '../../errors.js';
import { isLoopbackHost } from '../http/http-guard.js';
import type { CallServices, FastinoCall } from './calls.js';
import { type FastinoFaultControl, type FastinoFaults, FastinoFaultState } from './faults.js';
import { answerHttp, type HttpServices } from './http.js';
import { type KeyHeader, RateLimit } from './key-check.js';
import { People } from './people.js';

const MAX_CONNECTIONS = 256;
/** As Fastino says of itself. */
const REQUESTS_PER_MINUTE = 60;
/** The shortest that a search is said to take. */
const SEARCH_MS = 5_000;

/** Where a server tells what it does; a pino logger is one. No line holds anything of a profile. */
export interface FastinoServerLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** How a server behaves; times are in milliseconds of its clock. */
export type FastinoServerOptions = {
  /** A loopback address; default 127.0.0.1. */
  host?: string;
  /** Default 0: any free one. */
  port?: number;
  /** Every delay runs on it, and ids and times come from it; default the machine's. */
  clock?: Clock;
  /** When given, any other key is refused with 401; otherwise any key will do. */
  key?: string;
  /** The headers that a key is taken from; default both forms. */
  keyHeaders?: readonly KeyHeader[];
  /** The shape that `/chunks` answers in; default that of the request. */
  chunksShape?: CallServices['chunksShape'];
  /** Per key; default 60. */
  requestsPerMinute?: number;
  /** How long `/query` takes for a question without a kept answer; default 5,000. */
  searchMs?: number;
  faults?: FastinoFaults;
  log?: FastinoServerLog;
};

/** A running server. */
export interface FastinoServer {
  /** `http://127.0.0.1:PORT`, for `FASTINO_BASE_URL`. */
  readonly baseUrl: string;
  readonly port: number;
  /** How often each call has been made, refused ones included. */
  readonly callCounts: Readonly<Record<FastinoCall, number>>;
  /** Requests that wait for the clock, or for ever: nothing else is going on for them. */
  readonly waitingCount: number;
  readonly faults: FastinoFaultControl;
  /** What is remembered of a user, oldest first; empty for one that is not registered. */
  memoriesOf(userId: string): readonly string[];
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

const SILENT_LOG: FastinoServerLog = { info: () => undefined };

/**
 * Starts the server; resolves once it listens.
 * @throws ParleyError `usage` for a host that is not loopback, `service_unavailable` when the port is taken.
 */
export async function startFastinoServer(options: FastinoServerOptions = {}): Promise<FastinoServer> {
  const host = options.host ?? '127.0.0.1';
  if (!isLoopbackHost(host))
    throw new ParleyError('usage', 'The embedded Fastino listens on loopback only: use 127.0.0.1.');
  const clock = options.clock ?? systemClock;
  const log = options.log ?? SILENT_LOG;
  const people = new People(clock);
  const faults = new FastinoFaultState(options.faults ?? {});
  const callCounts: Record<FastinoCall, number> = { register: 0, ingest: 0, summary: 0, chunks: 0, query: 0 };
  const services: HttpServices = {
    clock,
    people,
    faults,
    key: options.key,
    keyHeaders: options.keyHeaders ?? ['x-api-key', 'authorization'],
    chunksShape: options.chunksShape ?? 'as_asked',
    rateLimit: new RateLimit(options.requestsPerMinute ?? REQUESTS_PER_MINUTE),
    waiting: new Set(),
    searchMs: options.searchMs ?? SEARCH_MS,
    onCall: (call) => callCounts[call]++,
    onAnswered: (call, status) => {
      log.info({ call, status }, 'A call was answered.');
    },
  };
  const http = createServer((request, response) => {
    request.on('error', () => request.destroy());
    void answerHttp(request, response, port(), services);
  });
  http.maxConnections = MAX_CONNECTIONS;
  const port = (): number => (http.address() as AddressInfo | null)?.port ?? 0;
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause) => {
      const message = `Cannot listen on ${host}:${options.port ?? 0}: choose another port.`;
      reject(new ParleyError('service_unavailable', message, { cause }));
    });
    http.listen(options.port ?? 0, host, resolve);
  });
  const boundPort = port();
  return {
    baseUrl: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`,
    port: boundPort,
    callCounts,
    get waitingCount() {
      return services.waiting.size;
    },
    faults,
    memoriesOf: (userId) => (people.find(userId)?.memories ?? []).map(({ text }) => text),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
