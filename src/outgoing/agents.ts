/** Connections of Node's own HTTP client, and of WebSockets, through a proxy where the environment names one. */
import type { Agent } from 'node:http';
import { anyProxyIsSet, loadProxies, type Proxy } from './proxies.js';

/** One connection's way through a proxy. */
export type ProxyWay = {
  readonly agent: Agent;
  readonly proxy: Proxy;
  /** The proxy's answer where it was no; undefined while it was not asked, cannot be reached, or let the connection through. */
  readonly refusedWith: number | undefined;
};

/** The way to an address; undefined where it is reached directly. One for each connection. */
export type WayTo = (url: string | URL) => ProxyWay | undefined;

/** How addresses are reached, as the environment says now. */
export async function loadWays(): Promise<WayTo> {
  if (!anyProxyIsSet()) return () => undefined;
  const [proxyFor, { HttpsProxyAgent }] = await Promise.all([loadProxies(), import('https-proxy-agent')]);
  return (url) => {
    const proxy = proxyFor(url);
    if (proxy === undefined) return undefined;
    const { authorization } = proxy;
    const headers = authorization === undefined ? {} : { 'Proxy-Authorization': authorization };
    const agent = new HttpsProxyAgent(proxy.url, { headers, keepAlive: false });
    let refusedWith: number | undefined;
    agent.on('proxyConnect', ({ statusCode }: { statusCode: number }) => {
      refusedWith = statusCode === 200 ? undefined : statusCode;
    });
    return {
      agent: agent as unknown as Agent,
      proxy,
      get refusedWith() {
        return refusedWith;
      },
    };
  };
}
