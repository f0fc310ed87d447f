/** The other end of the connection: a server in this process, a server somewhere, or a recorded one. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { Logger } from '../../log.js';
import { SessionHost, startRealtimeServer, type Responder } from '../../embedded/realtime-server/index.js';
import { connectWebSocket, type ConnectionOptions } from '../../realtime/connection/websocket-transport.js';
import {
  type Identity,
  type ConnectionsFor,
  providerConnections,
} from '../../realtime/providers/provider-connections.js';
import type { Provider } from '../../realtime/providers/providers.js';
import type { Cassette } from '../cassette/cassette-file.js';
import { CassettePlayer } from '../cassette/cassette-player.js';
import { MemoryConnections } from './memory-connections.js';
import { STEP_MS } from '../pace.js';
import type { BackendSettings } from '../settings.js';

/** What the first line of output calls the embedded server. */
export const EMBEDDED_HOST = 'embedded Realtime server (a stand-in: parley-embedded)';
const EMBEDDED_MODEL = 'parley-embedded';

/** What the first line of output calls the other end, a cassette's by the file. */
export function backendName(settings: BackendSettings): string {
  switch (settings.kind) {
    case 'embedded':
      return EMBEDDED_HOST;
    case 'server':
      return settings.provider.conversation.describe;
    case 'cassette':
      return settings.path;
  }
}

/** The other end of one run. */
export interface ReplayBackend {
  readonly connectionsFor: ConnectionsFor;
  /** Lets it do what belongs to the current step. */
  settle(): Promise<void>;
  /** Why the run cannot go on, if so. */
  failure(): ParleyError | undefined;
  /** The recording is over: throws when the other end knows that something is missing. */
  finish(): void;
  close(): Promise<void>;
}

/** The embedded server behind real sockets, in real time. */
export async function embeddedBackend(options: {
  clock: Clock;
  responder: Responder;
  log: Logger | undefined;
}): Promise<ReplayBackend> {
  const { clock, responder, log } = options;
  const server = await startRealtimeServer({ clock, responder, ...(log === undefined ? {} : { log }) });
  return {
    connectionsFor: ({ sessions }) => {
      const path = sessions === 'conversation' ? '' : '/translations';
      return connectWebSocket({
        url: `${server.url}${path}?model=${EMBEDDED_MODEL}`,
        headers: { Authorization: 'Bearer embedded' },
        ...noticesTo(log),
      });
    },
    settle: () => Promise.resolve(),
    failure: () => undefined,
    finish: () => undefined,
    close: () => server.close(),
  };
}

/** The embedded server's sessions on `clock` without sockets, for any number of connections. A step ends when all are idle. */
export function memoryBackend(options: {
  clock: Clock;
  responder: Responder;
  log: Logger | undefined;
}): ReplayBackend {
  const { clock, responder, log } = options;
  const host = new SessionHost({ clock, responder, ...(log === undefined ? {} : { log }) });
  const lines = new MemoryConnections(host, EMBEDDED_MODEL);
  const translations = lines.to((socket) => host.openTranslate(socket, EMBEDDED_MODEL));
  return {
    connectionsFor: ({ sessions }) => (sessions === 'conversation' ? lines.open : translations),
    settle: () => lines.settle(),
    failure: () => lines.failure,
    finish: () => undefined,
    close: () => {
      host.close();
      return Promise.resolve();
    },
  };
}

/** A provider's sessions. */
export function serverBackend(
  provider: Provider,
  identity: Identity | undefined,
  log: Logger | undefined,
): ReplayBackend {
  return {
    connectionsFor: providerConnections(provider, { identity, ...noticesTo(log) }),
    settle: () => Promise.resolve(),
    failure: () => undefined,
    finish: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** A recorded session; `nowMs` is the recording's clock of this run. */
export function cassetteBackend(cassette: Cassette, nowMs: () => number): ReplayBackend {
  let broken: ParleyError | undefined;
  const player = new CassettePlayer(cassette, {
    nowMs,
    stepMs: STEP_MS,
    onHandlerError: (cause) => {
      broken ??= new ParleyError('internal', `the handler of a recorded message threw: ${messageOf(cause)}`, {
        cause,
      });
    },
  });
  return {
    connectionsFor: () => player.open,
    settle: async () => {
      while (player.releaseDue()) await turn();
    },
    failure: () => broken ?? player.mismatch,
    finish: () => {
      player.finish();
    },
    close: () => Promise.resolve(),
  };
}

/** What should not happen on a connection and did is logged. */
function noticesTo(log: Logger | undefined): Pick<ConnectionOptions, 'onNotice'> {
  if (log === undefined) return {};
  return {
    onNotice: ({ message, ...fields }) => {
      log.warn(fields, message);
    },
  };
}
