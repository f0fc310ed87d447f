/** Processes that run meetings, each seen a moment ago or gone. */
import { and, eq, isNotNull, ne, sql } from 'drizzle-orm';
import type { Orm } from '../../database/database.js';
import { type WorkerDrain, workers } from '../../database/schema.js';

export type WorkerRow = typeof workers.$inferSelect;
/** What a worker tells of itself. */
export type SeenWorker = Omit<WorkerRow, 'startedAt' | 'seenAt' | 'drain'>;

/** A worker begins, or begins anew: what was asked of the process before it is over. */
export async function beginWorker(tx: Orm, worker: SeenWorker): Promise<WorkerRow> {
  const [row] = await tx
    .insert(workers)
    .values(worker)
    .onConflictDoUpdate({
      target: workers.id,
      set: { ...worker, drain: null, startedAt: sql`now()`, seenAt: sql`now()` },
    })
    .returning();
  return row!;
}

/** A worker shows that it lives, and how busy it is. One that was asked to take no more meetings stays so: see its row. */
export async function seeWorker(tx: Orm, worker: SeenWorker): Promise<WorkerRow> {
  const { id, state, ...facts } = worker;
  const kept = sql`case when ${workers.drain} is not null and ${state}::text <> 'gone' then 'draining' else ${state}::text end`;
  const [row] = await tx
    .insert(workers)
    .values(worker)
    .onConflictDoUpdate({ target: workers.id, set: { id, ...facts, state: kept, seenAt: sql`now()` } })
    .returning();
  return row!;
}

export async function findWorker(orm: Orm, id: string): Promise<WorkerRow | undefined> {
  const [row] = await orm.select().from(workers).where(eq(workers.id, id));
  return row;
}

export async function listWorkers(orm: Orm): Promise<WorkerRow[]> {
  return orm.select().from(workers).orderBy(workers.id);
}

/** Takes back that a worker was asked to empty itself; undefined where it was not asked, or is gone. */
export async function takeBackDrain(tx: Orm, id: string): Promise<WorkerRow | undefined> {
  const [row] = await tx
    .update(workers)
    .set({ state: 'running', drain: null })
    .where(and(eq(workers.id, id), ne(workers.state, 'gone'), isNotNull(workers.drain)))
    .returning();
  return row;
}

/** Asks a worker to empty itself, once more where it was asked before; undefined where there is none, or it is gone. */
export async function askToDrain(
  tx: Orm,
  id: string,
  { mode, timeoutMs }: Omit<WorkerDrain, 'askedAt'>,
): Promise<WorkerRow | undefined> {
  const drain: WorkerDrain = { mode, timeoutMs, askedAt: new Date().toISOString() };
  const [row] = await tx
    .update(workers)
    .set({ state: 'draining', drain })
    .where(and(eq(workers.id, id), ne(workers.state, 'gone')))
    .returning();
  return row;
}
