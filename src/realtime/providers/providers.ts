/** Who provides sessions: OpenAI, Azure OpenAI, or any compatible server. Pure. */
import { azureDeployment, onlyAzureIsSet, resolveAzureEndpoint } from './azure-endpoint.js';
import { type Endpoint, type EndpointRequest, type ProviderName, resolveEndpoint } from './endpoint.js';
import { DEFAULT_WIRE_FORM, type WireForm } from './wire-form.js';

/** The only model of translation sessions (OpenAI's guide to Realtime translation). */
const TRANSLATION_MODEL = 'gpt-realtime-translate';

/** What decides: nothing but what stands here. */
export type ProviderRequest = Omit<EndpointRequest, 'model' | 'sessions'> & {
  /** Without it Azure where only Azure's variables are set, and OpenAI otherwise; `url` goes before both. */
  provider?: 'openai' | 'azure' | undefined;
  /** Model of conversation sessions; on Azure, a deployment that goes before the environment's where it was asked for. */
  model: string;
  /** `model` is what the user asked for, not a default. */
  modelAsked?: boolean | undefined;
  /** How a server named by `url` words its sessions. */
  wireForm?: WireForm | undefined;
};

/** Where each kind of session is. */
export type Provider = {
  name: ProviderName;
  conversation: Endpoint;
  /** Decided when asked: throws a ParleyError where there are no translation sessions. */
  translation: () => Endpoint;
  /** Likewise of live sessions. `model`: the deployment, where models have names of their own. */
  live: () => { endpoint: Endpoint; model: string | undefined };
};

/** Decides who provides, and where. Throws what {@link resolveEndpoint} and {@link resolveAzureEndpoint} throw. */
export function resolveProvider(request: ProviderRequest): Provider {
  const { environment, url, model, modelAsked, insecure, wireForm = DEFAULT_WIRE_FORM } = request;
  const asked = request.provider ?? (onlyAzureIsSet(environment) ? 'azure' : 'openai');
  if (url === undefined && asked === 'azure') {
    const deployment = modelAsked === true ? model : undefined;
    return {
      name: 'azure',
      conversation: resolveAzureEndpoint({ environment, insecure, deployment, sessions: 'conversation' }),
      translation: () => resolveAzureEndpoint({ environment, insecure, sessions: 'translation' }),
      live: () => ({
        model: azureDeployment({ environment, sessions: 'live' }),
        endpoint: resolveAzureEndpoint({ environment, insecure, sessions: 'live' }),
      }),
    };
  }
  const at = { url, environment, insecure };
  const conversation = resolveEndpoint({ ...at, model });
  return {
    name: conversation.provider,
    conversation: conversation.provider === 'compatible' ? { ...conversation, wireForm } : conversation,
    translation: () => resolveEndpoint({ ...at, model: TRANSLATION_MODEL, sessions: 'translation' }),
    live: () => ({ model: undefined, endpoint: resolveEndpoint({ ...at, model, sessions: 'live' }) }),
  };
}
