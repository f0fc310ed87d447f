/** Whether an HTTP request may become a Realtime session: decided before the upgrade, answered as the API answers. */
import type { IncomingHttpHeaders } from 'node:http';
import { foreignRequest, sameSecret } from '../http-guard.js';

/** Where sessions are. */
export const REALTIME_PATH = '/v1/realtime';

/** An HTTP answer in place of the upgrade. */
export type Refusal = {
  status: number;
  type: 'invalid_request_error' | 'server_error' | 'rate_limit_error';
  code: string | null;
  message: string;
  retryAfterSeconds?: number;
};

/** Yes with the model asked for, or no with the reason. */
export type UpgradeDecision = { accepted: true; model: string } | { accepted: false; refusal: Refusal };

function refuse(
  status: number,
  code: string | null,
  message: string,
  type: Refusal['type'] = 'invalid_request_error',
): UpgradeDecision {
  return { accepted: false, refusal: { status, type, code, message } };
}

/** The key a request brings, from `Authorization: Bearer` or `api-key`. */
function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization?.trim() ?? '')?.[1];
  const apiKey = headers['api-key'];
  return bearer ?? (typeof apiKey === 'string' && apiKey.trim() !== '' ? apiKey.trim() : undefined);
}

/** Decides from the request line and headers alone. `key`: the only key that is taken, when there is one. */
export function decideUpgrade(
  request: { url?: string | undefined; headers: IncomingHttpHeaders },
  server: { port: number; key: string | undefined },
): UpgradeDecision {
  const foreign = foreignRequest(request.headers, server.port);
  if (foreign !== undefined) return refuse(403, 'forbidden', foreign);
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  if (path !== REALTIME_PATH) {
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
  if (server.key !== undefined && !sameSecret(key, server.key)) {
    return refuse(401, 'invalid_api_key', 'Incorrect API key provided.');
  }
  const model = mark < 0 ? null : new URLSearchParams(target.slice(mark)).get('model');
  if (model === null || model === '') {
    return refuse(400, 'missing_model', 'You must provide a model parameter: ?model=….');
  }
  return { accepted: true, model };
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
