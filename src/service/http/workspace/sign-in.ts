/** Signing in by a passkey, and the passkeys of whoever is signed in. */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import { deletePasskey, findUser, listPasskeys, type UserRow } from '../../../records/store/access.js';
import { addAudit } from '../../../records/store/workspaces.js';
import { audited } from '../../auth/audited.js';
import {
  keepPasskey,
  passkeyOptions,
  relyingPartyOf,
  signInOptions,
  whoSignsIn,
} from '../../auth/passkeys.js';
import type { Caller } from '../../auth/scopes.js';
import { signInCookie } from '../../auth/session-cookie.js';
import { signIn, useSignInToken } from '../../auth/setup.js';
import { cookieKindOf } from '../../auth/site.js';
import { RateLimiter } from '../../auth/token-bucket.js';
import type { ServiceParts } from '../../service-parts.js';
import { present, timeText } from '../bots/bot-views.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';
import { OIDC_START } from './oidc.js';

const TAG = 'Sign-in';

const base64url = z
  .string()
  .min(1)
  .max(8_192)
  .regex(/^[\w-]+$/);
/** As browsers give it, of which the parts that are used are checked here and the rest by the library. */
const credential = z
  .looseObject({
    ...{ id: base64url, rawId: base64url, type: z.literal('public-key') },
    response: z.looseObject({ clientDataJSON: base64url }),
    clientExtensionResults: z.looseObject({}),
  })
  .meta({ description: 'What `navigator.credentials` gave, as JSON.' });
const options = z.looseObject({ challenge: z.string() });
const signInMethods = z.object({
  passkeys: z.boolean(),
  oidc: z
    .object({ name: z.string(), start: z.string() })
    .optional()
    .meta({ description: 'The OpenID provider: its name, and where a browser begins to sign in by it.' }),
});
const passkey = z
  .object({ id: z.string(), name: z.string(), createdAt: z.string(), lastUsedAt: z.string().optional() })
  .meta({ id: 'Passkey' });

export function signInRoutes(parts: ServiceParts): Route[] {
  const { database, site, clock } = parts;
  const tries = new RateLimiter(parts.signInRate, clock);
  const count = (remoteAddress: string | undefined): void => {
    const { retryAfterS } = tries.take(remoteAddress ?? '');
    if (retryAfterS !== undefined)
      throw new Problem('too_many_requests', 'too many tries to sign in: wait a little', { retryAfterS });
  };
  const rpIdOf = (request: Request): string => relyingPartyOf(site(), request.headers.get('origin'));
  return [
    route(
      {
        ...{ method: 'GET', path: '/v1/sign-in', id: 'getSignInMethods', tag: TAG, scope: 'anybody' },
        ...{ summary: 'How people can sign in here', answer: signInMethods },
      },
      () => {
        const name = parts.oidc?.settings.name;
        return Promise.resolve({
          json: { passkeys: true, ...(name === undefined ? {} : { oidc: { name, start: OIDC_START } }) },
        });
      },
    ),
    route(
      {
        ...{ method: 'POST', path: '/v1/sign-in/options', id: 'signInOptions', tag: TAG, scope: 'anybody' },
        ...{ summary: 'Begins to sign somebody in by a passkey', answer: options, problems: ['conflict'] },
      },
      async ({ request, remoteAddress }) => {
        count(remoteAddress);
        return { json: { ...(await signInOptions(database, rpIdOf(request))) } };
      },
    ),
    route(
      {
        ...{ method: 'POST', path: '/v1/sign-in', id: 'signIn', tag: TAG, scope: 'anybody' },
        ...{ summary: 'Signs somebody in by a passkey', body: z.strictObject({ credential }) },
        ...{ answer: z.object({ user: z.string() }), problems: ['conflict'] },
      },
      async ({ body, request, remoteAddress }) => {
        count(remoteAddress);
        const response = body.credential as unknown as AuthenticationResponseJSON;
        const user = await whoSignsIn(database, site(), { rpId: rpIdOf(request), response });
        const secret = await database.transaction((tx) =>
          signIn(tx, user.id, request.headers.get('user-agent') ?? ''),
        );
        return {
          headers: { 'set-cookie': signInCookie(cookieKindOf(site()), secret) },
          json: { user: user.id },
        };
      },
    ),
    route(
      {
        ...{ method: 'POST', path: '/v1/sign-in/link', id: 'signInByLink', tag: TAG, scope: 'anybody' },
        summary: 'Signs the owner in by a link that the service printed',
        description:
          '`parley serve --sign-in-link` prints it; its secret stands at its end. It is valid once, for 15 minutes.',
        ...{ body: z.strictObject({ token: z.string().min(1).max(100) }) },
        ...{ answer: z.object({ user: z.string() }), problems: ['setup_refused'] },
      },
      async ({ body, request, remoteAddress }) => {
        count(remoteAddress);
        const made = await database.transaction(async (tx) => {
          const user = await useSignInToken(tx, body.token);
          if (user === undefined) return undefined;
          await addAudit(tx, {
            ...{ workspaceId: user.workspaceId, actorKind: 'link', actorId: 'sign-in' },
            ...{ action: 'user.sign_in', target: user.id, detail: {} },
          });
          return { user, secret: await signIn(tx, user.id, request.headers.get('user-agent') ?? '') };
        });
        if (made === undefined)
          throw new Problem(
            'setup_refused',
            'this sign-in link was used, or is older than 15 minutes: parley serve --sign-in-link prints a new one',
          );
        return {
          headers: { 'set-cookie': signInCookie(cookieKindOf(site()), made.secret) },
          json: { user: made.user.id },
        };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/passkeys', id: 'listPasskeys', tag: TAG, scope: 'signed-in' },
        ...{ summary: 'Your passkeys', answer: z.object({ data: z.array(passkey) }) },
      },
      async ({ caller }) => {
        const user = await userOf(parts, caller);
        const rows = await listPasskeys(database.orm, user.id);
        return {
          json: {
            data: rows.map(({ id, name, createdAt, lastUsedAt }) =>
              present({
                ...{ id, name, createdAt: createdAt.toISOString() },
                lastUsedAt: timeText(lastUsedAt),
              }),
            ),
          },
        };
      },
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/passkeys/options',
          id: 'passkeyOptions',
          tag: TAG,
          scope: 'signed-in',
        },
        ...{ summary: 'Begins to make a passkey', answer: options, repeatable: true, problems: ['conflict'] },
      },
      async ({ caller, request }) => {
        const user = await userOf(parts, caller);
        return { json: { ...(await passkeyOptions(database, user, rpIdOf(request))) } };
      },
    ),
    route(
      {
        ...{ method: 'POST', path: '/v1/passkeys', id: 'createPasskey', tag: TAG, scope: 'signed-in' },
        ...{ summary: 'Keeps a passkey that the browser made', repeatable: true, problems: ['conflict'] },
        body: z.strictObject({ name: z.string().trim().min(1).max(100), credential }),
      },
      async (call) => {
        const user = await userOf(parts, call.caller);
        const { name, credential: given } = call.body;
        const response = given as unknown as RegistrationResponseJSON;
        await keepPasskey(database, site(), { user, name, rpId: rpIdOf(call.request), response });
        await audited(parts, call, { action: 'passkey.create', target: user.id }, () => Promise.resolve());
        return { json: undefined };
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
        ...{ summary: 'Deletes one of your passkeys', params: z.strictObject({ passkeyId: base64url }) },
      },
      async (call) => {
        const user = await userOf(parts, call.caller);
        const wasThere = await audited(parts, call, { action: 'passkey.delete', target: user.id }, (tx) =>
          deletePasskey(tx, user.id, call.params.passkeyId),
        );
        if (!wasThere) throw new Problem('not_found', 'you have no such passkey');
        return { json: undefined };
      },
    ),
  ];
}

/** The person who is signed in. Throws Problem `forbidden` for a key: passkeys belong to people. */
async function userOf({ database }: ServiceParts, caller: Caller): Promise<UserRow> {
  const user = caller.kind === 'session' ? await findUser(database.orm, caller.userId) : undefined;
  if (user === undefined)
    throw new Problem('forbidden', 'passkeys belong to people: sign in to the console', {
      reason: 'needs_person',
    });
  return user;
}
