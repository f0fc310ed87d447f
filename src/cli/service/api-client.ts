/** A client of the service's API, as far as commands need one. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { messageOf, ParleyError, type ParleyErrorCode } from '../../errors.js';
import { outgoingFetch } from '../../outgoing/fetch.js';
import { readServerSentEvents, type ServerSentEvent } from '../../service/events/server-sent-events.js';
import { plain } from '../../text.js';

/** Where `parley serve` listens by default. */
export const DEFAULT_SERVICE_URL = 'http://127.0.0.1:8710';
const MAX_RECONNECTS = 10;
const RECONNECT_MS = 1_000;

const problemSchema = z.object({ detail: z.string(), code: z.string(), requestId: z.string() });
const problemWithBot = problemSchema.extend({ bot: z.object({ id: z.string() }).optional() });

const CODES: Readonly<Record<number, ParleyErrorCode>> = {
  401: 'key_refused',
  403: 'key_refused',
  404: 'input_missing',
  429: 'service_unavailable',
  502: 'service_unavailable',
  503: 'service_unavailable',
};

/** A client of one service. All methods reject with a ParleyError that says what the service said. */
export class ApiClient {
  readonly #url: string;
  readonly #key: string;
  readonly #signal: AbortSignal;

  /** Throws ParleyError `key_refused` without a key. */
  constructor(options: { url: string | undefined; key: string | undefined; signal: AbortSignal }) {
    const { url = DEFAULT_SERVICE_URL, key, signal } = options;
    if (key === undefined)
      throw new ParleyError(
        'key_refused',
        'set PARLEY_API_KEY to a key of the service: pk_…, as its page or POST /v1/keys makes one',
      );
    this.#url = url.replace(/\/+$/, '');
    this.#key = key;
    this.#signal = signal;
  }

  /** One request. `schema` reads what the service answers. */
  async request<Schema extends z.ZodType>(
    method: string,
    path: string,
    schema: Schema,
    body?: unknown,
  ): Promise<z.output<Schema>> {
    const response = await this.#fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { data } = schema.safeParse(text === '' ? undefined : JSON.parse(text));
    if (data === undefined)
      throw new ParleyError(
        'protocol',
        `${this.#url} answers something else than Parley does: is it another service?`,
      );
    return data;
  }

  /** Events of a stream until it ends; after a lost connection it goes on behind the last one that had an id. */
  async *events(path: string): AsyncGenerator<ServerSentEvent> {
    let lastId: string | undefined;
    for (let failures = 0; !this.#isOver(); failures++) {
      try {
        const response = await this.#fetch(path, {
          headers: {
            accept: 'text/event-stream',
            ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
          },
        });
        if (response.status === 204 || response.body === null) return;
        for await (const event of readServerSentEvents(response.body)) {
          failures = 0;
          lastId = event.id ?? lastId;
          yield event;
        }
        // Ended by the service: it says so when it is asked again.
      } catch (error) {
        if (this.#isOver()) return;
        const mayHelp = !(error instanceof ParleyError) || error.retryable;
        if (!mayHelp || failures >= MAX_RECONNECTS) throw error;
      }
      await wait(RECONNECT_MS, undefined, { signal: this.#signal }).catch(() => undefined);
    }
  }

  #isOver(): boolean {
    return this.#signal.aborted;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await outgoingFetch(`${this.#url}${path}`, {
        ...init,
        redirect: 'error', // the key goes nowhere else
        signal: this.#signal,
        headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.#key}` },
      });
    } catch (cause) {
      const why =
        cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : messageOf(cause);
      throw new ParleyError(
        'service_unavailable',
        `the service at ${this.#url} cannot be reached: ${plain(why)}`,
        {
          retryable: true,
          cause,
        },
      );
    }
    if (response.ok) return response;
    throw await errorOf(response, this.#url);
  }
}

async function errorOf(response: Response, url: string): Promise<ParleyError> {
  const { status } = response;
  const text = await response.text().catch(() => '');
  const code = CODES[status] ?? (status >= 500 ? 'service_unavailable' : 'usage');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const { data } = problemWithBot.safeParse(json);
  if (data === undefined) return new ParleyError(code, `${url} answered with HTTP ${status}`);
  const bot = data.bot === undefined ? '' : `: ${plain(data.bot.id)}`;
  return new ParleyError(code, `${plain(data.detail)}${bot} (${plain(data.code)})`, {
    retryable: status >= 500,
  });
}
