/** Makers of backends, for programs that have keys and addresses at hand. */
import { LIST_PRICES, type PriceTable } from '../../cost/prices.js';
import type { SpeechBackend } from '../speech-backend.js';
import type { EntraCredentials } from './entra-token.js';
import { providerBackend } from './provider-backend.js';
import { resolveProvider } from './providers.js';
import { DEFAULT_WIRE_FORM, type WireForm } from './wire-form.js';

const ANY_MODEL = 'gpt-realtime-2.1';

/** Where OpenAI is, and what opens it. */
export type OpenAiOptions = {
  /** It goes to the host of `baseUrl` over TLS and nowhere else; it stands in no log, error or event. */
  apiKey: string;
  /** `https://api.openai.com/v1` by default; a proxy's address. */
  baseUrl?: string;
  /** Model of conversation sessions; by default the one that the settings of the meeting name. */
  model?: string;
  /** US dollars by model; the list prices by default. */
  prices?: PriceTable;
  /** OpenAI is told on whose behalf each session is, by a hash made with this secret; absent: it is not told. */
  safetySecret?: string;
};

/**
 * OpenAI's Realtime API. All engines are there. Throws ParleyError `key_refused` for an empty key, `config` for an address
 * that is none.
 */
export function openAi({ apiKey, baseUrl, model, prices, safetySecret }: OpenAiOptions): SpeechBackend {
  const environment = { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl };
  return backendOf({
    providerFor: (asked) => resolveProvider({ environment, provider: 'openai', model: model ?? asked }),
    prices: prices ?? LIST_PRICES,
    ...(safetySecret === undefined ? {} : { safetySecret }),
  });
}

/** Where a resource of Azure OpenAI is, what opens it, and what its deployments are called. */
export type AzureOpenAiOptions = {
  /** The resource's address, such as `https://my-resource.openai.azure.com`. */
  endpoint: string;
  /** Deployment of the model that interprets. */
  deployment: string;
  /** Deployment of `gpt-realtime-translate`; without it there is no translate engine. */
  translateDeployment?: string;
  /** Deployment of a GPT-Live model; without it there is no live engine. */
  liveDeployment?: string;
  /** Deployment of the model that transcribes; without it nothing is written down of what people say. */
  transcriptionDeployment?: string;
  /** US dollars by deployment; the list prices by default, which know the models' own names. */
  prices?: PriceTable;
} & (
  | { apiKey: string }
  | {
      /** An application of Microsoft Entra that may use the resource. */
      entra: EntraCredentials;
    }
);

/** Azure OpenAI. Throws ParleyError `config` for an address that is none, `key_refused` where nothing authorises. */
export function azureOpenAi(options: AzureOpenAiOptions): SpeechBackend {
  const { endpoint, deployment, translateDeployment, liveDeployment, transcriptionDeployment, prices } =
    options;
  const environment = {
    AZURE_OPENAI_ENDPOINT: endpoint,
    AZURE_OPENAI_DEPLOYMENT: deployment,
    AZURE_OPENAI_TRANSLATE_DEPLOYMENT: translateDeployment,
    AZURE_OPENAI_LIVE_DEPLOYMENT: liveDeployment,
    ...('apiKey' in options
      ? { AZURE_OPENAI_API_KEY: options.apiKey }
      : {
          AZURE_TENANT_ID: options.entra.tenantId,
          AZURE_CLIENT_ID: options.entra.clientId,
          AZURE_CLIENT_SECRET: options.entra.clientSecret,
        }),
  };
  return backendOf({
    providerFor: (model) => resolveProvider({ environment, provider: 'azure', model }),
    prices: prices ?? LIST_PRICES,
    transcriptionModel: () => transcriptionDeployment,
  });
}

/** A server that speaks the Realtime protocol. */
export type RealtimeServerBackendOptions = {
  /** `wss://host/v1/realtime`; `ws://` on this machine. A `model` in the query goes before the settings'. */
  url: string;
  /** Sent as a bearer token; absent: no key is sent. */
  key?: string;
  /** Model of conversation sessions; by default the one that the settings of the meeting name. */
  model?: string;
  /** How the server words its sessions and which rate it hears at; by default as OpenAI's API does, at 24 kHz. */
  wireForm?: Partial<WireForm>;
  /** Allows `ws://` to another machine. */
  insecure?: boolean;
  /** US dollars by model; absent: nothing is billed. */
  prices?: PriceTable;
};

/**
 * Any server that speaks OpenAI's Realtime protocol. Throws ParleyError `usage` for an address that is none, or that would be
 * reached without encryption.
 */
export function realtimeServer(options: RealtimeServerBackendOptions): SpeechBackend {
  const { url, key, model, wireForm, insecure, prices } = options;
  const environment = { PARLEY_REALTIME_KEY: key };
  return backendOf({
    providerFor: (asked) =>
      resolveProvider({
        environment,
        url,
        model: model ?? asked,
        insecure,
        wireForm: { ...DEFAULT_WIRE_FORM, ...wireForm },
      }),
    prices,
  });
}

function backendOf(
  options: Omit<Parameters<typeof providerBackend>[0], 'model' | 'description'>,
): SpeechBackend {
  const { host, provider } = options.providerFor(ANY_MODEL).conversation;
  const description = provider === 'azure' ? `Azure OpenAI at ${host}` : host;
  return providerBackend({ ...options, model: ANY_MODEL, description });
}
