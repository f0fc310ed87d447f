/** Refusals and request bodies, as VideoSDK's REST API has them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJsonBody, sendJson } from '../../http/http-answers.js';
import { Refusal, REFUSALS } from './refusal.js';

const MAX_BODY_BYTES = 64 * 1024;

/** As the SDK reads a refusal: `code` and `error`; `message` is what the server SDK shows. */
export function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  const { status, code, message } = refusal;
  sendJson(response, status, { code, error: message, message, statusCode: status });
}

/** The body of a request as JSON; `{}` when it is empty. @throws Refusal when it is too large or no JSON object */
export async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const body = await readJsonBody(request, MAX_BODY_BYTES);
  if (body.kind === 'object') return body.object;
  if (body.kind === 'too_large') throw new Refusal(413, 413, `A request may have ${MAX_BODY_BYTES} bytes.`);
  throw REFUSALS.badRequest('The body must be a JSON object.');
}
