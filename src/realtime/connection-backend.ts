import { systemClock } from '../clock.js';
import type { PriceTable } from '../cost/prices.js';
import { ParleyError } from '../errors.js';
import { ENGINES } from './engines.js';
import { ConversationSession } from './conversation/conversation-session.js';
import type { ModelNames, SpeechBackend, SpeechOffer, SpeechRequest } from './speech-backend.js';
import { TranslateSession } from './translate/translate-session.js';
import type { OpenTransport } from './transport.js';

/** Wraps the connections of one session: for whoever wants to see, or to change, what travels on them. */
export type ConnectionTap = (open: OpenTransport, request: SpeechRequest) => OpenTransport;

/** What a backend over connections is made of. */
export type ConnectionBackendOptions = {
  /** For people: who interprets. */
  description: string;
  /** What its models cost; undefined where nothing is billed. */
  prices: PriceTable | undefined;
  offer: (asked: ModelNames) => SpeechOffer;
  /** How the connections of one session are opened. Throws a ParleyError for an engine that is missing. */
  connectionsFor: (request: SpeechRequest) => OpenTransport;
  tap?: ConnectionTap | undefined;
  release?: () => Promise<void>;
  /** The server is elsewhere: it is asked before a meeting is joined. */
  checks?: boolean;
};

/** A server that is not there at once is asked again after this. */
const CHECK_AGAIN_MS = 1_000;

/** A backend whose sessions speak the Realtime protocol, over whatever connections it is given. */
export function connectionBackend(options: ConnectionBackendOptions): SpeechBackend {
  const { description, prices, offer, connectionsFor, release, checks = false } = options;
  const tap: ConnectionTap = options.tap ?? ((open) => open);
  return {
    description,
    prices,
    offer,
    open: (request) => {
      const { name, clock, patienceMs, onListenerError } = request;
      const common = {
        open: tap(connectionsFor(request), request),
        name,
        clock,
        ...(patienceMs === undefined ? {} : { patienceMs }),
        ...(onListenerError === undefined ? {} : { onListenerError }),
      };
      return request.engine === 'conversation'
        ? new ConversationSession({ ...common, config: request.config, instructions: request.instructions })
        : new TranslateSession({ ...common, config: request.config });
    },
    ...(checks ? { check: (request) => checkConnection(connectionsFor(request)) } : {}),
    ...(release === undefined ? {} : { release }),
  };
}

/** Opens a connection and closes it at once; nothing is said, and nothing billed. */
async function checkConnection(open: OpenTransport): Promise<void> {
  const tryOnce = async (): Promise<void> => {
    const transport = await open({ message: () => undefined, closed: () => undefined });
    transport.close();
  };
  try {
    await tryOnce();
  } catch (error) {
    if (!(error instanceof ParleyError && error.code === 'service_unavailable')) throw error;
    // Servers elsewhere live in real time, whatever clock the meeting has.
    await new Promise<void>((resolve) => systemClock.setTimer(resolve, CHECK_AGAIN_MS));
    await tryOnce();
  }
}

/** What a server offers that has both engines under one model, and transcribes with whatever a meeting names. */
export function offerBoth(model: string): (asked: ModelNames) => SpeechOffer {
  return ({ transcriptionModel }) => ({
    engines: {
      conversation: { kind: 'available', model, abilities: ENGINES.conversation },
      translate: { kind: 'available', model, abilities: ENGINES.translate },
    },
    transcriptionModel,
  });
}
