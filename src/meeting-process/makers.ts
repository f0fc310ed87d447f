/** Platform and backend of an assignment. */
import { withOwnPrices, type PriceTable } from '../cost/prices.js';
import type { Logger } from '../log.js';
import { connectionBackend, offerAll } from '../realtime/connection-backend.js';
import { connectWebSocket } from '../realtime/connection/websocket-transport.js';
import { azureOpenAi, openAi, realtimeServer } from '../realtime/providers/makers.js';
import { noticesTo } from '../realtime/providers/provider-backend.js';
import type { SpeechBackend } from '../realtime/speech-backend.js';
import type { MeetingPlatform } from '../room/meeting-platform.js';
import { videoSdk } from '../room/videosdk/platform.js';
import type { BackendSpec, PlatformSpec } from './protocol.js';

/** The service that has the meeting. */
export function platformOf(spec: PlatformSpec): MeetingPlatform {
  const { credentials, apiUrl, signalingBaseUrl, ca, description } = spec;
  const address = { apiUrl, signalingBaseUrl, ca, ...(description === undefined ? {} : { description }) };
  if (credentials.kind === 'keys')
    return videoSdk({ ...address, apiKey: credentials.apiKey, secret: credentials.secret });
  const { token, source } = credentials;
  return videoSdk({ ...address, token, ...(source === undefined ? {} : { tokenSource: source }) });
}

/** Whoever interprets. Throws ParleyError `usage`, `config` or `key_refused` for what cannot serve. */
export function backendOf(spec: BackendSpec, log: Logger): SpeechBackend {
  switch (spec.kind) {
    case 'openai': {
      const { apiKey, baseUrl, model, safetySecret } = spec;
      return openAi(defined({ apiKey, baseUrl, model, safetySecret, prices: pricesOf(spec) }));
    }
    case 'azure': {
      const { endpoint, deployment, translateDeployment, transcriptionDeployment, authorization } = spec;
      const resource = { endpoint, deployment };
      const others = defined({ translateDeployment, transcriptionDeployment, prices: pricesOf(spec) });
      if (authorization.kind === 'key')
        return azureOpenAi({ ...resource, ...others, apiKey: authorization.apiKey });
      const { tenantId, clientId, clientSecret } = authorization;
      return azureOpenAi({ ...resource, ...others, entra: { tenantId, clientId, clientSecret } });
    }
    case 'server': {
      const { url, key, model, insecure, sessionShape, inputRateHz } = spec;
      const wireForm = defined({ sessionShape, inputRateHz });
      return realtimeServer({
        ...{ url, wireForm },
        ...defined({ key, model, insecure, prices: pricesOf(spec) }),
      });
    }
    case 'embedded':
      return embeddedAt(spec, log);
  }
}

/** The embedded Realtime server in another process: it has both engines, and ends with whoever runs it. */
function embeddedAt(
  { url, key, model, description, prices }: BackendSpec & { kind: 'embedded' },
  log: Logger,
): SpeechBackend {
  return connectionBackend({
    description,
    prices: pricesOf({ prices }),
    offer: offerAll(model),
    connectionsFor: ({ engine, log: sessionLog }) =>
      connectWebSocket({
        url: `${url}${engine === 'conversation' ? '' : '/translations'}?model=${encodeURIComponent(model)}`,
        headers: { Authorization: `Bearer ${key}` },
        ...noticesTo(sessionLog ?? log),
      }),
  });
}

function pricesOf({ prices }: Pick<BackendSpec, 'prices'>): PriceTable | undefined {
  return prices === undefined ? undefined : withOwnPrices(prices, 'prices of the backend');
}

/** Without the fields that are undefined: those are absent here. */
function defined<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]: Exclude<Fields[Name], undefined>;
  };
}
