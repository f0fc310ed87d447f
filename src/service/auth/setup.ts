/** The first person of a service, and whoever signs in: sessions and the link that is used once. */
import type { Database, Orm } from '../../database/database.js';
import {
  countUsers,
  insertOneTimeToken,
  insertSession,
  insertUser,
  type UserRow,
  useOneTimeToken,
} from '../../records/store/access.js';
import { insertWorkspace, listWorkspaces } from '../../records/store/workspaces.js';
import { hashOf, newSecret } from './secrets.js';
import { SESSION_IDLE_MS } from './session-cookie.js';

const KIND = 'setup';
const VALID_MS = 15 * 60_000;

/** Whether the service has been set up. */
export async function hasPeople({ orm }: Database): Promise<boolean> {
  return (await countUsers(orm)) > 0;
}

/** The secret of a link that makes the first person: it is valid once, and for 15 minutes. */
export async function newSetupToken(database: Database): Promise<string> {
  const token = newSecret();
  await insertOneTimeToken(database.orm, {
    hash: hashOf(token),
    kind: KIND,
    expiresAt: new Date(Date.now() + VALID_MS),
  });
  return token;
}

/** Uses the link: makes the owner, and the workspace where there is none. Undefined for a link that is not valid. */
export async function useSetupToken(tx: Orm, token: string, name: string): Promise<UserRow | undefined> {
  if ((await useOneTimeToken(tx, KIND, hashOf(token))) === undefined) return undefined;
  if ((await countUsers(tx)) > 0) return undefined;
  const [workspace] = await listWorkspaces(tx);
  const { id: workspaceId } = workspace ?? (await insertWorkspace(tx, { name: 'Parley' }));
  return insertUser(tx, { workspaceId, name, role: 'owner' });
}

/** Signs somebody in: the secret for their cookie, of which the database has the hash. */
export async function signIn(tx: Orm, userId: string, userAgent: string): Promise<string> {
  const secret = newSecret();
  await insertSession(tx, {
    ...{ hash: hashOf(secret), userId, userAgent: userAgent.slice(0, 200) },
    expiresAt: new Date(Date.now() + SESSION_IDLE_MS),
  });
  return secret;
}
