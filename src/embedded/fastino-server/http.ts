/** What answers a request, by path: guards, faults, the call, and how the answer is sent. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { readJsonBody, sendBody, sendJson, sendText } from '../http/http-answers.js';
import { foreignRequest } from '../http/http-guard.js';
import { ANSWERS, CALLS, type CallServices, type FastinoCall } from './calls.js';
import type { FastinoFaultState, Garbage } from './faults.js';
import { isKeyGood, type KeyHeader, keyOf, type RateLimit } from './key-check.js';
import { FastinoRefusal, REFUSALS } from './refusal.js';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' } as const;
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** An answer without an end, as far as it goes. */
const ENDLESS_CHUNK = Buffer.alloc(64 * 1024, 'endless ');
const ENDLESS_CHUNKS = 1_024;

const ABOUT = `Parley's embedded Fastino: a stand-in for tests and demos that speaks the protocol of the Fastino
Personalization API (register, ingest, summary, chunks, query). It knows only what it is given.
`;

export type HttpServices = Omit<CallServices, 'search'> & {
  clock: Clock;
  faults: FastinoFaultState;
  /** When there is one, no other key opens the server. */
  key: string | undefined;
  keyHeaders: readonly KeyHeader[];
  rateLimit: RateLimit;
  /** Answers that wait for the clock, or for ever. */
  waiting: Set<ServerResponse>;
  /** How long a question without a kept answer takes. */
  searchMs: number;
  /** A call was recognised, before anything else is made of it. */
  onCall: (call: FastinoCall) => void;
  onAnswered: (call: FastinoCall, status: number) => void;
};

/** Whoever asked is gone: nobody is to be answered. */
class ClientGone extends Error {}

/** Answers a request to the server that listens on `port`. Never rejects. */
export async function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  services: HttpServices,
): Promise<void> {
  let call: FastinoCall | undefined;
  try {
    const foreign = foreignRequest(request.headers, port);
    if (foreign !== undefined) throw REFUSALS.foreign(foreign);
    const [path = '', query = ''] = (request.url ?? '/').split(/[?#]/, 2);
    if (path === '/' && (request.method === 'GET' || request.method === 'HEAD')) {
      sendText(response, 200, ABOUT);
      return;
    }
    call = callOf(path);
    if (call === undefined) throw REFUSALS.noSuchCall();
    services.onCall(call);
    await answerCall(call, query, request, response, services);
  } catch (error) {
    if (error instanceof ClientGone || response.headersSent || response.destroyed) response.destroy();
    else sendRefusal(response, error);
  } finally {
    if (call !== undefined && response.headersSent) services.onAnswered(call, response.statusCode);
    request.resume(); // what was not read is let go
  }
}

/** The calls stand at the root and, as seen in the wild, below `/personalization`. */
function callOf(path: string): FastinoCall | undefined {
  const name = /^(?:\/personalization)?\/(?:users\/(?=register$))?(\w+)$/.exec(path)?.[1];
  return name !== undefined && Object.hasOwn(CALLS, name) ? (name as FastinoCall) : undefined;
}

async function answerCall(
  call: FastinoCall,
  query: string,
  request: IncomingMessage,
  response: ServerResponse,
  services: HttpServices,
): Promise<void> {
  const { clock, faults, key: wanted, keyHeaders, rateLimit } = services;
  const pass = (durationMs: number): Promise<void> => passing(durationMs, response, services);
  if (faults.of('hang', call) !== undefined) {
    services.waiting.add(response);
    response.once('close', () => services.waiting.delete(response));
    return;
  }
  const slow = faults.of('slow', call);
  if (slow !== undefined) await pass(slow.delayMs);
  const drop = faults.of('drop', call);
  if (drop?.when === 'before_answer') throw new ClientGone();
  refuseByFault(call, faults);
  if (request.method !== CALLS[call]) throw REFUSALS.otherMethod(CALLS[call]);
  const key = keyOf(request.headers, keyHeaders);
  if (!isKeyGood(key, wanted)) throw REFUSALS.unauthorized();
  const retryAfterSeconds = rateLimit.count(key, clock.nowMs());
  if (retryAfterSeconds !== undefined) throw REFUSALS.rateLimited(retryAfterSeconds);
  const input = request.method === 'GET' ? parametersOf(query) : await bodyOf(request);
  const answer = await ANSWERS[call](input, { ...services, search: () => pass(services.searchMs) });
  const json = JSON.stringify(answer);
  if (drop === undefined) {
    await send(json, call, response, faults, pass);
  } else {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': String(Buffer.byteLength(json)) });
    response.write(json.slice(0, json.length / 2), () => response.destroy());
  }
}

function refuseByFault(call: FastinoCall, faults: FastinoFaultState): void {
  const refused = faults.of('refuse', call);
  if (refused !== undefined) {
    const { status, code = 'REFUSED_ON_REQUEST', retryAfter } = refused;
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
    throw new FastinoRefusal(status, code, 'Refused on request.', headers);
  }
  const redirected = faults.of('redirect', call);
  if (redirected !== undefined)
    throw new FastinoRefusal(307, 'MOVED', 'Moved on request.', { location: redirected.location });
}

function parametersOf(query: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(new URLSearchParams(query));
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const body = await readJsonBody(request, MAX_BODY_BYTES);
  if (body.kind === 'object') return body.object;
  if (body.kind === 'too_large') throw REFUSALS.tooLarge(MAX_BODY_BYTES);
  throw REFUSALS.invalid('The body must be a JSON object.');
}

/** Sends an answer, or what a fault makes of it. */
async function send(
  json: string,
  call: FastinoCall,
  response: ServerResponse,
  faults: FastinoFaultState,
  pass: (durationMs: number) => Promise<void>,
): Promise<void> {
  const garbage = faults.of('garble', call);
  const drip = faults.of('drip', call);
  if (garbage?.kind === 'endless') {
    response.writeHead(200, JSON_TYPE);
    await pipeline(endlessBody, response);
  } else if (garbage !== undefined) {
    sendBody(response, 200, garbageOf(garbage.kind, json), JSON_TYPE);
  } else if (drip !== undefined) {
    response.writeHead(200, JSON_TYPE);
    for (const byte of Buffer.from(json)) {
      response.write(Buffer.of(byte));
      await pass(drip.everyMs);
    }
    response.end();
  } else {
    sendBody(response, 200, json, JSON_TYPE);
  }
}

function garbageOf(kind: Exclude<Garbage, 'endless'>, json: string): string | Buffer {
  switch (kind) {
    case 'empty':
      return '';
    case 'not_json':
      return '<html><body>502 Bad Gateway</body></html>';
    case 'missing_fields':
      return '{"data":{}}';
    case 'wrong_types':
      return '{"user_id":[],"summary":42,"chunks":"none","answer":null,"saved":7}';
    case 'cut_off':
      return json.slice(0, json.length / 2);
    case 'binary':
      return Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x80, 0x7d]);
  }
}

function* endlessBody(): Generator<Buffer> {
  yield Buffer.from('{"summary":"');
  for (let chunk = 0; chunk < ENDLESS_CHUNKS; chunk++) yield ENDLESS_CHUNK;
}

function sendRefusal(response: ServerResponse, error: unknown): void {
  if (error instanceof FastinoRefusal) sendJson(response, error.status, error.body, error.headers);
  else sendJson(response, 500, { error: { code: 'INTERNAL_ERROR', message: messageOf(error) } });
}

/** Resolves when so much time has passed; rejects with ClientGone when whoever asked does not wait for it. */
function passing(
  durationMs: number,
  response: ServerResponse,
  { clock, waiting }: Pick<HttpServices, 'clock' | 'waiting'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => {
      timer.cancel();
      waiting.delete(response);
      reject(new ClientGone());
    };
    const timer = clock.setTimer(() => {
      response.off('close', gone);
      waiting.delete(response);
      resolve();
    }, durationMs);
    waiting.add(response);
    response.once('close', gone);
  });
}
