/** The other end of the connection: a server in this process, a server somewhere, or a recorded one. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../clock.js';
import type { PriceTable } from '../../cost/prices.js';
import { EMBEDDED_DESCRIPTION } from '../../embedded/backend.js';
import {
  EMBEDDED_MODEL,
  type Responder,
  SessionHost,
  startRealtimeServer,
} from '../../embedded/realtime-server/index.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { Logger } from '../../log.js';
import {
  connectionBackend,
  type ConnectionBackendOptions,
  type ConnectionTap,
  offerAll,
} from '../../realtime/connection-backend.js';
import { connectWebSocket } from '../../realtime/connection/websocket-transport.js';
import { noticesTo } from '../../realtime/providers/provider-backend.js';
import type { ModelNames, SpeechBackend, SpeechOffer } from '../../realtime/speech-backend.js';
import type { Cassette } from '../cassette/cassette-file.js';
import { CassettePlayer } from '../cassette/cassette-player.js';
import type { CassetteShelf } from '../cassette/cassette-shelf.js';
import { MemoryConnections } from './memory-connections.js';
import { STEP_MS } from '../pace.js';
import type { BackendSettings, ServerSettings } from '../settings.js';

/** What the first line of output calls the other end, a cassette's by the file. */
export function backendName(settings: BackendSettings): string {
  switch (settings.kind) {
    case 'embedded':
      return EMBEDDED_DESCRIPTION;
    case 'server':
      return settings.description;
    case 'cassette':
      return settings.path;
  }
}

/** How the embedded server is run. */
type EmbeddedRun = {
  clock: Clock;
  responder: Responder;
  log: Logger | undefined;
  /** Prices to try a budget with; absent: nothing is billed. */
  prices?: PriceTable | undefined;
};

/** The other end of one run. */
export interface ReplayBackend {
  /** Its sessions, over connections that `tap` wraps. */
  speech(tap?: ConnectionTap): SpeechBackend;
  /** Lets it do what belongs to the current step. */
  settle(): Promise<void>;
  /** Why the run cannot go on, if so. */
  failure(): ParleyError | undefined;
  /** The recording is over: throws when the other end knows that something is missing. */
  finish(): void;
  close(): Promise<void>;
}

/** The embedded server behind real sockets, in real time. */
export async function embeddedBackend(options: EmbeddedRun): Promise<ReplayBackend> {
  const { clock, responder, log, prices } = options;
  const server = await startRealtimeServer({ clock, responder, ...(log === undefined ? {} : { log }) });
  return {
    speech: embeddedSpeech(prices, ({ engine }) => {
      return connectWebSocket({
        url: server.urlOf(engine),
        headers: { Authorization: 'Bearer embedded' },
        ...noticesTo(log),
      });
    }),
    settle: () => Promise.resolve(),
    failure: () => undefined,
    finish: () => undefined,
    close: () => server.close(),
  };
}

/** The embedded server's sessions on `clock` without sockets, for any number of connections. A step ends when all are idle. */
export function memoryBackend(options: EmbeddedRun): ReplayBackend {
  const { clock, responder, log, prices } = options;
  const host = new SessionHost({ clock, responder, ...(log === undefined ? {} : { log }) });
  const connections = new MemoryConnections(host, EMBEDDED_MODEL);
  const openTo = {
    conversation: connections.open,
    translate: connections.to((socket) => host.openTranslate(socket, EMBEDDED_MODEL)),
    live: connections.to((socket) => host.openLive(socket)),
  };
  return {
    speech: embeddedSpeech(prices, ({ engine }) => openTo[engine]),
    settle: () => connections.settle(),
    failure: () => connections.failure,
    finish: () => undefined,
    close: () => {
      host.close();
      return Promise.resolve();
    },
  };
}

/** A server's sessions. */
export function serverBackend({ open }: ServerSettings): ReplayBackend {
  return {
    speech: open,
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
    speech: embeddedSpeech(undefined, () => player.open),
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

/** The sessions of a recorded meeting; `nowMs` is the meeting's clock of this run. */
export function shelfBackend(
  shelf: CassetteShelf,
  { nowMs, prices }: { nowMs: () => number; prices: PriceTable | undefined },
): ReplayBackend {
  return {
    speech: (tap) =>
      connectionBackend({
        description: `cassettes recorded from ${shelf.recordedFrom}`,
        prices,
        offer: (asked) => recordedOffer(shelf, asked),
        connectionsFor: ({ name: session, engine }) =>
          shelf.open({ session, engine }, { nowMs, stepMs: STEP_MS }),
        tap,
      }),
    settle: () => shelf.settle(),
    failure: () => shelf.failure,
    finish: () => {
      shelf.finish();
    },
    close: () => Promise.resolve(),
  };
}

/** What interpreted when the cassettes were recorded. */
function recordedOffer(shelf: CassetteShelf, asked: ModelNames): SpeechOffer {
  const { engines, transcriptionModel } = offerAll(EMBEDDED_MODEL)(asked);
  const offers = Object.entries(engines).map(([engine, offer]) => [
    engine,
    offer.kind === 'available' ? { ...offer, model: shelf.modelOf(engine, 'model') ?? offer.model } : offer,
  ]);
  return {
    engines: Object.fromEntries(offers) as SpeechOffer['engines'],
    transcriptionModel: shelf.modelOf('conversation', 'transcriptionModel') ?? transcriptionModel,
  };
}

function embeddedSpeech(
  prices: PriceTable | undefined,
  connectionsFor: ConnectionBackendOptions['connectionsFor'],
): ReplayBackend['speech'] {
  return (tap) =>
    connectionBackend({
      description: EMBEDDED_DESCRIPTION,
      prices,
      offer: offerAll(EMBEDDED_MODEL),
      connectionsFor,
      tap,
    });
}
