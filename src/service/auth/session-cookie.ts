/** The cookie of a signed-in person. */

/** After so long without a request a sign-in is over. */
export const SESSION_IDLE_MS = 12 * 3_600_000;

/**
 * Over https: `__Host-parley`, which browsers bind to this very host. Browsers keep no such cookie over plain http, which the
 * service speaks on loopback only: there it is `parley-local`, with `SameSite=Strict` and without `Secure`.
 */
const NAMES = { https: '__Host-parley', http: 'parley-local' } as const;

/** Whether a request came over https, as far as the service's public address says. */
export type CookieKind = keyof typeof NAMES;

/** The value of `Set-Cookie` that signs somebody in. */
export function signInCookie(kind: CookieKind, secret: string): string {
  const attributes =
    kind === 'https' ? 'Path=/; Secure; HttpOnly; SameSite=Lax' : 'Path=/; HttpOnly; SameSite=Strict';
  return `${NAMES[kind]}=${secret}; ${attributes}; Max-Age=${SESSION_IDLE_MS / 1_000}`;
}

/** The value of `Set-Cookie` that signs somebody out. */
export function signOutCookie(kind: CookieKind): string {
  return signInCookie(kind, '').replace(/Max-Age=\d+$/, 'Max-Age=0');
}

/** The session's secret in a `Cookie` header; undefined where there is none of ours. */
export function secretInCookies(kind: CookieKind, header: string | undefined): string | undefined {
  return cookieValue(NAMES[kind], header, /^[\w-]{43}$/);
}

/** The first cookie of this name in a `Cookie` header whose value has this form. */
export function cookieValue(name: string, header: string | undefined, form = /^/): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [called, value] = pair.trim().split('=', 2);
    if (called === name && value !== undefined && form.test(value)) return value;
  }
  return undefined;
}
