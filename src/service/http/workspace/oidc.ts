/** Signing in by an OpenID provider: a browser is sent there, and comes back. These endpoints are for browsers, not for programs. */
import { z } from 'zod';
import { deleteSession } from '../../../records/store/access.js';
import { attemptCookie, attemptIn, noAttemptCookie } from '../../auth/oidc/oidc-attempt.js';
import { signInByOidc, tieToOidc } from '../../auth/oidc/oidc-member.js';
import type { OidcProvider } from '../../auth/oidc/oidc-provider.js';
import { SignInRefusal } from '../../auth/oidc/sign-in-refusal.js';
import { signInCookie } from '../../auth/session-cookie.js';
import { cookieKindOf, signInOriginOf } from '../../auth/site.js';
import { RateLimiter } from '../../auth/token-bucket.js';
import type { ServiceParts } from '../../service-parts.js';
import { Problem } from '../problem.js';
import { type CallContext, type Route, route } from '../route.js';

const TAG = 'Sign-in';
/** Where a sign-in begins. */
export const OIDC_START = '/v1/sign-in/oidc';
const CALLBACK = `${OIDC_START}/callback`;
/** Places of the console. */
const SIGN_IN_PAGE = '/#/sign-in';
const SETTINGS_PAGE = '/#/settings/sign-in';

/** The address that the provider sends browsers back to: it has to know it. */
export function redirectUriOf(origin: string): string {
  return `${origin}${CALLBACK}`;
}

export function oidcRoutes(parts: ServiceParts): Route[] {
  const { database, secrets, site, clock, log } = parts;
  const tries = new RateLimiter(parts.signInRate, clock);
  const theProvider = (): OidcProvider => {
    if (parts.oidc === undefined) throw new Problem('not_found', 'this service has no OpenID provider');
    return parts.oidc;
  };
  const count = ({ remoteAddress }: CallContext): void => {
    if (tries.take(remoteAddress ?? '').retryAfterS !== undefined)
      throw new SignInRefusal('too_many', 'too many tries from one address');
  };
  /** Who cannot sign in is back at the console, which says why. */
  const orBack = async (
    { requestId }: CallContext,
    backTo: string,
    work: () => Promise<Response>,
  ): Promise<Response> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SignInRefusal)) throw error;
      const { code, message } = error;
      const level = code === 'unavailable' || code === 'misconfigured' ? 'warn' : 'info';
      log[level]({ requestId, code, reason: message }, 'somebody could not sign in by the OpenID provider');
      return redirection(`${backTo}?problem=${code}`, [noAttemptCookie(cookieKindOf(site()))]);
    }
  };
  return [
    route(
      {
        ...{
          method: 'GET',
          path: OIDC_START,
          id: 'beginOidcSignIn',
          tag: TAG,
          scope: 'anybody',
          status: 303,
        },
        summary: 'Sends a browser to the OpenID provider',
        description: 'What goes wrong is said by the console, to which the browser is sent back.',
        problems: ['not_found'],
      },
      (call) => {
        const provider = theProvider();
        return orBack(call, SIGN_IN_PAGE, async () => {
          count(call);
          const origin = signInOriginOf(site());
          const kind = cookieKindOf(site());
          // Cookies hold for one name, and the provider knows one.
          if (kind === 'http' && call.request.headers.get('host') !== new URL(origin).host)
            return redirection(`${origin}${OIDC_START}`, []);
          const { url, attempt } = await provider.begin(redirectUriOf(origin));
          return redirection(url, [attemptCookie(kind, secrets, attempt)]);
        });
      },
    ),
    route(
      {
        ...{ method: 'POST', path: `${OIDC_START}/link`, id: 'linkOidcAccount', tag: TAG },
        ...{ scope: 'signed-in', repeatable: true, problems: ['not_found', 'conflict'] },
        summary: 'Begins to tie whoever is signed in to their account of the OpenID provider',
        description: 'The browser goes on to `url`, with the cookie of the answer.',
        answer: z.object({ url: z.string() }),
      },
      async ({ caller, request }) => {
        const provider = theProvider();
        if (caller.kind !== 'session')
          throw new Problem('forbidden', 'accounts belong to people: sign in to the console', {
            reason: 'needs_person',
          });
        const origin = signInOriginOf(site());
        const kind = cookieKindOf(site());
        if (kind === 'http' && request.headers.get('host') !== new URL(origin).host)
          throw new Problem('conflict', `cookies hold for one name: open the console at ${origin}`);
        try {
          const { url, attempt } = await provider.begin(redirectUriOf(origin));
          const cookie = attemptCookie(kind, secrets, { ...attempt, userId: caller.userId });
          return { headers: { 'set-cookie': cookie }, json: { url } };
        } catch (error) {
          if (!(error instanceof SignInRefusal)) throw error;
          throw new Problem('service_unavailable', `${provider.settings.name} cannot be used now`, {
            retryAfterS: 10,
            cause: error,
          });
        }
      },
    ),
    route(
      {
        ...{ method: 'GET', path: CALLBACK, id: 'finishOidcSignIn', tag: TAG, scope: 'anybody', status: 303 },
        summary: 'Where the OpenID provider sends a browser back to: signs somebody in',
        problems: ['not_found'],
      },
      (call) => {
        const provider = theProvider();
        const { request, caller } = call;
        const kind = cookieKindOf(site());
        const attempt = attemptIn(kind, secrets, request.headers.get('cookie') ?? undefined, Date.now());
        const page = attempt?.userId === undefined ? SIGN_IN_PAGE : SETTINGS_PAGE;
        return orBack(call, page, async () => {
          count(call);
          if (attempt === undefined)
            throw new SignInRefusal('expired', 'the browser began no sign-in within the last ten minutes');
          const identity = await provider.finish(new URL(request.url).searchParams, attempt);
          if (attempt.userId !== undefined) {
            await tieToOidc(database, identity, attempt.userId);
            return redirection(SETTINGS_PAGE, [noAttemptCookie(kind)]);
          }
          const userAgent = request.headers.get('user-agent') ?? '';
          const secret = await signInByOidc(database, provider.settings, identity, userAgent);
          if (caller.kind === 'session') await deleteSession(database.orm, caller.sessionHash);
          return redirection('/', [signInCookie(kind, secret), noAttemptCookie(kind)]);
        });
      },
    ),
  ];
}

function redirection(location: string, cookies: readonly string[]): Response {
  const headers = new Headers({ location, 'cache-control': 'no-store' });
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  return new Response(null, { status: 303, headers });
}
