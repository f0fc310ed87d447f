/** Signing in with a passkey, and making one. */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { isIP } from 'node:net';
import { z } from 'zod';
import { deletePasskey, findUser, listPasskeys, type UserRow } from '../../../records/store/access.js';
import { audited } from '../../auth/audited.js';
import {
  type PasskeySite,
  register,
  registrationOptions,
  signInOptions,
  userOfPasskey,
} from '../../auth/passkeys.js';
import { signInCookie } from '../../auth/session-cookie.js';
import { signIn } from '../../auth/setup.js';
import { cookieKindOf, isOwnOrigin } from '../../auth/site.js';
import { RateLimiter } from '../../auth/token-bucket.js';
import type { Caller } from '../../auth/scopes.js';
import type { ServiceParts } from '../../service-parts.js';
import { timeText } from '../bots/bot-views.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const TAG = 'Sign-in';
/** Of one address: whoever only asks for challenges is slowed down. */
const RATE = { burst: 20, perSecond: 0.5 };

const text = z.string().max(20_000);
const credential = z.looseObject({
  id: z.string().min(1).max(2_000),
  rawId: z.string().max(2_000),
  type: z.literal('public-key'),
  response: z.looseObject({ clientDataJSON: text }),
});
const options = z.looseObject({ challenge: z.string() });
const passkey = z
  .object({ id: z.string(), name: z.string(), createdAt: z.string(), lastUsedAt: z.string().optional() })
  .meta({ id: 'Passkey' });

export function passkeyRoutes(parts: ServiceParts): Route[] {
  const { database, site, clock } = parts;
  const limiter = new RateLimiter(RATE, clock);
  const siteOfCall = ({ request }: { request: Request }): PasskeySite => {
    const origin = request.headers.get('origin') ?? '';
    const host = isOwnOrigin(site(), origin) ? new URL(origin).hostname : '';
    if (host === '' || isIP(host.replace(/^\[|\]$/g, '')) !== 0)
      throw new Problem(
        'conflict',
        'passkeys belong to a name, not to an address: open the console as http://localhost, or at its public address',
      );
    return { origin, host };
  };
  const slow = (remoteAddress: string | undefined): void => {
    const { retryAfterS } = limiter.take(remoteAddress ?? '');
    if (retryAfterS !== undefined)
      throw new Problem('too_many_requests', `too many sign-ins: wait ${retryAfterS} s`, { retryAfterS });
  };
  const person = async (caller: Caller): Promise<UserRow> => {
    const row = caller.kind === 'session' ? await findUser(database.orm, caller.userId) : undefined;
    if (row === undefined) throw new Problem('forbidden', 'a key has no passkeys: sign in');
    return row;
  };
  return [
    route(
      {
        ...{ method: 'GET', path: '/v1/sign-in', id: 'getSignInMethods', tag: TAG, scope: 'anybody' },
        ...{ summary: 'The ways in that the service has', answer: z.object({ passkeys: z.boolean() }) },
      },
      () => Promise.resolve({ json: { passkeys: true } }),
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/sign-in/options',
          id: 'getSignInOptions',
          tag: TAG,
          scope: 'anybody',
        },
        ...{
          summary: 'What a browser needs to ask for a passkey',
          body: z.strictObject({}),
          answer: options,
        },
        problems: ['conflict'],
      },
      async (call) => {
        slow(call.remoteAddress);
        return { json: { ...(await signInOptions(database, siteOfCall(call))) } };
      },
    ),
    route(
      {
        ...{ method: 'POST', path: '/v1/sign-in', id: 'signIn', tag: TAG, scope: 'anybody' },
        ...{ summary: 'Signs in with a passkey: sets the cookie', body: z.strictObject({ credential }) },
        problems: ['sign_in_refused', 'conflict'],
      },
      async (call) => {
        slow(call.remoteAddress);
        const { body, request } = call;
        const user = await userOfPasskey(
          database,
          siteOfCall(call),
          body.credential as unknown as AuthenticationResponseJSON,
        );
        if (user === undefined)
          throw new Problem(
            'sign_in_refused',
            'this passkey is none of this service, or its answer came too late: try again',
          );
        const secret = await signIn(database.orm, user.id, request.headers.get('user-agent') ?? '');
        return { headers: { 'set-cookie': signInCookie(cookieKindOf(site()), secret) }, json: undefined };
      },
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/passkeys/options',
          id: 'getPasskeyOptions',
          tag: TAG,
          scope: 'signed-in',
        },
        ...{ summary: 'What a browser needs to make a passkey', body: z.strictObject({}), answer: options },
        ...{ repeatable: true, problems: ['conflict'] },
      },
      async (call) => ({
        json: { ...(await registrationOptions(database, await person(call.caller), siteOfCall(call))) },
      }),
    ),
    route(
      {
        ...{ method: 'POST', path: '/v1/passkeys', id: 'createPasskey', tag: TAG, scope: 'signed-in' },
        summary: 'Keeps a passkey that a browser has made',
        body: z.strictObject({ name: z.string().trim().min(1).max(100), credential }),
        ...{ repeatable: true, problems: ['conflict', 'sign_in_refused'] },
      },
      async (call) => {
        const { body, caller } = call;
        const user = await person(caller);
        const response = body.credential as unknown as RegistrationResponseJSON;
        if (!(await register(database, user, siteOfCall(call), response, body.name)))
          throw new Problem(
            'sign_in_refused',
            'this passkey could not be checked, or came too late: try again',
          );
        await audited(parts, call, { action: 'passkey.create', target: user.id }, () => Promise.resolve());
        return { json: undefined };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/passkeys', id: 'listPasskeys', tag: TAG, scope: 'signed-in' },
        ...{ summary: 'Your passkeys', answer: z.object({ data: z.array(passkey) }) },
      },
      async ({ caller }) => {
        const rows = await listPasskeys(database.orm, (await person(caller)).id);
        return {
          json: {
            data: rows.map(({ id, name, createdAt, lastUsedAt }) => ({
              ...{ id, name, createdAt: createdAt.toISOString() },
              ...(lastUsedAt === null ? {} : { lastUsedAt: timeText(lastUsedAt)! }),
            })),
          },
        };
      },
    ),
    route(
      {
        ...{
          method: 'DELETE',
          path: '/v1/passkeys/{passkeyId}',
          id: 'deletePasskey',
          tag: TAG,
          scope: 'signed-in',
        },
        ...{
          summary: 'Deletes one of your passkeys',
          params: z.strictObject({ passkeyId: z.string().min(1).max(2_000) }),
        },
      },
      async (call) => {
        const { id } = await person(call.caller);
        const wasThere = await audited(parts, call, { action: 'passkey.delete', target: id }, (tx) =>
          deletePasskey(tx, id, call.params.passkeyId),
        );
        if (!wasThere) throw new Problem('not_found', 'you have no such passkey');
        return { json: undefined };
      },
    ),
  ];
}
