/**
 * Where sessions of an Azure OpenAI resource are and what authorises them. Pure. Source: Microsoft's how-to
 * realtime-audio-websockets and its migration guide: the GA form has no `api-version`, `model` is the deployment's name.
 */
import { ParleyError } from '../../errors.js';
import {
  checkEncryption,
  type Endpoint,
  type EndpointEnvironment,
  parseAddress,
  type SessionKind,
} from './endpoint.js';
import type { EntraCredentials } from './entra-token.js';

const GA_PATH = '/openai/v1';
const EXAMPLE = 'https://my-resource.openai.azure.com';

/** Where each kind of session is, below the address (how-to/gpt-live of Microsoft's documentation for the last). */
const PATHS = {
  conversation: '/realtime',
  translation: '/realtime/translations',
  live: '/live/sessions',
} as const;
const VARIABLES = {
  conversation: 'AZURE_OPENAI_DEPLOYMENT',
  translation: 'AZURE_OPENAI_TRANSLATE_DEPLOYMENT',
  live: 'AZURE_OPENAI_LIVE_DEPLOYMENT',
} as const;
const MODELS = {
  conversation: 'gpt-realtime-2.1',
  translation: 'gpt-realtime-translate',
  live: 'gpt-live-1',
} as const;

/** What decides: nothing but what stands here. */
type AzureRequest = {
  environment: EndpointEnvironment;
  sessions: SessionKind;
  /** Deployment to take instead of the one that the environment names for conversation sessions. */
  deployment?: string | undefined;
  insecure?: boolean | undefined;
};

/** Whether the environment speaks of Azure OpenAI and not of OpenAI. */
export function onlyAzureIsSet(environment: EndpointEnvironment): boolean {
  const { AZURE_OPENAI_ENDPOINT, OPENAI_API_KEY, OPENAI_BASE_URL } = environment;
  return isSet(AZURE_OPENAI_ENDPOINT) && !isSet(OPENAI_API_KEY) && !isSet(OPENAI_BASE_URL);
}

/**
 * Decides address and authorisation of a resource: `AZURE_OPENAI_API_KEY` as `api-key`, or else a Microsoft Entra token by
 * `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET`. Throws a ParleyError: `config` for an address or a
 * deployment that is missing or wrong, `key_refused` when nothing authorises, `usage` for `ws://` to another machine.
 */
export function resolveAzureEndpoint(request: AzureRequest): Endpoint {
  const { environment, sessions, insecure = false } = request;
  const url = gaAddress(environment);
  checkEncryption(url, insecure);
  url.pathname += PATHS[sessions];
  if (sessions !== 'live') url.searchParams.set('model', azureDeployment(request));

  const key = environment.AZURE_OPENAI_API_KEY?.trim() ?? '';
  const entra = key === '' ? credentialsOf(environment) : undefined;
  if (key === '' && entra === undefined) {
    throw new ParleyError(
      'key_refused',
      `${url.host} needs a key: set AZURE_OPENAI_API_KEY, or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET`,
    );
  }
  return {
    url: url.href,
    headers: key === '' ? {} : { 'api-key': key },
    host: url.host,
    describe: `Azure OpenAI at ${url.host} (${key === '' ? 'token from Microsoft Entra' : 'key from AZURE_OPENAI_API_KEY'})`,
    provider: 'azure',
    ...(entra === undefined ? {} : { entra }),
  };
}

/** `wss://…/openai/v1`, whether the resource's address or one of its API's was given. */
function gaAddress({ AZURE_OPENAI_ENDPOINT: given }: EndpointEnvironment): URL {
  const source = 'AZURE_OPENAI_ENDPOINT';
  if (!isSet(given)) {
    throw new ParleyError('config', `${source} is not set: give the resource's address, such as ${EXAMPLE}`);
  }
  const url = parseAddress(given, 'config', source);
  if (url.search !== '') {
    throw new ParleyError(
      'config',
      `${source} must hold the resource's address only, such as ${EXAMPLE}: the GA form of the API takes no api-version`,
    );
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/openai(?:\/v1)?$/, '');
  url.pathname = `${path}${GA_PATH}`;
  return url;
}

/** The deployment that sessions are of. Throws ParleyError `config` where none is named. */
export function azureDeployment({
  environment,
  sessions,
  deployment,
}: Pick<AzureRequest, 'environment' | 'sessions' | 'deployment'>): string {
  const variable = VARIABLES[sessions];
  const name = (sessions === 'conversation' ? deployment : undefined) ?? environment[variable]?.trim() ?? '';
  if (name !== '') return name;
  const of = MODELS[sessions];
  throw new ParleyError('config', `${variable} is not set: give the name of your deployment of ${of}`);
}

/** All three, or none. Throws ParleyError `config` for some of them. */
function credentialsOf(environment: EndpointEnvironment): EntraCredentials | undefined {
  const {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: clientSecret,
  } = environment;
  if (isSet(tenantId) && isSet(clientId) && isSet(clientSecret)) {
    return { tenantId: tenantId.trim(), clientId: clientId.trim(), clientSecret: clientSecret.trim() };
  }
  if (!isSet(tenantId) && !isSet(clientId) && !isSet(clientSecret)) return undefined;
  throw new ParleyError(
    'config',
    'AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET go together: set all three',
  );
}

function isSet(value: string | undefined): value is string {
  return (value?.trim() ?? '') !== '';
}
