/** API keys of a workspace. */
import { z } from 'zod';
import {
  type ApiKeyRow,
  findApiKey,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
  updateApiKey,
} from '../../../records/store/access.js';
import { audited } from '../../auth/audited.js';
import { actorOf, allows, type Caller, type Scope, SCOPES } from '../../auth/scopes.js';
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
const name = z.string().trim().min(1).max(100);
const scopes = z.array(z.enum(SCOPES)).min(1).max(SCOPES.length);

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
        body: z.strictObject({ name, scopes, expiresAt: z.exactOptional(moment) }),
      },
      async (call) => {
        const { caller, body } = call;
        const expiresAt = body.expiresAt === undefined ? null : timeToCome(body.expiresAt);
        checkGivable(caller, body.scopes);
        const { id, key, hash } = newApiKey();
        const row = await audited(parts, call, { action: 'key.create', target: id }, (tx) =>
          insertApiKey(tx, {
            ...{ id, workspaceId: caller.workspaceId, name: body.name, hash },
            scopes: [...new Set(body.scopes)],
            ...{ prefix: `pk_${id}`, createdBy: actorOf(caller), expiresAt },
          }),
        );
        return { headers: { location: `/v1/keys/${id}` }, json: { ...keyOf(row), key } };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/keys/{keyId}', id: 'getKey', tag: TAG, scope: 'admin' },
        ...{ summary: 'Reads what is known of a key', params: keyPath, answer: apiKey },
      },
      async ({ caller, params }) => {
        const row = await findApiKey(database.orm, caller.workspaceId, params.keyId);
        if (row === undefined) throw noSuchKey(params.keyId);
        return { json: keyOf(row) };
      },
    ),
    route(
      {
        ...{ method: 'PATCH', path: '/v1/keys/{keyId}', id: 'changeKey', tag: TAG, scope: 'admin' },
        summary: 'Changes what a key is called, what it may do, and until when; the key itself stays',
        ...{ params: keyPath, answer: apiKey, problems: ['conflict'] },
        body: z
          .strictObject({
            name: name.optional(),
            scopes: scopes.optional(),
            expiresAt: moment.nullable().optional().meta({ description: 'Null: it has no end.' }),
          })
          .refine((change) => Object.keys(change).length > 0, 'changes nothing: name at least one field'),
      },
      async (call) => {
        const { caller, params, body } = call;
        const { keyId } = params;
        checkGivable(caller, body.scopes ?? []);
        const change = {
          ...(body.name === undefined ? {} : { name: body.name }),
          ...(body.scopes === undefined ? {} : { scopes: [...new Set(body.scopes)] }),
          ...(body.expiresAt === undefined
            ? {}
            : { expiresAt: body.expiresAt === null ? null : timeToCome(body.expiresAt) }),
        };
        const about = { action: 'key.change', target: keyId, detail: { changed: Object.keys(change) } };
        const row = await audited(parts, call, about, async (tx) => {
          const changed = await updateApiKey(tx, caller.workspaceId, keyId, change);
          if (changed !== undefined) return changed;
          if ((await findApiKey(tx, caller.workspaceId, keyId)) === undefined) throw noSuchKey(keyId);
          throw new Problem('conflict', `the key ${keyId} was revoked: make another`);
        });
        return { json: keyOf(row) };
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
        if (revoked === undefined) throw noSuchKey(keyId);
        return { json: undefined };
      },
    ),
  ];
}

function noSuchKey(id: string): Problem {
  return new Problem('not_found', `there is no key ${id} in this workspace`);
}

/** Throws Problem for a time that is over. */
function timeToCome(text: string): Date {
  const time = new Date(text);
  if (time.getTime() > Date.now()) return time;
  throw new Problem('invalid_request', 'expiresAt: is over', {
    errors: [{ path: 'expiresAt', problem: 'is over', code: 'in_the_past' }],
  });
}

function checkGivable(caller: Caller, wanted: readonly Scope[]): void {
  const missing = wanted.filter((scope) => !allows(caller.scopes, scope));
  if (missing.length > 0)
    throw new Problem('forbidden', `you cannot give what you do not have: ${missing.join(', ')}`);
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
