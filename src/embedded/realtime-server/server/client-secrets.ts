/** Client secrets: keys for one kind of session, which a page can be given in place of the account's own key. */
import { randomBytes } from 'node:crypto';
import { BoundedMap } from '../../../bounded-map.js';
import type { Clock } from '../../../clock.js';
import { isJsonObject, type JsonObject } from '../config/checks.js';

/** How long a secret is good, in seconds: the API's default and bounds. */
const LIFETIME_S = { default: 600, min: 10, max: 7_200 };
/** Secrets that can be good at a time; the oldest are forgotten. */
const MAX_SECRETS = 1_000;

/** Why no secret is made, by the field that is wrong. */
export type SecretProblem = { param: string; message: string };
/** The answer to `POST /v1/realtime/client_secrets`; times are in seconds since 1970. */
export type ClientSecret = { value: string; expires_at: number; session: JsonObject };

/** Hands out client secrets, and knows what each is for. */
export class ClientSecrets {
  readonly #clock: Clock;
  readonly #secrets = new BoundedMap<{ expiresAtS: number; session: JsonObject }>(MAX_SECRETS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes a secret for `session` of a request's body, `{ session?, expires_after? }`. */
  create(body: Readonly<Record<string, unknown>>): ClientSecret | SecretProblem {
    const { session = { type: 'realtime' }, expires_after: after } = body;
    if (!isJsonObject(session) || (session['type'] !== 'realtime' && session['type'] !== 'transcription'))
      return {
        param: 'session.type',
        message: "Invalid value: supported are 'realtime' and 'transcription'.",
      };
    const seconds =
      after === undefined ? LIFETIME_S.default : isJsonObject(after) ? after['seconds'] : undefined;
    if (typeof seconds !== 'number' || !(seconds >= LIFETIME_S.min && seconds <= LIFETIME_S.max))
      return {
        param: 'expires_after.seconds',
        message: `Invalid value: expected ${LIFETIME_S.min} to ${LIFETIME_S.max} seconds.`,
      };
    const value = `ek_${randomBytes(16).toString('hex')}`;
    const expiresAtS = Math.floor(this.#clock.epochMs() / 1_000) + Math.floor(seconds);
    this.#secrets.set(value, { expiresAtS, session });
    return { value, expires_at: expiresAtS, session: { object: 'realtime.session', ...session } };
  }

  /** What a secret is for; undefined for one that is none, or has ended. */
  sessionOf(key: string): JsonObject | undefined {
    const secret = this.#secrets.get(key);
    if (secret === undefined) return undefined;
    if (secret.expiresAtS * 1_000 > this.#clock.epochMs()) return secret.session;
    this.#secrets.delete(key);
    return undefined;
  }
}
