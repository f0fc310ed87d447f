/**
 * A sign-in on its way to the provider and back. What it must come back with lies sealed in a cookie of the browser that began
 * it, for ten minutes: the service itself keeps nothing of somebody who only began.
 */
import { z } from 'zod';
import type { SecretBox } from '../secret-box.js';
import { type CookieKind, cookieValue } from '../session-cookie.js';

const VALID_MS = 10 * 60_000;
const NAMES = { https: '__Host-parley-oidc', http: 'parley-oidc' } as const satisfies Record<
  CookieKind,
  string
>;

const attemptSchema = z.strictObject({
  kind: z.literal('oidc'),
  /** Comes back as it was sent: ties the answer to this browser. */
  state: z.string().min(1),
  /** Stands in the ID token: ties the token to this sign-in. */
  nonce: z.string().min(1),
  /** Whoever has the code needs this, too (PKCE). */
  codeVerifier: z.string().min(1),
  redirectUri: z.string().min(1),
  expiresAtMs: z.number(),
  /** Somebody who is signed in ties themselves to an account; absent: somebody signs in. */
  userId: z.exactOptional(z.string().min(1)),
});
/** A sign-in that was begun. */
export type OidcAttempt = Readonly<z.output<typeof attemptSchema>>;

/** A new one, which holds for ten minutes. */
export function newAttempt(
  about: Pick<OidcAttempt, 'state' | 'nonce' | 'codeVerifier' | 'redirectUri'>,
  epochMs: number,
): OidcAttempt {
  return { kind: 'oidc', ...about, expiresAtMs: epochMs + VALID_MS };
}

/** The value of `Set-Cookie` that keeps it. Lax: the browser comes back from another site. */
export function attemptCookie(kind: CookieKind, secrets: SecretBox, attempt: OidcAttempt): string {
  return cookie(kind, secrets.seal(JSON.stringify(attempt)), VALID_MS / 1_000);
}

/** The value of `Set-Cookie` that forgets it: it holds once. */
export function noAttemptCookie(kind: CookieKind): string {
  return cookie(kind, '', 0);
}

/** What the browser began; undefined where it began nothing, too long ago, or the cookie is not ours. */
export function attemptIn(
  kind: CookieKind,
  secrets: SecretBox,
  header: string | undefined,
  epochMs: number,
): OidcAttempt | undefined {
  const sealed = cookieValue(NAMES[kind], header);
  if (sealed === undefined || sealed === '') return undefined;
  try {
    const { data } = attemptSchema.safeParse(JSON.parse(secrets.open(sealed)));
    return data !== undefined && data.expiresAtMs > epochMs ? data : undefined;
  } catch {
    return undefined;
  }
}

function cookie(kind: CookieKind, value: string, maxAgeS: number): string {
  const secure = kind === 'https' ? '; Secure' : '';
  return `${NAMES[kind]}=${value}; Path=/${secure}; HttpOnly; SameSite=Lax; Max-Age=${maxAgeS}`;
}
