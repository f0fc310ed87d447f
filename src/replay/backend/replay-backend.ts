/** The other end of the line: a server in this process, a server somewhere, or a recorded one. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { Logger } from '../../log.js';
import { SessionHost, startRealtimeServer, type Responder } from '../../embedded/realtime-server/index.js';
import { connectWebSocket, type ConnectionOptions } from '../../realtime/connection/websocket-transport.js';
import {
  type Identity,
  type LinesFor,
  providerLines,
} from '../../realtime/providers/provider-connections.js';
import type { Provider } from '../../realtime/providers/providers.js';
import type { Cassette } from '../cassette/cassette-file.js';
import { CassettePlayer } from '../cassette/cassette-player.js';
import { Fence } from './fence.js';
import { MemoryLines } from './memory-connections.js';
import { STEP_MS } from '../pace.js';
import type { FarEndSettings } from '../settings.js';

/** What the first line of output calls the embedded server. */
export const EMBEDDED_HOST = 'embedded Realtime server (a stand-in: parley-embedded)';
const EMBEDDED_MODEL = 'parley-embedded';

/** What the first line of output calls the other end, a cassette's by the file. */
export function farEndName(settings: FarEndSettings): string {
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
export interface FarEnd {
  readonly linesFor: LinesFor;
  /** Lets it do what belongs to the current step. */
  settle(): Promise<void>;
  /** Why the run cannot go on, if so. */
  failure(): ParleyError | undefined;
  /** The recording is over: throws when the other end knows that something is missing. */
  finish(): void;
  close(): Promise<void>;
}

/** The embedded server, on `clock`. With `fenced`, a step ends when both ends are idle. */
export async function embeddedFarEnd(options: {
  clock: Clock;
  responder: Responder;
  fenced: boolean;
  log: Logger | undefined;
}): Promise<FarEnd> {
  const { clock, responder, fenced, log } = options;
  const server = await startRealtimeServer({ clock, responder, ...(log === undefined ? {} : { log }) });
  const fence = new Fence(server);
  return {
    linesFor: ({ sessions }) => {
      const path = sessions === 'conversation' ? '' : '/translations';
      const open = connectWebSocket({
        url: `${server.url}${path}?model=${EMBEDDED_MODEL}`,
        headers: { Authorization: 'Bearer embedded' },
        ...noticesTo(log),
      });
      return fenced ? fence.watch(open) : open;
    },
    settle: () => (fenced ? fence.settle() : Promise.resolve()),
    failure: () => undefined,
    finish: () => undefined,
    close: () => server.close(),
  };
}

/** The embedded server's sessions on `clock` without sockets, for any number of lines. A step ends when all are idle. */
export function memoryFarEnd(options: {
  clock: Clock;
  responder: Responder;
  log: Logger | undefined;
}): FarEnd {
  const { clock, responder, log } = options;
  const host = new SessionHost({ clock, responder, ...(log === undefined ? {} : { log }) });
  const lines = new MemoryLines(host, EMBEDDED_MODEL);
  const translations = lines.to((socket) => host.openTranslation(socket, EMBEDDED_MODEL));
  return {
    linesFor: ({ sessions }) => (sessions === 'conversation' ? lines.open : translations),
    settle: async () => {
      do await turn();
      while (lines.deliver()); // what a delivery causes may be sent by promises, which the turn lets run
    },
    failure: () => lines.failure,
    finish: () => undefined,
    close: () => {
      host.close();
      return Promise.resolve();
    },
  };
}

/** A provider's sessions. */
export function serverFarEnd(
  provider: Provider,
  identity: Identity | undefined,
  log: Logger | undefined,
): FarEnd {
  return {
    linesFor: providerLines(provider, { identity, ...noticesTo(log) }),
    settle: () => Promise.resolve(),
    failure: () => undefined,
    finish: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** A recorded session; `nowMs` is the recording's clock of this run. */
export function cassetteFarEnd(cassette: Cassette, nowMs: () => number): FarEnd {
  let broken: ParleyError | undefined;
  const player = new CassettePlayer(cassette, {
    nowMs,
    stepMs: STEP_MS,
    onHandlerError: (cause) => {
      broken ??= new ParleyError('internal', `a recorded message was not survived: ${messageOf(cause)}`, {
        cause,
      });
    },
  });
  return {
    linesFor: () => player.open,
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

/** What should not happen on a line and did is logged. */
function noticesTo(log: Logger | undefined): Pick<ConnectionOptions, 'onNotice'> {
  if (log === undefined) return {};
  return {
    onNotice: ({ message, ...fields }) => {
      log.warn(fields, message);
    },
  };
}
