/** One HTTP exchange with a time limit, a bounded answer, and no way for the key to go anywhere else. */
import type { Clock } from '../../clock.js';

/** Longest answer that is read. */
const MAX_BODY_BYTES = 1024 * 1024;

/** What is asked. */
type HttpRequest = {
  method: 'GET' | 'POST';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** From the start to the last byte of the answer. */
  timeoutMs: number;
};

/** How it ended: an answer of any status, or none. `reason` is a short word such as ECONNREFUSED. */
export type HttpOutcome =
  | { kind: 'answer'; status: number; body: string; retryAfter: string | undefined }
  | { kind: 'too_long' }
  | { kind: 'timeout' }
  | { kind: 'unreachable'; reason: string }
  | { kind: 'given_up' };

/** `fetch`, or what stands in for it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Never rejects. Redirects are answers: they are not followed, since the key was meant for this host. */
export async function exchange(
  request: HttpRequest,
  context: { fetch: Fetch; clock: Clock; signal: AbortSignal },
): Promise<HttpOutcome> {
  const { fetch, clock, signal } = context;
  if (signal.aborted) return { kind: 'given_up' };
  const stop = new AbortController();
  const stopAs = (kind: 'timeout' | 'given_up') => (): void => stop.abort({ kind } satisfies HttpOutcome);
  const timer = clock.setTimer(stopAs('timeout'), request.timeoutMs);
  const giveUp = stopAs('given_up');
  signal.addEventListener('abort', giveUp, { once: true });
  const { method, url, headers, body } = request;
  try {
    const init = { method, headers, redirect: 'manual', signal: stop.signal } as const;
    const response = await fetch(url, body === undefined ? init : { ...init, body });
    const text = await boundedText(response);
    if (text === undefined) return { kind: 'too_long' };
    const retryAfter = response.headers.get('retry-after') ?? undefined;
    return { kind: 'answer', status: response.status, body: text, retryAfter };
  } catch (error) {
    if (stop.signal.aborted) return stop.signal.reason as HttpOutcome;
    return { kind: 'unreachable', reason: networkCause(error) };
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', giveUp);
  }
}

/** The answer's text; undefined when it is too long. */
async function boundedText(response: Response): Promise<string | undefined> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined; // leaving the loop cancels the rest
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `fetch failed` says nothing: the system's code, such as ENOTFOUND, is a cause or two below. */
function networkCause(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && /^[A-Z][A-Z\d_]{2,40}$/.test(cause.code))
      return cause.code;
  }
  return 'no connection';
}
