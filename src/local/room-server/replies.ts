/** HTTP in small: reading a JSON body, writing an answer. No answer carries CORS headers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal, REFUSALS } from './refusal.js';

const MAX_BODY_BYTES = 64 * 1024;

/** On every answer: nothing is guessed, framed, kept or told to others. */
const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

export function sendBody(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, {
    ...COMMON_HEADERS,
    'cache-control': 'no-store',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendBody(response, status, JSON.stringify(body), { 'content-type': 'application/json; charset=utf-8' });
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  sendBody(response, status, text, { 'content-type': 'text/plain; charset=utf-8' });
}

/** As the SDK reads a refusal: `code` and `error`; `message` is what the server SDK shows. */
export function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  const { status, code, message } = refusal;
  sendJson(response, status, { code, error: message, message, statusCode: status });
}

/** The body of a request as JSON; `{}` when it is empty. @throws Refusal when it is too large or no JSON object */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Refusal(413, 413, `A request may have ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
      return body as Record<string, unknown>;
    }
  } catch {
    // Said below.
  }
  throw REFUSALS.badRequest('The body must be a JSON object.');
}
