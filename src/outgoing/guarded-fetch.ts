/** `fetch` to addresses that somebody gave us: only to public ones, without redirects, and no answer without an end. */
import { guardedLookup, type PostGuard, urlProblem } from './guarded-post.js';

/** Of one answer; what comes beyond is an error. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

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
      // Node's own class is undici's too; the types of browsers, where those are loaded, know nothing of that.
      const answer = (await undici.fetch(url, options)) as unknown as Response;
      if (answer.body === null) return answer;
      const { status, statusText, headers } = answer;
      return new Response(answer.body.pipeThrough(limit()), { status, statusText, headers: [...headers] });
    },
    close: () => dispatcher.destroy(),
  };
}

function limit(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (bytes > MAX_ANSWER_BYTES) controller.error(new Error('the answer is too long'));
      else controller.enqueue(chunk);
    },
  });
}
