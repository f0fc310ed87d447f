import { type Clock, systemClock } from '../clock.js';
import type { PriceTable } from '../cost/prices.js';
import type { Logger } from '../log.js';
import { connectionBackend, offerAll } from '../realtime/connection-backend.js';
import { connectWebSocket } from '../realtime/connection/websocket-transport.js';
import { noticesTo } from '../realtime/providers/provider-backend.js';
import type { SpeechBackend } from '../realtime/speech-backend.js';
import {
  EMBEDDED_MODEL,
  type RealtimeServer,
  type RealtimeServerOptions,
  startRealtimeServer,
} from './realtime-server/index.js';
import { createResponder, type ResponderName } from './responder.js';

/** For people: who interprets. */
export const EMBEDDED_DESCRIPTION =
  'embedded Realtime server, a stand-in that knows the phrases of a phrasebook';

/** How the embedded server interprets. */
export type EmbeddedOptions = Omit<RealtimeServerOptions, 'clock' | 'responder' | 'log'> & {
  /** What it says: `phrasebook`, the default, translates the phrases that come with the package; `echo` repeats. */
  responder?: ResponderName;
  clock?: Clock;
  log?: Logger;
  /** Prices to try a budget with; absent: nothing is billed. */
  prices?: PriceTable;
  /** The server goes on when an interpreter that uses it has ended, until `close` is called. */
  keepOpen?: boolean;
};

/** The embedded server as a backend. */
export interface EmbeddedBackend extends SpeechBackend {
  /** The server itself, for its address and its faults. */
  readonly server: RealtimeServer;
  /** Stops the server and drops its connections. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * A Realtime server in this process, on loopback, that speaks the real protocol and is a stand-in: it knows the phrases of a
 * phrasebook, and no others. For tests, demonstrations and a first try without keys. It ends with the interpreter that uses
 * it. Rejects with ParleyError `service_unavailable` where its port is taken.
 */
export async function embedded(options: EmbeddedOptions = {}): Promise<EmbeddedBackend> {
  const { responder = 'phrasebook', clock = systemClock, log, prices, keepOpen = false, ...about } = options;
  const server = await startRealtimeServer({
    ...about,
    clock,
    responder: await createResponder(responder),
    ...(log === undefined ? {} : { log }),
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= server.close());
  const backend = connectionBackend({
    description: EMBEDDED_DESCRIPTION,
    prices,
    offer: offerAll(EMBEDDED_MODEL),
    connectionsFor: ({ engine, log: sessionLog }) =>
      connectWebSocket({
        url: server.urlOf(engine),
        headers: { Authorization: `Bearer ${about.key ?? 'embedded'}` },
        ...noticesTo(sessionLog ?? log),
      }),
    ...(keepOpen ? {} : { release: close }),
  });
  return { ...backend, server, close };
}
