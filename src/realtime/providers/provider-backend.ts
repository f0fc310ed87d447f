import type { PriceTable } from '../../cost/prices.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { Logger } from '../../log.js';
import { checkConnection } from '../connection/check-connection.js';
import type { ConnectionOptions } from '../connection/websocket-transport.js';
import { connectionBackend, type ConnectionTap } from '../connection-backend.js';
import { ENGINES } from '../engines.js';
import { DEFAULT_LIVE_SETTINGS } from '../live/live-config.js';
import { checkLiveStart } from '../live/live-start.js';
import type { EngineOffer, SpeechBackend, SpeechRequest } from '../speech-backend.js';
import type { OpenTransport } from '../transport.js';
import { tokensFor } from './open-endpoint.js';
import { endUserOf, type Identity, providerConnections } from './provider-connections.js';
import type { Provider } from './providers.js';
import { safetyIdentifier } from './safety-identifier.js';

/** What the backend of a provider is made of. */
type ProviderBackendOptions = {
  /** For people; by default the provider's host and which key goes there. */
  description?: string;
  /** The provider when a meeting names this model. Throws a ParleyError for an address or a key that cannot serve. */
  providerFor: (model: string) => Provider;
  /** A provider that serves whatever model is asked for: decides the description. */
  model: string;
  prices: PriceTable | undefined;
  /** What transcribes, by the model that the settings name. */
  transcriptionModel?: (asked: string) => string | undefined;
  /** OpenAI is told on whose behalf a session is, by a hash made with this; absent: it is not told. */
  safetySecret?: string | undefined;
  tap?: ConnectionTap | undefined;
};

/** The sessions of a provider. Throws what `providerFor` throws for `model`. */
export function providerBackend(options: ProviderBackendOptions): SpeechBackend {
  const { providerFor, prices, safetySecret, transcriptionModel = (asked: string) => asked } = options;
  let last = providerWithTokens(providerFor, options.model);
  const providerOf = (model: string): ProviderWithTokens => {
    if (last.model !== model) last = providerWithTokens(providerFor, model);
    return last;
  };
  const identityOf = ({
    model,
    meetingId,
  }: Pick<SpeechRequest, 'model' | 'meetingId'>): Identity | undefined =>
    safetySecret === undefined || providerOf(model).provider.name !== 'openai'
      ? undefined
      : { secret: safetySecret, otherwise: `meeting ${meetingId}` };
  const connectionsFor = (asked: Asked): OpenTransport => {
    const { engine, model, speakerId, log } = asked;
    const { provider, token } = providerOf(model);
    return providerConnections(provider, { identity: identityOf(asked), token, ...noticesTo(log) })({
      sessions: engine === 'translate' ? 'translation' : engine,
      speakerId,
    });
  };
  const backend = connectionBackend({
    description: options.description ?? last.provider.conversation.describe,
    prices,
    tap: options.tap,
    offer: (asked) => {
      const { provider } = providerOf(asked.model);
      return {
        engines: {
          conversation: {
            kind: 'available',
            model: modelIn(provider.conversation.url),
            abilities: ENGINES.conversation,
          },
          translate: translateOf(provider),
          live: liveOf(provider, asked.liveModel ?? DEFAULT_LIVE_SETTINGS.model),
        },
        transcriptionModel: transcriptionModel(asked.transcriptionModel),
      };
    },
    connectionsFor,
    // What is tapped is a replay, which nobody waits in: its first session shows whether the server is there.
    ...(options.tap === undefined
      ? {
          check: (asked) =>
            checkConnection(
              connectionsFor({ ...asked, speakerId: undefined }),
              asked.engine === 'live'
                ? liveStart(providerOf(asked.model).provider, asked.liveModel)
                : undefined,
            ),
        }
      : {}),
  });
  return { ...backend, open: (request) => backend.open(onBehalfInStart(request, identityOf(request))) };
}

/**
 * A live session is told on whose behalf it is when it is started: `safety_identifier` (openai@7.59.0, resources/live). Whether the
 * header of the connection counts there as well is not documented.
 */
function onBehalfInStart(request: SpeechRequest, identity: Identity | undefined): SpeechRequest {
  if (request.engine !== 'live' || identity === undefined) return request;
  const identifier = safetyIdentifier(endUserOf(identity, request.speakerId), identity.secret);
  return { ...request, config: { ...request.config, safetyIdentifier: identifier } };
}

/** What decides how a session's connections are opened. */
type Asked = Pick<SpeechRequest, 'engine' | 'model' | 'meetingId' | 'speakerId' | 'log'>;

type ProviderWithTokens = { model: string; provider: Provider; token: ReturnType<typeof tokensFor> };

/** All sessions of one model share one source of tokens. */
function providerWithTokens(
  providerFor: ProviderBackendOptions['providerFor'],
  model: string,
): ProviderWithTokens {
  const provider = providerFor(model);
  return { model, provider, token: tokensFor(provider.conversation) };
}

/** Of the servers that are merely compatible none is known that has translation sessions: nobody falls back to one. */
function translateOf(provider: Provider): EngineOffer {
  try {
    return {
      kind: 'available',
      model: modelIn(provider.translation().url),
      abilities: ENGINES.translate,
      ...(provider.name === 'compatible' ? { onlyIfAsked: true as const } : {}),
    };
  } catch (cause) {
    const error =
      cause instanceof ParleyError ? cause : new ParleyError('internal', messageOf(cause), { cause });
    return { kind: 'missing', error };
  }
}

/** Live sessions are offered wherever there may be some; they are used only where they are asked for. */
function liveOf(provider: Provider, asked: string): EngineOffer {
  try {
    const { model } = provider.live();
    const { fallbackModel } = DEFAULT_LIVE_SETTINGS;
    return {
      kind: 'available',
      model: model ?? asked,
      abilities: ENGINES.live,
      onlyIfAsked: true,
      ...(model === undefined && fallbackModel !== undefined ? { fallbackModel } : {}),
    };
  } catch (cause) {
    const error =
      cause instanceof ParleyError ? cause : new ParleyError('internal', messageOf(cause), { cause });
    return { kind: 'missing', error };
  }
}

/** How a live session is tried, with the model that meetings would ask for. */
function liveStart(
  provider: Provider,
  asked = DEFAULT_LIVE_SETTINGS.model,
): (open: OpenTransport) => Promise<void> {
  const offer = liveOf(provider, asked);
  const { model = asked, fallbackModel } = offer.kind === 'available' ? offer : {};
  return (open) => checkLiveStart(open, { ...DEFAULT_LIVE_SETTINGS, model, fallbackModel, language: 'en' });
}

function modelIn(url: string): string {
  return new URL(url).searchParams.get('model') ?? '';
}

/** What should not happen on a connection and did is logged. */
export function noticesTo(log: Logger | undefined): Pick<ConnectionOptions, 'onNotice'> {
  if (log === undefined) return {};
  return {
    onNotice: ({ message, ...fields }) => {
      log.warn(fields, message);
    },
  };
}
