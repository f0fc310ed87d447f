import type { z } from 'zod';
import type { Clock } from '../../clock.js';
import { ParleyError } from '../../errors.js';
import { outgoingFetch } from '../../outgoing/fetch.js';
import { pause } from '../../pause.js';
import { type CallFailure, judge, type Verdict } from './attempts.js';
import { Circuit, OPEN_MS } from './circuit.js';
import { exchange, type Fetch } from './exchange.js';
import { Pacer } from './pacer.js';
import { FASTINO_BASE_URL } from './wire.js';

/** A key that was refused is not tried again for so long. */
const REFUSED_MS = 10 * 60_000;

/** The two documents' forms of the key's header. The first is tried first. */
type KeyForm = 'x-api-key' | 'authorization';

/** One call: a path below the base address, and what goes with it. `timeoutMs` is for one attempt. */
export type FastinoCall = {
  path: string;
  timeoutMs: number;
  query?: Readonly<Record<string, string>>;
  body?: object;
};

/** What a connection is made of. */
export type FastinoOptions = {
  apiKey: string;
  /** Default {@link FASTINO_BASE_URL}; may end in a path. */
  baseUrl?: string | undefined;
  clock: Clock;
  /** Told in one line what whoever runs this should know; each thing once. */
  onNotice?: (message: string) => void;
  /** The machine's by default. */
  fetch?: Fetch;
};

/**
 * Calls to one Fastino service with one key: paced, repeated where that can help, and kept away from a service that is
 * down. What a call's answer means is its caller's.
 */
export class FastinoConnection {
  /** For people: `Fastino at api.fastino.ai`. */
  readonly description: string;
  readonly #baseUrl: string;
  readonly #apiKey: string;
  readonly #clock: Clock;
  readonly #fetch: Fetch;
  readonly #onNotice: (message: string) => void;
  readonly #circuit = new Circuit();
  readonly #pacer = new Pacer();
  #keyForm: KeyForm = 'x-api-key';
  #keyAccepted = false;
  /** Set while the service is left alone because of the key. */
  #refusal: ParleyError | undefined;

  /** Throws ParleyError `key_refused` without a key, and `config` for one that no header can carry. */
  constructor(options: FastinoOptions) {
    const { baseUrl = FASTINO_BASE_URL } = options;
    this.#apiKey = options.apiKey.trim();
    if (this.#apiKey === '')
      throw new ParleyError('key_refused', 'Fastino needs a key: set FASTINO_API_KEY in the environment');
    if (!/^[\x21-\x7e]{1,512}$/.test(this.#apiKey))
      throw new ParleyError('config', 'FASTINO_API_KEY is no key: it holds spaces or unusual characters');
    this.#baseUrl = baseUrl.replace(/\/+$/, '');
    this.description = `Fastino at ${this.#baseUrl.replace(/^https?:\/\//, '')}`;
    this.#clock = options.clock;
    this.#fetch = options.fetch ?? outgoingFetch;
    this.#onNotice = options.onNotice ?? (() => undefined);
  }

  /**
   * Makes a call and returns its answer; undefined when there is no such user. Rejects with a ParleyError: `key_refused`,
   * `config` (the address is wrong), `service_unavailable`, or `protocol` (an answer that is none).
   */
  async ask<Schema extends z.ZodType>(
    call: FastinoCall,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.infer<Schema> | undefined> {
    let keyForm = this.#keyForm;
    for (let attempt = 1; ;) {
      const verdict = await this.#attempt(call, schema, { keyForm, attempt, signal });
      if (verdict.kind === 'unauthorized') {
        if (keyForm === 'authorization' || this.#keyAccepted) throw this.#refuseKey();
        keyForm = 'authorization';
        continue;
      }
      this.#accept(keyForm, verdict);
      if (verdict.kind === 'answered') return schema.parse(verdict.json);
      if (verdict.kind === 'user_not_found') return undefined;
      if (verdict.kind === 'failed') throw this.errorOf(verdict.failure);
      await pause(verdict.waitMs, this.#clock, signal);
      attempt++;
    }
  }

  /** A failure of this service, as an error. */
  errorOf({ code, message }: CallFailure): ParleyError {
    const retryable = code === 'service_unavailable';
    return new ParleyError(code, `${this.description} ${message}`, { retryable });
  }

  async #attempt(
    call: FastinoCall,
    schema: z.ZodType,
    how: { keyForm: KeyForm; attempt: number; signal: AbortSignal },
  ): Promise<Verdict> {
    const { keyForm, attempt, signal } = how;
    const waitMs = this.#pacer.take(this.#clock.nowMs());
    if (waitMs === undefined)
      throw this.errorOf({ code: 'service_unavailable', message: 'is asked too much just now' });
    if (waitMs > 0) await pause(waitMs, this.#clock, signal);
    if (!this.#circuit.admit(this.#clock.nowMs())) {
      const message = 'failed again and again and is left alone for a while';
      throw this.#refusal ?? this.errorOf({ code: 'service_unavailable', message });
    }
    const outcome = await exchange(this.#requestOf(call, keyForm), {
      fetch: this.#fetch,
      clock: this.#clock,
      signal,
    });
    const now = { epochMs: this.#clock.epochMs(), random: this.#clock.random() };
    let verdict = judge(outcome, attempt, now);
    if (verdict.kind === 'answered' && !schema.safeParse(verdict.json).success) {
      const failure = { code: 'protocol', message: 'answered with something unexpected' } as const;
      verdict = { kind: 'failed', healthy: false, pauseMs: 0, failure };
    }
    this.#count(verdict, outcome.kind === 'given_up');
    return verdict;
  }

  #requestOf({ path, query, body, timeoutMs }: FastinoCall, keyForm: KeyForm) {
    const parameters = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    const key =
      keyForm === 'x-api-key'
        ? { 'x-api-key': this.#apiKey }
        : { authorization: `x-api-key ${this.#apiKey}` };
    const url = `${this.#baseUrl}${path}${parameters}`;
    const headers = { accept: 'application/json', ...key };
    if (body === undefined) return { method: 'GET', url, headers, timeoutMs } as const;
    return {
      method: 'POST',
      url,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      timeoutMs,
    } as const;
  }

  /** Keeps count of how the service does. */
  #count(verdict: Verdict, givenUp: boolean): void {
    const nowMs = this.#clock.nowMs();
    if (givenUp) {
      this.#circuit.released();
      return;
    }
    const failed = verdict.kind === 'retry' || (verdict.kind === 'failed' && !verdict.healthy);
    if (!failed) {
      this.#circuit.succeeded();
      return;
    }
    if (verdict.pauseMs > 0) this.#pacer.pause(nowMs, verdict.pauseMs);
    if (this.#circuit.failed(nowMs)) {
      const { message } = this.errorOf(verdict.failure);
      this.#onNotice(`${message}; it is asked again in ${OPEN_MS / 1000} s`);
    }
  }

  /** Whatever was answered, the key was accepted in this form. */
  #accept(keyForm: KeyForm, { kind }: Verdict): void {
    if (kind !== 'answered' && kind !== 'user_not_found') return;
    this.#keyAccepted = true;
    this.#refusal = undefined;
    if (keyForm === this.#keyForm) return;
    this.#keyForm = keyForm;
    this.#onNotice(`${this.description} takes its key in the header Authorization: x-api-key`);
  }

  #refuseKey(): ParleyError {
    const error = this.errorOf({ code: 'key_refused', message: 'refused the key: check FASTINO_API_KEY' });
    if (this.#refusal === undefined) this.#onNotice(error.message);
    this.#refusal = error;
    this.#circuit.open(this.#clock.nowMs(), REFUSED_MS);
    return error;
  }
}
