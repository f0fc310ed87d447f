/** API keys of a workspace. */
import { z } from 'zod';
import { type ApiKeyRow, insertApiKey, listApiKeys, revokeApiKey } from '../../../records/store/access.js';
import { audited } from '../../auth/audited.js';
import { actorOf, allows, SCOPES } from '../../auth/scopes.js';
import { newApiKey } from '../../auth/secrets.js';
import type { ServiceParts } from '../../service-parts.js';
import { moment } from '../bots/bot-schemas.js';
import { present, timeText } from '../bots/bot-views.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const TAG = 'Workspace';
const apiKey = z
  .object({
    ...{ id: z.string(), name: z.string(), scopes: z.array(z.string()), createdAt: z.string() },
    prefix: z.string().meta({ description: 'How the key begins.' }),
    ...{ createdBy: z.string().optional(), expiresAt: z.string().optional() },
    ...{ lastUsedAt: z.string().optional(), revokedAt: z.string().optional() },
  })
  .meta({ id: 'ApiKey' });
const newKey = apiKey
  .extend({ key: z.string().meta({ description: 'The key itself: shown once.' }) })
  .meta({ id: 'NewApiKey' });
const keyPath = z.strictObject({ keyId: z.string().regex(/^[\w-]{1,64}$/) });

export function keyRoutes(parts: ServiceParts): Route[] {
  const { database } = parts;
  return [
    route(
      {
        ...{ method: 'GET', path: '/v1/keys', id: 'listKeys', tag: TAG, scope: 'admin' },
        ...{ summary: 'Lists API keys', answer: z.object({ data: z.array(apiKey) }) },
      },
      async ({ caller }) => ({
        json: { data: (await listApiKeys(database.orm, caller.workspaceId)).map(keyOf) },
      }),
    ),
    route(
      {
        ...{ method: 'POST', path: '/v1/keys', id: 'createKey', tag: TAG, scope: 'admin', status: 201 },
        ...{ summary: 'Makes an API key, which is shown once', answer: newKey, secretAnswer: true },
        body: z.strictObject({
          name: z.string().trim().min(1).max(100),
          scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
          expiresAt: z.exactOptional(moment),
        }),
      },
      async (call) => {
        const { caller, body } = call;
        const { name, scopes } = body;
        const expiresAt = body.expiresAt === undefined ? undefined : new Date(body.expiresAt);
        if (expiresAt !== undefined && expiresAt.getTime() <= Date.now())
          throw new Problem('invalid_request', 'expiresAt: is over', {
            errors: [{ path: 'expiresAt', problem: 'is over', code: 'in_the_past' }],
          });
        const missing = scopes.filter((scope) => !allows(caller.scopes, scope));
        if (missing.length > 0)
          throw new Problem('forbidden', `you cannot give what you do not have: ${missing.join(', ')}`);
        const { id, key, hash } = newApiKey();
        const row = await audited(parts, call, { action: 'key.create', target: id }, (tx) =>
          insertApiKey(tx, {
            ...{ id, workspaceId: caller.workspaceId, name, hash, scopes: [...new Set(scopes)] },
            ...{ prefix: `pk_${id}`, createdBy: actorOf(caller), expiresAt: expiresAt ?? null },
          }),
        );
        return { headers: { location: `/v1/keys/${id}` }, json: { ...keyOf(row), key } };
      },
    ),
    route(
      {
        ...{ method: 'DELETE', path: '/v1/keys/{keyId}', id: 'revokeKey', tag: TAG, scope: 'admin' },
        ...{ summary: 'Revokes a key: it holds no more', params: keyPath },
      },
      async (call) => {
        const { keyId } = call.params;
        const revoked = await audited(parts, call, { action: 'key.revoke', target: keyId }, (tx) =>
          revokeApiKey(tx, call.caller.workspaceId, keyId),
        );
        if (revoked === undefined)
          throw new Problem('not_found', `there is no key ${keyId} in this workspace`);
        return { json: undefined };
      },
    ),
  ];
}

function keyOf(row: ApiKeyRow): z.input<typeof apiKey> {
  const { id, name, prefix, scopes, createdBy, createdAt } = row;
  return present({
    ...{ id, name, prefix, scopes, createdBy, createdAt: createdAt.toISOString() },
    ...{
      expiresAt: timeText(row.expiresAt),
      lastUsedAt: timeText(row.lastUsedAt),
      revokedAt: timeText(row.revokedAt),
    },
  });
}
