/** Who somebody is here that a provider vouches for. */
import { z } from 'zod';
import type { Database, Orm } from '../../../database/database.js';
import { sqlState, UNIQUE_VIOLATION } from '../../../database/errors.js';
import {
  findOidcUser,
  findUser,
  findUserByEmail,
  insertUser,
  updateUser,
  type UserRow,
} from '../../../records/store/access.js';
import { addAudit, listWorkspaces } from '../../../records/store/workspaces.js';
import { oneLine } from '../../../text.js';
import { hasPeople, signIn } from '../setup.js';
import type { OidcIdentity } from './oidc-provider.js';
import { type OidcSettings, roleOf } from './oidc-settings.js';
import { SignInRefusal } from './sign-in-refusal.js';

/** By its specification a subject has at most 255 characters of ASCII. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;
const MAX_NAME_CHARS = 100;
const address = z.email().max(254);

/** Signs somebody in: the secret for their cookie. Throws {@link SignInRefusal}. */
export async function signInByOidc(
  database: Database,
  settings: OidcSettings,
  identity: OidcIdentity,
  userAgent: string,
): Promise<string> {
  if (!(await hasPeople(database)))
    throw new SignInRefusal('not_set_up', 'somebody came before the set-up link was used');
  const attempt = (): Promise<string> =>
    database.transaction(async (tx) => {
      const { id } = await memberOf(tx, settings, identity);
      return signIn(tx, id, userAgent);
    });
  try {
    return await attempt();
  } catch (error) {
    // They came twice at once: the other one was first.
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
    return attempt();
  }
}

/** Ties somebody who is signed in to their account. Throws {@link SignInRefusal}. */
export async function tieToOidc(database: Database, identity: OidcIdentity, userId: string): Promise<void> {
  const { issuer, subject } = identity;
  if (!SUBJECT.test(subject)) throw new SignInRefusal('untrusted', 'the subject is none');
  await database.transaction(async (tx) => {
    const holder = await findOidcUser(tx, issuer, subject);
    if (holder !== undefined && holder.id !== userId)
      throw new SignInRefusal('in_use', `the account is that of ${holder.id}`);
    const user = await findUser(tx, userId);
    if (user === undefined) throw new SignInRefusal('expired', 'whoever began it is gone');
    if (holder === undefined) await setAccount(tx, enabled(user), identity);
  });
}

/**
 * The person: known by issuer and subject; else whoever was added with this address, who is tied to the account from now on; else
 * somebody new whose address is allowed. An address that the provider has not verified counts for nothing.
 */
async function memberOf(tx: Orm, settings: OidcSettings, identity: OidcIdentity): Promise<UserRow> {
  const { issuer, subject } = identity;
  if (!SUBJECT.test(subject)) throw new SignInRefusal('untrusted', 'the subject is none');
  const linked = await findOidcUser(tx, issuer, subject);
  if (linked !== undefined) return enabled(linked);
  const email = address.safeParse(identity.email?.toLowerCase()).data;
  if (email === undefined || !identity.isEmailVerified)
    throw new SignInRefusal('unverified', 'the provider names no address, or has not verified it');
  const [workspace] = await listWorkspaces(tx);
  if (workspace === undefined) throw new SignInRefusal('not_set_up', 'there is no workspace');
  const added = await findUserByEmail(tx, workspace.id, email);
  if (added !== undefined) return tie(tx, enabled(added), identity);
  const role = roleOf(settings, email);
  if (role === undefined) throw new SignInRefusal('not_allowed', 'their address is not expected');
  const name = oneLine(identity.name ?? '', MAX_NAME_CHARS);
  const user = await insertUser(tx, {
    ...{ workspaceId: workspace.id, role, email, name: name === '' ? email : name },
    ...{ oidcIssuer: issuer, oidcSubject: subject },
  });
  await written(tx, user, 'user.create', { role });
  return user;
}

function enabled(user: UserRow): UserRow {
  if (user.disabledAt !== null) throw new SignInRefusal('disabled', `${user.id} is disabled`);
  return user;
}

/** Ties somebody who was added to their account. What ties them to another provider is of the past: the service has one. */
async function tie(tx: Orm, user: UserRow, identity: OidcIdentity): Promise<UserRow> {
  if (user.oidcIssuer === identity.issuer)
    throw new SignInRefusal('other_account', `the address of ${user.id} belongs to another account now`);
  return setAccount(tx, user, identity);
}

async function setAccount(tx: Orm, user: UserRow, { issuer, subject }: OidcIdentity): Promise<UserRow> {
  const tied = await updateUser(tx, user.workspaceId, user.id, {
    ...{ oidcIssuer: issuer, oidcSubject: subject },
  });
  await written(tx, user, 'user.link', { issuer });
  return tied!;
}

async function written(
  tx: Orm,
  { id, workspaceId }: UserRow,
  action: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await addAudit(tx, { ...{ workspaceId, actorKind: 'user', actorId: id, action, target: id, detail } });
}
