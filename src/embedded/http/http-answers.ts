/** HTTP in small, for the embedded servers: reading a JSON body, writing an answer. No answer carries CORS headers. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** On every answer: nothing is guessed, framed, kept or told to others. */
const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/** Answers with a whole body; a HEAD request gets the headers only. */
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

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  sendBody(response, status, JSON.stringify(body), { ...type, ...headers });
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  sendBody(response, status, text, { 'content-type': 'text/plain; charset=utf-8' });
}

/** A body that was read, or why it was not taken: too many bytes, or no JSON object. */
type JsonBody =
  { kind: 'object'; object: Readonly<Record<string, unknown>> } | { kind: 'too_large' | 'not_an_object' };

/** The body of a request as a JSON object; `{}` when it is empty. What is over `maxBytes` is not read. */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<JsonBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The request outlives the reading of it: it is still to be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return { kind: 'too_large' };
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return { kind: 'object', object: {} };
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body))
      return { kind: 'object', object: body as Record<string, unknown> };
  } catch {
    // Said below.
  }
  return { kind: 'not_an_object' };
}
