/** Plain requests: what this is, client secrets, and the same refusals as before an upgrade anywhere else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJsonBody, sendJson } from '../../http/http-answers.js';
import { foreignRequest, sameSecret } from '../../http/http-guard.js';
import type { ClientSecrets } from './client-secrets.js';
import { decideUpgrade, keyOf, REALTIME_PATH, type Refusal, refusalBody } from './upgrade.js';

const SECRETS_PATH = `${REALTIME_PATH}/client_secrets`;
const MAX_BODY_BYTES = 256 * 1024;

/** What the answers depend on. */
export type HttpContext = { port: number; url: string; key: string | undefined; secrets: ClientSecrets };

export async function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  context: HttpContext,
): Promise<void> {
  const { port, url } = context;
  const isForeign = foreignRequest(request.headers, port) !== undefined;
  const path = request.url?.split('?', 1)[0];
  if (!isForeign && (request.method === 'GET' || request.method === 'HEAD') && request.url === '/') {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(
      `Parley's embedded Realtime server: a stand-in for tests and demos that speaks the protocol of the OpenAI Realtime API.\nConnect a WebSocket to ${url}?model=parley-embedded with any key.\n`,
    );
  } else if (!isForeign && request.method === 'POST' && path === SECRETS_PATH) {
    await answerSecret(request, response, context);
  } else {
    const decision = decideUpgrade(request, { port, key: undefined });
    refuse(response, decision.accepted ? UPGRADE_REQUIRED : decision.refusal);
  }
}

const UPGRADE_REQUIRED: Refusal = {
  status: 426,
  type: 'invalid_request_error',
  code: 'upgrade_required',
  message: 'Connect with a WebSocket.',
};

/** `POST /v1/realtime/client_secrets`: by the account's key, never by another client secret. */
async function answerSecret(
  request: IncomingMessage,
  response: ServerResponse,
  { key, secrets }: HttpContext,
): Promise<void> {
  const given = keyOf(request.headers);
  const type = 'invalid_request_error';
  if (
    given === undefined ||
    secrets.sessionOf(given) !== undefined ||
    (key !== undefined && !sameSecret(given, key))
  ) {
    refuse(response, { status: 401, type, code: 'invalid_api_key', message: 'Incorrect API key provided.' });
    return;
  }
  const body = await readJsonBody(request, MAX_BODY_BYTES);
  if (body.kind !== 'object') {
    refuse(response, { status: 400, type, code: 'invalid_json', message: 'The body must be a JSON object.' });
    return;
  }
  const secret = secrets.create(body.object);
  if ('value' in secret) sendJson(response, 200, secret);
  else {
    const { message, param } = secret;
    sendJson(response, 400, { error: { message, type, param, code: 'invalid_value' } });
  }
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  response.writeHead(refusal.status, { 'content-type': 'application/json', connection: 'close' });
  response.end(refusalBody(refusal));
}
