/** `fetch` through a proxy where the environment names one. */
import type { ProxyAgent } from 'undici';
import { loadProxies, type Proxy, proxyProblem } from './proxies.js';

/** A request that a proxy did not let through. `code` is short and in capitals, as those of the system are. */
class ProxyError extends Error {
  readonly code: string;

  constructor(message: string, code: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ProxyError';
    this.code = code;
  }
}

/** By address and password: each keeps its connections. */
const dispatchers = new Map<string, ProxyAgent>();

/** As the global `fetch`. Rejects with {@link ProxyError} where the proxy is what failed. */
export async function outgoingFetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const proxy = (await loadProxies())(url);
  if (proxy === undefined) return fetch(url, init);
  const undici = await import('undici');
  const { authorization } = proxy;
  const key = `${proxy.url} ${authorization ?? ''}`;
  let dispatcher = dispatchers.get(key);
  if (dispatcher === undefined) {
    const token = authorization === undefined ? {} : { token: authorization };
    dispatcher = new undici.ProxyAgent({ uri: proxy.url, ...token });
    dispatchers.set(key, dispatcher);
  }
  try {
    const options = { ...init, dispatcher } as Parameters<typeof undici.fetch>[1];
    const response: unknown = await undici.fetch(url, options);
    return response as Response; // Node's own class is undici's too
  } catch (error) {
    throw proxyError(error, proxy) ?? error;
  }
}

/** What is the proxy's doing; undefined for everything else. */
function proxyError(error: unknown, proxy: Proxy): ProxyError | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const status = /^Proxy response \((\d{3})\)/.exec(cause.message)?.[1];
    if (status !== undefined)
      return new ProxyError(
        proxyProblem(proxy, Number(status)),
        status === '407' ? 'PROXY_WANTS_PASSWORD' : `PROXY_REFUSED_${status}`,
        error,
      );
    const { code, address, port } = cause as NodeJS.ErrnoException & { address?: string; port?: number };
    const isProxys = proxy.host.endsWith(`:${port ?? ''}`) || address === undefined;
    if (typeof code === 'string' && isProxys && /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/.test(code))
      return new ProxyError(proxyProblem(proxy, undefined, code), `PROXY_${code}`, error);
  }
  return undefined;
}
