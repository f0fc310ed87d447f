/** Where the service is reached, and which requests come from its own pages. Pure. */
import type { CookieKind } from './session-cookie.js';

/** The addresses of the service. */
export type Site = {
  /** Origins of its own pages: `https://parley.example.com`, `http://localhost:8710`. The first is printed in links. */
  readonly origins: readonly [string, ...string[]];
  /** Origins of other sites whose pages may call the API with a key. Cookies are never taken from there. */
  readonly allowedOrigins: readonly string[];
};

const METHODS_THAT_READ: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The site of a service that listens on `port` of loopback, and has a public address where somebody put a proxy before it. */
export function siteOf(about: {
  readonly port: number;
  readonly publicUrl?: string | undefined;
  readonly allowedOrigins?: readonly string[];
}): Site {
  const { port, publicUrl, allowedOrigins = [] } = about;
  const local = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}:${port}`) as [
    string,
    string,
    string,
  ];
  if (publicUrl === undefined) return { origins: local, allowedOrigins };
  return { origins: [new URL(publicUrl).origin, ...local], allowedOrigins };
}

/** Whether the service answers under the name in a `Host` header: another one means that a page rebound its own name. */
export function isOwnHost(site: Site, host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.toLowerCase();
  return site.origins.some((origin) => {
    const url = new URL(origin);
    return (
      name === url.host || (url.port === '' && name === `${url.host}:${url.protocol === 'https:' ? 443 : 80}`)
    );
  });
}

/**
 * Why a request with a cookie must be refused; undefined where it comes from our own page. What changes something needs an
 * `Origin` of ours, and where the browser says it, `Sec-Fetch-Site: same-origin`.
 */
export function foreignCookieUse(
  site: Site,
  request: {
    readonly method: string;
    readonly origin: string | undefined;
    readonly fetchSite: string | undefined;
  },
): string | undefined {
  const { method, origin, fetchSite } = request;
  if (METHODS_THAT_READ.has(method)) {
    // A page of another site may lead here; it may not read with somebody's cookie.
    return origin === undefined || isOwnOrigin(site, origin) ? undefined : 'its Origin is another site';
  }
  if (origin === undefined)
    return 'it has no Origin: browsers send one with everything that changes something';
  if (!isOwnOrigin(site, origin)) return 'its Origin is another site';
  if (fetchSite !== 'same-origin') return 'its Sec-Fetch-Site is not same-origin';
  return undefined;
}

/** Whether a page of this origin is one of the service's own. */
export function isOwnOrigin(site: Site, origin: string): boolean {
  return site.origins.includes(origin);
}

/** Which cookie browsers keep for this site. */
export function cookieKindOf({ origins: [own] }: Site): CookieKind {
  return own.startsWith('https:') ? 'https' : 'http';
}

/**
 * The origin under which browsers come back from a provider, which has to know it: the public one, else this machine by its name.
 * Cookies hold for one name, and the console is at this one.
 */
export function signInOriginOf({ origins }: Site): string {
  const [own] = origins;
  if (own.startsWith('https:')) return own;
  return origins.find((origin) => new URL(origin).hostname === 'localhost') ?? own;
}
