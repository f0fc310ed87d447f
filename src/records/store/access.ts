/** Who may do what: keys, people who sign in, their sessions and passkeys. Of secrets only hashes come here. */
import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm';
import type { Orm } from '../../database/database.js';
import { apiKeys, oneTimeTokens, passkeys, sessions, users } from '../../database/schema.js';
import { newId } from '../../ids.js';

export type ApiKeyRow = typeof apiKeys.$inferSelect;
export type UserRow = typeof users.$inferSelect;
export type PasskeyRow = typeof passkeys.$inferSelect;
export type SessionRow = typeof sessions.$inferSelect;
export type OneTimeTokenRow = typeof oneTimeTokens.$inferSelect;

export async function insertApiKey(
  tx: Orm,
  key: Pick<ApiKeyRow, 'workspaceId' | 'name' | 'prefix' | 'hash' | 'scopes'> &
    Partial<Pick<ApiKeyRow, 'id' | 'createdBy' | 'expiresAt'>>,
): Promise<ApiKeyRow> {
  const [row] = await tx
    .insert(apiKeys)
    .values({ ...key, id: key.id ?? newId('key') })
    .returning();
  return row!;
}

/** The key with this hash, unless it was revoked or has expired. */
export async function findValidApiKey(orm: Orm, hash: string): Promise<ApiKeyRow | undefined> {
  const [row] = await orm
    .select()
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.hash, hash),
        isNull(apiKeys.revokedAt),
        or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, sql`now()`)),
      ),
    );
  return row;
}

export async function touchApiKey(tx: Orm, id: string): Promise<void> {
  await tx
    .update(apiKeys)
    .set({ lastUsedAt: sql`now()` })
    .where(eq(apiKeys.id, id));
}

/** In the order in which they were made, those that hold no more included. */
export async function listApiKeys(orm: Orm, workspaceId: string): Promise<ApiKeyRow[]> {
  return orm.select().from(apiKeys).where(eq(apiKeys.workspaceId, workspaceId)).orderBy(apiKeys.id);
}

export async function findApiKey(orm: Orm, workspaceId: string, id: string): Promise<ApiKeyRow | undefined> {
  const [row] = await orm
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), eq(apiKeys.workspaceId, workspaceId)));
  return row;
}

/** Undefined where the workspace has no such key, or it was revoked. */
export async function updateApiKey(
  tx: Orm,
  workspaceId: string,
  id: string,
  change: Partial<Pick<ApiKeyRow, 'name' | 'scopes' | 'expiresAt'>>,
): Promise<ApiKeyRow | undefined> {
  const [row] = await tx
    .update(apiKeys)
    .set({ id, ...change })
    .where(and(eq(apiKeys.id, id), eq(apiKeys.workspaceId, workspaceId), isNull(apiKeys.revokedAt)))
    .returning();
  return row;
}

/** Undefined where the workspace has no such key. A key that was revoked stays so. */
export async function revokeApiKey(tx: Orm, workspaceId: string, id: string): Promise<ApiKeyRow | undefined> {
  const [row] = await tx
    .update(apiKeys)
    .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, now())` })
    .where(and(eq(apiKeys.id, id), eq(apiKeys.workspaceId, workspaceId)))
    .returning();
  return row;
}

export async function insertUser(
  tx: Orm,
  user: Pick<UserRow, 'workspaceId' | 'name' | 'role'> &
    Partial<Pick<UserRow, 'email' | 'oidcIssuer' | 'oidcSubject'>>,
): Promise<UserRow> {
  const [row] = await tx
    .insert(users)
    .values({ ...user, email: user.email?.toLowerCase() ?? null, id: newId('usr') })
    .returning();
  return row!;
}

export async function findUser(orm: Orm, id: string): Promise<UserRow | undefined> {
  const [row] = await orm.select().from(users).where(eq(users.id, id));
  return row;
}

/** Who an OpenID provider says that they are. */
export async function findOidcUser(orm: Orm, issuer: string, subject: string): Promise<UserRow | undefined> {
  const [row] = await orm
    .select()
    .from(users)
    .where(and(eq(users.oidcIssuer, issuer), eq(users.oidcSubject, subject)));
  return row;
}

/** Addresses are kept in small letters. */
export async function findUserByEmail(
  orm: Orm,
  workspaceId: string,
  email: string,
): Promise<UserRow | undefined> {
  const [row] = await orm
    .select()
    .from(users)
    .where(and(eq(users.workspaceId, workspaceId), eq(users.email, email.toLowerCase())));
  return row;
}

export async function listUsers(orm: Orm, workspaceId: string): Promise<UserRow[]> {
  return orm.select().from(users).where(eq(users.workspaceId, workspaceId)).orderBy(users.id);
}

/** The owner of the service: the first who is one and may come in. */
export async function findOwner(orm: Orm): Promise<UserRow | undefined> {
  const [row] = await orm
    .select()
    .from(users)
    .where(and(eq(users.role, 'owner'), isNull(users.disabledAt)))
    .orderBy(users.id)
    .limit(1);
  return row;
}

export async function countUsers(orm: Orm): Promise<number> {
  return orm.$count(users);
}

/** Undefined where the workspace has no such user. Who is disabled is signed out everywhere. */
export async function updateUser(
  tx: Orm,
  workspaceId: string,
  id: string,
  change: Partial<Pick<UserRow, 'name' | 'email' | 'role' | 'oidcIssuer' | 'oidcSubject' | 'disabledAt'>>,
): Promise<UserRow | undefined> {
  const [row] = await tx
    .update(users)
    .set({ id, ...change })
    .where(and(eq(users.id, id), eq(users.workspaceId, workspaceId)))
    .returning();
  if (row !== undefined && row.disabledAt !== null) await tx.delete(sessions).where(eq(sessions.userId, id));
  return row;
}

/** With their sessions and passkeys. Whether there was one. */
export async function deleteUser(tx: Orm, workspaceId: string, id: string): Promise<boolean> {
  const rows = await tx
    .delete(users)
    .where(and(eq(users.id, id), eq(users.workspaceId, workspaceId)))
    .returning({ id: users.id });
  return rows.length > 0;
}

export async function insertPasskey(
  tx: Orm,
  passkey: Pick<PasskeyRow, 'id' | 'userId' | 'publicKey' | 'counter' | 'transports' | 'name'>,
): Promise<void> {
  await tx.insert(passkeys).values(passkey);
}

export async function findPasskey(orm: Orm, id: string): Promise<PasskeyRow | undefined> {
  const [row] = await orm.select().from(passkeys).where(eq(passkeys.id, id));
  return row;
}

export async function listPasskeys(orm: Orm, userId: string): Promise<PasskeyRow[]> {
  return orm.select().from(passkeys).where(eq(passkeys.userId, userId)).orderBy(passkeys.createdAt);
}

/** It was used; its counter must grow, unless it counts nothing. Whether it did: a copy of a passkey shows here. */
export async function usePasskey(tx: Orm, id: string, counter: number): Promise<boolean> {
  const rows = await tx
    .update(passkeys)
    .set({ counter, lastUsedAt: sql`now()` })
    .where(
      and(
        eq(passkeys.id, id),
        or(lt(passkeys.counter, counter), and(eq(passkeys.counter, 0), sql`${counter}::int = 0`)),
      ),
    )
    .returning({ id: passkeys.id });
  return rows.length > 0;
}

/** Whether the user had it. */
export async function deletePasskey(tx: Orm, userId: string, id: string): Promise<boolean> {
  const rows = await tx
    .delete(passkeys)
    .where(and(eq(passkeys.id, id), eq(passkeys.userId, userId)))
    .returning({ id: passkeys.id });
  return rows.length > 0;
}

export async function insertSession(
  tx: Orm,
  session: Pick<SessionRow, 'hash' | 'userId' | 'expiresAt' | 'userAgent'>,
): Promise<void> {
  await tx.insert(sessions).values(session);
}

/** A session that has not expired, and whose user is not disabled. */
export async function findSession(
  orm: Orm,
  hash: string,
): Promise<{ session: SessionRow; user: UserRow } | undefined> {
  const [row] = await orm
    .select({ session: sessions, user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.hash, hash), gt(sessions.expiresAt, sql`now()`), isNull(users.disabledAt)));
  return row;
}

/** It was used: it lasts until `expiresAt` now. */
export async function prolongSession(tx: Orm, hash: string, expiresAt: Date): Promise<void> {
  await tx
    .update(sessions)
    .set({ seenAt: sql`now()`, expiresAt })
    .where(eq(sessions.hash, hash));
}

export async function deleteSession(tx: Orm, hash: string): Promise<void> {
  await tx.delete(sessions).where(eq(sessions.hash, hash));
}

export async function deleteSessionsOf(tx: Orm, userId: string): Promise<void> {
  await tx.delete(sessions).where(eq(sessions.userId, userId));
}

export async function insertOneTimeToken(
  tx: Orm,
  token: Pick<OneTimeTokenRow, 'hash' | 'kind' | 'expiresAt'> & Partial<Pick<OneTimeTokenRow, 'detail'>>,
): Promise<void> {
  await tx.insert(oneTimeTokens).values(token);
}

/** A token that holds still, without using it up. */
export async function findOneTimeToken(
  orm: Orm,
  kind: string,
  hash: string,
): Promise<OneTimeTokenRow | undefined> {
  const [row] = await orm.select().from(oneTimeTokens).where(holds(kind, hash));
  return row;
}

/** Uses a token up: of those who do so at the same time, one gets it. */
export async function useOneTimeToken(
  tx: Orm,
  kind: string,
  hash: string,
): Promise<OneTimeTokenRow | undefined> {
  const [row] = await tx
    .update(oneTimeTokens)
    .set({ usedAt: sql`now()` })
    .where(holds(kind, hash))
    .returning();
  return row;
}

function holds(kind: string, hash: string) {
  return and(
    eq(oneTimeTokens.hash, hash),
    eq(oneTimeTokens.kind, kind),
    isNull(oneTimeTokens.usedAt),
    gt(oneTimeTokens.expiresAt, sql`now()`),
  );
}

/** Sessions and tokens that have expired are deleted. */
export async function forgetExpired(tx: Orm): Promise<void> {
  await tx.delete(sessions).where(lt(sessions.expiresAt, sql`now()`));
  await tx.delete(oneTimeTokens).where(lt(oneTimeTokens.expiresAt, sql`now() - interval '1 day'`));
}
