/** `fetch` to addresses that somebody gave us: only to public ones, and without redirects. */
import { guardedLookup, type PostGuard, urlProblem } from './guarded-post.js';

/** As the global `fetch`, within a guard. */
export type GuardedFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Connections are its own; `close` ends them. Loads undici. */
export async function guardedFetch(
  guard: PostGuard,
): Promise<{ fetch: GuardedFetch; close: () => Promise<void> }> {
  const undici = await import('undici');
  const dispatcher = new undici.Agent({ connect: { lookup: guardedLookup(guard) } });
  return {
    fetch: async (url, init = {}) => {
      const problem = urlProblem(String(url), guard); // an address without a name is looked up by nobody
      if (problem !== undefined) throw new TypeError(`the address ${problem}`);
      const options = { ...init, dispatcher, redirect: 'error' } as Parameters<typeof undici.fetch>[1];
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Node's own class is undici's too
      return await undici.fetch(url, options);
    },
    close: () => dispatcher.destroy(),
  };
}
