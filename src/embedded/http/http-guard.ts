/**
 * Who may talk to an embedded server. It listens on loopback, yet any web page open in the same browser can reach loopback
 * too, directly or by DNS rebinding: so an unknown `Host` and a foreign `Origin` are refused before anything else.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Loopback, as it stands in a `Host` header. */
const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

const NO_ORIGINS: ReadonlySet<string> = new Set();

/**
 * An origin as browsers send it, such as `http://localhost:5173`. Undefined for anything else: a path, a wildcard, another
 * scheme.
 */
export function parseOrigin(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  return url.href === `${text.replace(/\/$/, '').toLowerCase()}/` && !text.includes('*')
    ? url.origin
    : undefined;
}

/** The hosts an embedded server may listen on. */
export function isLoopbackHost(host: string): boolean {
  return host === '::1' || LOOPBACK_NAMES.includes(host);
}

function isOwnAuthority(authority: string, port: number, ownNames: readonly string[]): boolean {
  const name = authority.toLowerCase();
  const portIsImplied = port === 80 || port === 443;
  return ownNames.some((own) => name === `${own}:${port}` || (portIsImplied && name === own));
}

/**
 * Why a request must be refused (answer 403), or undefined when its `Host` is one of the server's own addresses and its
 * `Origin`, where there is one, too. `port` is the port the server listens on; `ownNames` are the hosts it answers
 * under, as they stand in a `Host` header (lower case, IPv6 in brackets): those of loopback unless told otherwise.
 * `allowedOrigins`: others' that are welcome all the same, to the letter.
 */
export function foreignRequest(
  headers: { host?: string | undefined; origin?: string | undefined },
  port: number,
  ownNames: readonly string[] = LOOPBACK_NAMES,
  allowedOrigins: ReadonlySet<string> = NO_ORIGINS,
): string | undefined {
  if (headers.host === undefined || !isOwnAuthority(headers.host, port, ownNames)) {
    return 'This server answers only under its own address.';
  }
  if (headers.origin === undefined || allowedOrigins.has(headers.origin)) return undefined;
  const match = /^https?:\/\/([^/]+)$/i.exec(headers.origin);
  if (match?.[1] === undefined || !isOwnAuthority(match[1], port, ownNames)) {
    return 'Requests of other origins are refused.';
  }
  return undefined;
}

/** Compares two secrets in a time that does not tell where they differ. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
