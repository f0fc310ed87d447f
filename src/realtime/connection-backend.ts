import type { PriceTable } from '../cost/prices.js';
import { ENGINES } from './engines.js';
import { DEFAULT_CONVERSATION_CONFIG } from './conversation/conversation-config.js';
import { ConversationSession } from './conversation/conversation-session.js';
import { LiveSession } from './live/live-session.js';
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
  /** See {@link SpeechBackend.check}. */
  check?: NonNullable<SpeechBackend['check']>;
};

/** A backend whose sessions speak the Realtime protocol, over whatever connections it is given. */
export function connectionBackend(options: ConnectionBackendOptions): SpeechBackend {
  const { description, prices, offer, connectionsFor, release, check } = options;
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
      switch (request.engine) {
        case 'conversation':
          return new ConversationSession({
            ...common,
            config: request.config,
            instructions: request.instructions,
          });
        case 'translate':
          return new TranslateSession({ ...common, config: request.config });
        case 'live':
          return new LiveSession({ ...common, config: request.config, instructions: request.instructions });
      }
    },
    connections: (asked) => {
      const config = DEFAULT_CONVERSATION_CONFIG;
      const request: SpeechRequest = {
        ...{ ...asked, engine: 'conversation', config, instructions: '' },
        speakerId: undefined,
      };
      return tap(connectionsFor(request), request);
    },
    ...(check === undefined ? {} : { check }),
    ...(release === undefined ? {} : { release }),
  };
}

/** What a server offers that has all engines under one model, and transcribes with whatever a meeting names. */
export function offerAll(model: string): (asked: ModelNames) => SpeechOffer {
  return ({ transcriptionModel }) => ({
    engines: {
      conversation: { kind: 'available', model, abilities: ENGINES.conversation },
      translate: { kind: 'available', model, abilities: ENGINES.translate },
      live: { kind: 'available', model, abilities: ENGINES.live, onlyIfAsked: true },
    },
    transcriptionModel,
  });
}
