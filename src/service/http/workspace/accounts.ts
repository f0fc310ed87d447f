/** People of a workspace. */
import { z } from 'zod';
import {
  deleteUser,
  findUser,
  insertUser,
  listUsers,
  updateUser,
  type UserRow,
} from '../../../records/store/access.js';
import { audited } from '../../auth/audited.js';
import { ROLES } from '../../auth/scopes.js';
import type { ServiceParts } from '../../service-parts.js';
import { present, timeText } from '../bots/bot-views.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const TAG = 'Workspace';
const user = z
  .object({
    ...{ id: z.string(), name: z.string(), email: z.string().optional(), role: z.enum(ROLES) },
    ...{ createdAt: z.string(), disabledAt: z.string().optional() },
  })
  .meta({ id: 'User' });
const me = z.object({
  kind: z.enum(['key', 'session']),
  id: z.string(),
  name: z.string(),
  workspace: z.string(),
  role: z.enum(ROLES).optional(),
  oidc: z
    .boolean()
    .optional()
    .meta({ description: 'Of a person: an account of the OpenID provider is theirs.' }),
  scopes: z.array(z.string()),
});
const userPath = z.strictObject({ userId: z.string().regex(/^usr_[\w-]{1,64}$/) });
const email = z.email().max(254);
const name = z.string().trim().min(1).max(100);
const role = z.enum(ROLES).exclude(['owner']);

export function accountRoutes(parts: ServiceParts): Route[] {
  const { database } = parts;
  const noSuchUser = (id: string): Problem =>
    new Problem('not_found', `there is no user ${id} in this workspace`);
  /** A service without an owner could not be changed any more. */
  const notTheOwner = async (workspaceId: string, id: string): Promise<void> => {
    const row = await findUser(database.orm, id);
    if (row?.workspaceId !== workspaceId) throw noSuchUser(id);
    if (row.role === 'owner')
      throw new Problem('conflict', 'the owner stays as they are', { reason: 'owner_stays' });
  };
  return [
    route(
      {
        ...{ method: 'GET', path: '/v1/me', id: 'getMe', tag: TAG, scope: 'signed-in' },
        ...{ summary: 'Who you are, and what you may do', answer: me },
      },
      async ({ caller }) => {
        const { kind, name: called, workspaceId: workspace, scopes } = caller;
        const common = { kind, name: called, workspace, scopes: [...scopes] };
        if (kind === 'key') return { json: { ...common, id: caller.keyId } };
        const { userId: id, role: is } = caller;
        const row = await findUser(database.orm, id);
        return { json: { ...common, id, role: is, oidc: typeof row?.oidcSubject === 'string' } };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/users', id: 'listUsers', tag: TAG, scope: 'admin' },
        ...{ summary: 'Lists people', answer: z.object({ data: z.array(user) }) },
      },
      async ({ caller }) => ({
        json: { data: (await listUsers(database.orm, caller.workspaceId)).map(userOf) },
      }),
    ),
    route(
      {
        ...{ method: 'POST', path: '/v1/users', id: 'createUser', tag: TAG, scope: 'admin', status: 201 },
        ...{
          summary: 'Adds somebody, who signs in by the provider of the service',
          answer: user,
          problems: ['conflict'],
        },
        body: z.strictObject({ name, email, role: role.default('host') }),
      },
      async (call) => {
        const { caller, body } = call;
        const { workspaceId } = caller;
        const known = await listUsers(database.orm, workspaceId);
        if (known.some((row) => row.email === body.email.toLowerCase()))
          throw new Problem('conflict', 'somebody with this address is in the workspace', {
            reason: 'member_exists',
          });
        const row = await audited(parts, call, { action: 'user.create', target: body.email }, (tx) =>
          insertUser(tx, { workspaceId, ...body }),
        );
        return { headers: { location: `/v1/users/${row.id}` }, json: userOf(row) };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/users/{userId}', id: 'getUser', tag: TAG, scope: 'admin' },
        ...{ summary: 'Reads what is known of somebody', params: userPath, answer: user },
      },
      async ({ caller, params }) => {
        const row = await findUser(database.orm, params.userId);
        if (row?.workspaceId !== caller.workspaceId) throw noSuchUser(params.userId);
        return { json: userOf(row) };
      },
    ),
    route(
      {
        ...{ method: 'PATCH', path: '/v1/users/{userId}', id: 'changeUser', tag: TAG, scope: 'admin' },
        ...{ summary: 'Changes somebody; whoever is disabled is signed out', params: userPath, answer: user },
        body: z
          .strictObject({ name: name.optional(), role: role.optional(), disabled: z.boolean().optional() })
          .refine((change) => Object.keys(change).length > 0, 'changes nothing: name at least one field'),
        problems: ['conflict'],
      },
      async (call) => {
        const { caller, params, body } = call;
        await notTheOwner(caller.workspaceId, params.userId);
        const change = {
          ...present({ name: body.name, role: body.role }),
          ...(body.disabled === undefined ? {} : { disabledAt: body.disabled ? new Date() : null }),
        };
        const row = await audited(parts, call, { action: 'user.change', target: params.userId }, (tx) =>
          updateUser(tx, caller.workspaceId, params.userId, change),
        );
        if (row === undefined) throw noSuchUser(params.userId);
        return { json: userOf(row) };
      },
    ),
    route(
      {
        ...{ method: 'DELETE', path: '/v1/users/{userId}', id: 'deleteUser', tag: TAG, scope: 'admin' },
        ...{
          summary: 'Removes somebody, with their sessions and passkeys',
          params: userPath,
          problems: ['conflict'],
        },
      },
      async (call) => {
        const { caller, params } = call;
        await notTheOwner(caller.workspaceId, params.userId);
        const wasThere = await audited(parts, call, { action: 'user.delete', target: params.userId }, (tx) =>
          deleteUser(tx, caller.workspaceId, params.userId),
        );
        if (!wasThere) throw noSuchUser(params.userId);
        return { json: undefined };
      },
    ),
  ];
}

function userOf({
  id,
  name: called,
  email: address,
  role: is,
  createdAt,
  disabledAt,
}: UserRow): z.input<typeof user> {
  return present({
    ...{ id, name: called, email: address, role: is },
    ...{ createdAt: createdAt.toISOString(), disabledAt: timeText(disabledAt) },
  });
}
