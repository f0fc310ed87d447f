/** One call of OpenAI's API beside its sessions: embeddings and texts. Bounded in time and size; never repeated here. */
import type { z } from 'zod';
import { ParleyError } from '../../errors.js';
import { outgoingFetch } from '../../outgoing/fetch.js';

/** OpenAI's API. */
const OPENAI_BASE_URL = 'https://api.openai.com/v1';
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** `fetch`, or what stands in for it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Where calls go, and with what. */
export type OpenAiAccess = {
  readonly apiKey: string;
  /** Default OpenAI's own; may end in a path. */
  readonly baseUrl?: string | undefined;
  /** The machine's by default. */
  readonly fetch?: Fetch | undefined;
};

/**
 * Posts `body` and resolves to the answer.
 * @throws ParleyError `key_refused`; `service_unavailable` where it cannot be reached, takes longer than `timeoutMs`, or says
 * that it is too busy; `protocol` for an answer that is none; and the reason of `signal`.
 */
export async function openAiCall<Schema extends z.ZodType>(
  { apiKey, baseUrl = OPENAI_BASE_URL, fetch = outgoingFetch }: OpenAiAccess,
  { path, body, timeoutMs, signal }: { path: string; body: object; timeoutMs: number; signal?: AbortSignal },
  schema: Schema,
): Promise<z.output<Schema>> {
  const limit = AbortSignal.timeout(timeoutMs);
  const host = new URL(baseUrl).host;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${baseUrl.replace(/\/+$/, '')}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error', // the key was meant for this host
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    text = await boundedText(response);
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason;
    const why = limit.aborted ? `did not answer within ${timeoutMs / 1_000} s` : 'cannot be reached';
    throw new ParleyError('service_unavailable', `${host} ${why}`, { retryable: true, cause });
  }
  if (response.status === 401 || response.status === 403)
    throw new ParleyError('key_refused', `${host} refused the key: check OPENAI_API_KEY`);
  if (!response.ok) {
    const retryable = response.status === 429 || response.status >= 500;
    throw new ParleyError(
      retryable ? 'service_unavailable' : 'protocol',
      `${host} answered HTTP ${response.status}`,
      {
        retryable,
      },
    );
  }
  const { data } = schema.safeParse(jsonOf(text));
  if (data === undefined) throw new ParleyError('protocol', `${host} answered with something unexpected`);
  return data;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new ParleyError('protocol', 'the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
