/** Setting the service up, and signing out. */
import { z } from 'zod';
import { deleteSession, insertApiKey } from '../../../records/store/access.js';
import { addAudit } from '../../../records/store/workspaces.js';
import { newApiKey } from '../../auth/secrets.js';
import { signInCookie, signOutCookie } from '../../auth/session-cookie.js';
import { signIn, useSetupToken } from '../../auth/setup.js';
import { cookieKindOf } from '../../auth/site.js';
import type { ServiceParts } from '../../service-parts.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const TAG = 'Sign-in';

export function setupRoutes(parts: ServiceParts): Route[] {
  const { database, site } = parts;
  return [
    route(
      {
        ...{ method: 'POST', path: '/v1/setup', id: 'setUp', tag: TAG, scope: 'anybody', status: 201 },
        summary: 'Uses the set-up link: makes the owner, signs them in, and makes a first API key',
        description:
          'The link is printed by `parley serve`; its secret stands behind the #. It is valid once, for 15 minutes.',
        body: z.strictObject({
          token: z.string().min(1).max(100),
          name: z.string().trim().min(1).max(100),
          keyName: z
            .exactOptional(z.string().trim().min(1).max(100))
            .meta({ description: 'Makes an API key of this name.' }),
        }),
        answer: z.object({
          user: z.string(),
          workspace: z.string(),
          key: z.string().optional().meta({ description: 'Shown once.' }),
        }),
        problems: ['setup_refused'],
      },
      async ({ body, request }) => {
        const { token, name, keyName } = body;
        const made = await database.transaction(async (tx) => {
          const user = await useSetupToken(tx, token, name);
          if (user === undefined) return undefined;
          const secret = await signIn(tx, user.id, request.headers.get('user-agent') ?? '');
          const { id: userId, workspaceId } = user;
          const key = keyName === undefined ? undefined : newApiKey();
          if (key !== undefined && keyName !== undefined)
            await insertApiKey(tx, {
              ...{ id: key.id, hash: key.hash, prefix: `pk_${key.id}`, name: keyName },
              ...{ workspaceId, scopes: ['admin'], createdBy: `user:${userId}` },
            });
          await addAudit(tx, {
            ...{
              workspaceId,
              actorKind: 'link',
              actorId: 'setup',
              action: 'service.setup',
              target: userId,
              detail: {},
            },
          });
          return { user, secret, key: key?.key };
        });
        if (made === undefined)
          throw new Problem(
            'setup_refused',
            'this set-up link was used, is older than 15 minutes, or belongs to another start: parley serve prints a new one',
          );
        const { user, secret, key } = made;
        return {
          headers: { 'set-cookie': signInCookie(cookieKindOf(site()), secret) },
          json: { user: user.id, workspace: user.workspaceId, ...(key === undefined ? {} : { key }) },
        };
      },
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/sign-out',
          id: 'signOut',
          tag: TAG,
          scope: 'signed-in',
          repeatable: true,
        },
        summary: 'Signs out: the cookie holds no more',
      },
      async ({ caller }) => {
        if (caller.kind === 'session') await deleteSession(database.orm, caller.sessionHash);
        return { headers: { 'set-cookie': signOutCookie(cookieKindOf(site())) }, json: undefined };
      },
    ),
  ];
}
