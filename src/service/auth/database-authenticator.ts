import type { Clock } from '../../clock.js';
import type { Database } from '../../database/database.js';
import type { Logger } from '../../log.js';
import { findSession, findValidApiKey, prolongSession, touchApiKey } from '../../records/store/access.js';
import { Problem } from '../http/problem.js';
import type { Authenticator, Credentials } from './authenticator.js';
import type { Caller, Scope } from './scopes.js';
import { scopesOf } from './scopes.js';
import { apiKeyIdOf, hashOf } from './secrets.js';
import { SESSION_IDLE_MS, secretInCookies } from './session-cookie.js';
import { cookieKindOf, type Site } from './site.js';
import { type Rate, RateLimiter } from './token-bucket.js';

/** Of one key or session; and how often somebody may come with a key that is none. */
const CALLS = { burst: 100, perSecond: 30 };
const FAILURES = { burst: 20, perSecond: 0.2 };
/** Last use is written down once in a while, not with every request. */
const TOUCH_MS = 60_000;

/** Looks callers up in the database. */
export class DatabaseAuthenticator implements Authenticator {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #site: () => Site;
  readonly #calls: RateLimiter;
  readonly #failures: RateLimiter;
  readonly #touched = new Map<string, number>();

  constructor(parts: { database: Database; clock: Clock; log: Logger; site: () => Site; rate?: Rate }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#site = parts.site;
    this.#calls = new RateLimiter(parts.rate ?? CALLS, parts.clock);
    this.#failures = new RateLimiter(FAILURES, parts.clock);
  }

  async callerOf({ authorization, cookie, remoteAddress = '' }: Credentials): Promise<Caller | undefined> {
    if (authorization !== undefined) return this.#byKey(authorization, remoteAddress);
    const secret = secretInCookies(cookieKindOf(this.#site()), cookie);
    return secret === undefined ? undefined : this.#bySession(hashOf(secret));
  }

  async #byKey(authorization: string, remoteAddress: string): Promise<Caller> {
    if (!this.#failures.has(remoteAddress)) throw tooMany(this.#failures.take(remoteAddress).retryAfterS);
    const key = /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
    const row =
      apiKeyIdOf(key) === undefined ? undefined : await findValidApiKey(this.#database.orm, hashOf(key));
    if (row === undefined) {
      this.#failures.take(remoteAddress);
      throw new Problem('unauthenticated', 'this key is none of this service, was revoked, or has expired');
    }
    this.#count(row.id);
    this.#touch(`key ${row.id}`, () => touchApiKey(this.#database.orm, row.id));
    const { id: keyId, name, workspaceId } = row;
    return { kind: 'key', keyId, name, workspaceId, scopes: row.scopes as Scope[] };
  }

  async #bySession(sessionHash: string): Promise<Caller | undefined> {
    const found = await findSession(this.#database.orm, sessionHash);
    if (found === undefined) return undefined;
    const { id: userId, name, role, workspaceId } = found.user;
    this.#count(sessionHash);
    this.#touch(`session ${sessionHash}`, () =>
      prolongSession(this.#database.orm, sessionHash, new Date(Date.now() + SESSION_IDLE_MS)),
    );
    return { kind: 'session', userId, name, role, workspaceId, sessionHash, scopes: scopesOf(role) };
  }

  #count(caller: string): void {
    const { retryAfterS } = this.#calls.take(caller);
    if (retryAfterS !== undefined) throw tooMany(retryAfterS);
  }

  #touch(what: string, write: () => Promise<void>): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - (this.#touched.get(what) ?? -Infinity) < TOUCH_MS) return;
    if (this.#touched.size > 10_000) this.#touched.clear();
    this.#touched.set(what, nowMs);
    write().catch((err: unknown) => {
      this.#log.debug({ err }, 'the last use of a key or session could not be written');
    });
  }
}

function tooMany(retryAfterS = 1): Problem {
  return new Problem('too_many_requests', `too many requests: wait ${retryAfterS} s`, { retryAfterS });
}
