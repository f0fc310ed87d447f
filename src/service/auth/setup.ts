/** The first person of a service, and whoever signs in: sessions and the link that is used once. */
import type { Database, Orm } from '../../database/database.js';
import {
  countUsers,
  findOwner,
  findUser,
  insertOneTimeToken,
  insertSession,
  insertUser,
  type OneTimeTokenRow,
  type UserRow,
  useOneTimeToken,
} from '../../records/store/access.js';
import { insertWorkspace, listWorkspaces } from '../../records/store/workspaces.js';
import { hashOf, newSecret } from './secrets.js';
import { SESSION_IDLE_MS } from './session-cookie.js';

const KIND = 'setup';
const SIGN_IN_KIND = 'sign-in link';
const VALID_MS = 15 * 60_000;

/** Whether the service has been set up. */
export async function hasPeople({ orm }: Database): Promise<boolean> {
  return (await countUsers(orm)) > 0;
}

/** The secret of a link that makes the first person: it is valid once, and for 15 minutes. */
export async function newSetupToken(database: Database): Promise<string> {
  return newLinkToken(database, KIND, {});
}

/**
 * The secret of a link that signs the owner in, for whoever runs the service: an owner without a passkey has no other way back.
 * It is valid once, and for 15 minutes. Undefined where nobody owns the service yet.
 */
export async function newSignInToken(database: Database): Promise<string | undefined> {
  const owner = await findOwner(database.orm);
  return owner === undefined ? undefined : newLinkToken(database, SIGN_IN_KIND, { userId: owner.id });
}

async function newLinkToken(
  { orm }: Database,
  kind: string,
  detail: OneTimeTokenRow['detail'],
): Promise<string> {
  const token = newSecret();
  const expiresAt = new Date(Date.now() + VALID_MS);
  await insertOneTimeToken(orm, { hash: hashOf(token), kind, detail, expiresAt });
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

/** Uses a sign-in link: whose it is. Undefined for a link that is not valid, or of somebody who is gone or switched off. */
export async function useSignInToken(tx: Orm, token: string): Promise<UserRow | undefined> {
  const used = await useOneTimeToken(tx, SIGN_IN_KIND, hashOf(token));
  if (used === undefined) return undefined;
  const user = await findUser(tx, (used.detail as { userId: string }).userId);
  return user?.disabledAt === null ? user : undefined;
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
