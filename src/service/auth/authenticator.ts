/** Who makes a request: by their API key or by their cookie. */
import type { Caller } from './scopes.js';

/** What of a request says who makes it. */
export type Credentials = {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  readonly remoteAddress: string | undefined;
};

/** Finds out who makes a request. */
export interface Authenticator {
  /**
   * The caller; undefined where a request shows nothing. Throws Problem `unauthenticated` for a key that is none or holds no
   * more, and `too_many_requests` for one that comes too often.
   */
  callerOf(credentials: Credentials): Promise<Caller | undefined>;
}
