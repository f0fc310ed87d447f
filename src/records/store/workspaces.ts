/** Workspaces, what belongs to the installation as a whole, who did what, and answers for requests that are repeated. */
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import type { Orm } from '../../database/database.js';
import { audit, idempotency, service, workspaces } from '../../database/schema.js';
import { newId } from '../../ids.js';

export type WorkspaceRow = typeof workspaces.$inferSelect;
export type AuditRow = typeof audit.$inferSelect;

export async function insertWorkspace(
  tx: Orm,
  workspace: Pick<WorkspaceRow, 'name'> &
    Partial<Pick<WorkspaceRow, 'id' | 'limits' | 'retentionDays' | 'defaults'>>,
): Promise<WorkspaceRow> {
  const [row] = await tx
    .insert(workspaces)
    .values({ ...workspace, id: workspace.id ?? newId('ws') })
    .returning();
  return row!;
}

export async function findWorkspace(orm: Orm, id: string): Promise<WorkspaceRow | undefined> {
  const [row] = await orm.select().from(workspaces).where(eq(workspaces.id, id));
  return row;
}

/** In the order in which they were made. */
export async function listWorkspaces(orm: Orm): Promise<WorkspaceRow[]> {
  return orm.select().from(workspaces).orderBy(workspaces.id);
}

/** Undefined where there is no such workspace. After a change of its days for keeping, call `applyRetention`. */
export async function updateWorkspace(
  tx: Orm,
  id: string,
  change: Partial<Pick<WorkspaceRow, 'name' | 'limits' | 'retentionDays' | 'defaults'>>,
): Promise<WorkspaceRow | undefined> {
  const [row] = await tx
    .update(workspaces)
    .set({ id, ...change })
    .where(eq(workspaces.id, id))
    .returning();
  return row;
}

/**
 * A value that the installation has once, such as its secret: the one that is there, else the one that `make` makes. Of those
 * who ask at the same time, all get the same.
 */
export async function serviceValue(orm: Orm, key: string, make: () => unknown): Promise<unknown> {
  const find = async (): Promise<{ value: unknown } | undefined> =>
    (await orm.select({ value: service.value }).from(service).where(eq(service.key, key)))[0];
  const known = await find();
  if (known !== undefined) return known.value;
  await orm.insert(service).values({ key, value: make() }).onConflictDoNothing();
  return (await find())?.value;
}

export async function addAudit(tx: Orm, entry: Omit<AuditRow, 'id' | 'at'>): Promise<void> {
  await tx.insert(audit).values({ ...entry, id: newId('aud') });
}

/** The newest first; `after` is the id of the last one of the page before. */
export async function listAudit(
  orm: Orm,
  workspaceId: string,
  { limit, after }: { limit: number; after?: string },
): Promise<AuditRow[]> {
  return orm
    .select()
    .from(audit)
    .where(and(eq(audit.workspaceId, workspaceId), after === undefined ? undefined : lt(audit.id, after)))
    .orderBy(desc(audit.id))
    .limit(limit);
}

/** What is known of a request by its key: it is new, it is being worked on, it was answered, or it was another one. */
export type Repetition =
  | { kind: 'new' }
  | { kind: 'running' }
  | { kind: 'answered'; status: number; response: unknown }
  | { kind: 'other' };

/** Begins a request that carries a key. `requestHash` tells requests apart that should not have the same. */
export async function beginRequest(
  tx: Orm,
  request: { workspaceId: string; key: string; requestHash: string },
): Promise<Repetition> {
  const made = await tx.insert(idempotency).values(request).onConflictDoNothing().returning();
  if (made.length > 0) return { kind: 'new' };
  const [known] = await tx.select().from(idempotency).where(sameRequest(request));
  if (known === undefined) return { kind: 'running' }; // forgotten in this moment
  if (known.requestHash !== request.requestHash) return { kind: 'other' };
  if (known.status === null) return { kind: 'running' };
  return { kind: 'answered', status: known.status, response: known.response };
}

/** Keeps the answer to a request that was begun. */
export async function keepAnswer(
  tx: Orm,
  request: { workspaceId: string; key: string },
  answer: { status: number; response: unknown },
): Promise<void> {
  await tx
    .update(idempotency)
    .set({ status: answer.status, response: answer.response ?? null })
    .where(sameRequest(request));
}

/** A request that came to nothing may be made again. */
export async function abandonRequest(tx: Orm, request: { workspaceId: string; key: string }): Promise<void> {
  await tx.delete(idempotency).where(sameRequest(request));
}

function sameRequest({ workspaceId, key }: { workspaceId: string; key: string }) {
  return and(eq(idempotency.workspaceId, workspaceId), eq(idempotency.key, key));
}

/** Forgets requests that are older than a day. */
export async function forgetRequests(tx: Orm): Promise<void> {
  await tx.delete(idempotency).where(lt(idempotency.createdAt, sql`now() - interval '1 day'`));
}
