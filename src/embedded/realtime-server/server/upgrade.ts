/** Whether an HTTP request may become a Realtime session: decided before the upgrade, answered as the API answers. */
import type { IncomingHttpHeaders } from 'node:http';
import { foreignRequest, sameSecret } from '../../http/http-guard.js';
import type { JsonObject } from '../config/checks.js';
import type { ClientSecrets } from './client-secrets.js';

/** Where sessions are. */
export const REALTIME_PATH = '/v1/realtime';
/** Where Azure OpenAI has them; `model` is the name of a deployment there. */
const AZURE_REALTIME_PATH = '/openai/v1/realtime';
/** Behind either path: where translation sessions are, and their one model by its name at OpenAI. */
export const TRANSLATIONS = '/translations';
const TRANSLATION_MODEL = 'gpt-realtime-translate';
/** Where live sessions are: their client says the model when it starts one. */
export const LIVE_PATH = '/v1/live/sessions';
/** One page of Azure's shows the shorter one. */
const AZURE_LIVE_PATHS: readonly string[] = ['/openai/v1/live/sessions', '/openai/v1/live'];
/** What a session that only transcribes names for its model: it has none. */
const TRANSCRIBER = 'transcription';

/** An HTTP answer in place of the upgrade. */
export type Refusal = {
  status: number;
  type: 'invalid_request_error' | 'server_error' | 'rate_limit_error';
  code: string | null;
  message: string;
  retryAfterSeconds?: number;
};

/**
 * What was asked for: a model (on Azure's path, a deployment), and a conversation session or one that translates, or only
 * transcribes. `session`: what a client secret was made with, in place of the model in the address.
 */
export type Acceptance = {
  accepted: true;
  model: string;
  azure: boolean;
  translates: boolean;
  /** A live session; the model is not known yet. */
  live?: true;
  transcribes: boolean;
  session?: JsonObject;
};

/** Yes, or no with the reason. */
type UpgradeDecision = Acceptance | { accepted: false; refusal: Refusal };

function refuse(
  status: number,
  code: string | null,
  message: string,
  type: Refusal['type'] = 'invalid_request_error',
): UpgradeDecision {
  return { accepted: false, refusal: { status, type, code, message } };
}

/** The subprotocol of a client that can set no header, as a browser's; with it goes another one that holds the key. */
export const SUBPROTOCOL = 'realtime';
const KEY_SUBPROTOCOL = 'openai-insecure-api-key.';

/** The key a request brings: from `Authorization: Bearer`, `api-key`, or among its subprotocols. */
export function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization?.trim() ?? '')?.[1];
  const apiKey = headers['api-key'];
  const header = bearer ?? (typeof apiKey === 'string' && apiKey.trim() !== '' ? apiKey.trim() : undefined);
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
  const inProtocol = offered.find((name) => name.startsWith(KEY_SUBPROTOCOL))?.slice(KEY_SUBPROTOCOL.length);
  return header ?? (inProtocol === '' ? undefined : inProtocol);
}

/**
 * Decides from the request connection and headers alone. `key`: the only key that is taken, when there is one. `deployments`: the
 * only ones on Azure's path, when given; with an `api-version` that path answers 401, as reported of Azure. `secrets`: the
 * client secrets that were handed out.
 */
export function decideUpgrade(
  request: { url?: string | undefined; headers: IncomingHttpHeaders },
  server: {
    port: number;
    key: string | undefined;
    deployments?: readonly string[] | undefined;
    secrets?: Pick<ClientSecrets, 'sessionOf'>;
  },
): UpgradeDecision {
  const foreign = foreignRequest(request.headers, server.port);
  if (foreign !== undefined) return refuse(403, 'forbidden', foreign);
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  if (path === LIVE_PATH || AZURE_LIVE_PATHS.includes(path)) {
    return decideLive(request.headers, { isQueried: mark >= 0, azure: path !== LIVE_PATH, key: server.key });
  }
  const translates = path.endsWith(TRANSLATIONS);
  const base = translates ? path.slice(0, -TRANSLATIONS.length) : path;
  const azure = base === AZURE_REALTIME_PATH;
  if (base !== REALTIME_PATH && !azure) {
    return refuse(404, 'not_found', `There is nothing here: sessions are at ${REALTIME_PATH}?model=….`);
  }
  const key = keyOf(request.headers);
  if (key === undefined) {
    return refuse(
      401,
      'missing_api_key',
      'Missing bearer authentication: send "Authorization: Bearer <key>" or "api-key".',
    );
  }
  const session = server.secrets?.sessionOf(key);
  if (session === undefined && server.key !== undefined && !sameSecret(key, server.key)) {
    return refuse(401, 'invalid_api_key', 'Incorrect API key provided.');
  }
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark));
  if (azure && query.has('api-version')) {
    return refuse(401, 'unauthorized', 'The GA form of this API takes no api-version.');
  }
  if (query.has('call_id')) {
    return refuse(404, 'call_not_found', 'There is no such call: this server has WebSocket sessions only.');
  }
  const transcribes = query.get('intent') === 'transcription' || session?.['type'] === 'transcription';
  const inSession = session?.['model'];
  const model =
    typeof inSession === 'string' ? inSession : (query.get('model') ?? (transcribes ? TRANSCRIBER : ''));
  if (model === '') {
    return refuse(400, 'missing_model', 'You must provide a model parameter: ?model=….');
  }
  if (azure && server.deployments?.includes(model) === false) {
    return refuse(404, 'DeploymentNotFound', 'The API deployment for this resource does not exist.');
  }
  if (translates && request.headers['openai-beta'] !== undefined) {
    return refuse(400, 'invalid_api_version', 'Translation sessions are only available on the GA API.');
  }
  if (!translates && model === TRANSLATION_MODEL) {
    const where = `${REALTIME_PATH}${TRANSLATIONS}`;
    return refuse(400, 'invalid_model', `Translation sessions are only supported on ${where}.`);
  }
  return {
    ...{ accepted: true, model, azure, translates, transcribes: transcribes && !translates },
    ...(session === undefined ? {} : { session }),
  };
}

/**
 * Live sessions take no query, no subprotocol and no page of a browser, whose key would be among the subprotocols (as was measured
 * with the service).
 */
function decideLive(
  headers: IncomingHttpHeaders,
  { isQueried, azure, key: wanted }: { isQueried: boolean; azure: boolean; key: string | undefined },
): UpgradeDecision {
  if (headers.origin !== undefined)
    return refuse(403, 'forbidden', 'Browsers cannot open live sessions here.');
  const { authorization, 'api-key': apiKey } = headers;
  const key = keyOf({ authorization, ...(azure ? { 'api-key': apiKey } : {}) });
  if (key === undefined) return refuse(401, 'missing_authorization', 'Send "Authorization: Bearer <key>".');
  if (wanted !== undefined && !sameSecret(key, wanted))
    return refuse(401, 'invalid_api_key', 'Incorrect API key provided.');
  if (isQueried) {
    return refuse(400, 'unknown_parameter', 'Live sessions take no query: the model is in session.start.');
  }
  return { accepted: true, model: '', azure, translates: false, transcribes: false, live: true };
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The body of a refusal, shaped like the API's. */
export function refusalBody(refusal: Refusal): string {
  const { message, type, code } = refusal;
  return JSON.stringify({ error: { message, type, param: null, code } });
}

/** The whole HTTP response of a refused upgrade. */
export function refusalResponse(refusal: Refusal): string {
  const body = refusalBody(refusal);
  const headers = [
    `HTTP/1.1 ${refusal.status} ${REASONS[refusal.status] ?? 'Refused'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...(refusal.retryAfterSeconds === undefined ? [] : [`Retry-After: ${refusal.retryAfterSeconds}`]),
    ...(refusal.status === 401 ? ['WWW-Authenticate: Bearer'] : []),
  ];
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}
