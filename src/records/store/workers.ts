/** Processes that run meetings, each seen a moment ago or gone. */
import { eq, sql } from 'drizzle-orm';
import type { Orm } from '../../database/database.js';
import { workers } from '../../database/schema.js';

export type WorkerRow = typeof workers.$inferSelect;

/** A worker shows that it lives, and how busy it is. One that was asked to take no more meetings stays so: see its row. */
export async function seeWorker(
  tx: Orm,
  worker: Omit<WorkerRow, 'startedAt' | 'seenAt'>,
): Promise<WorkerRow> {
  const { id, state, ...facts } = worker;
  const kept = sql`case when ${workers.state} = 'draining' and ${state}::text <> 'gone' then 'draining' else ${state}::text end`;
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

/** Asks a worker to take no more meetings, or says that it is gone; undefined where there is none. */
export async function setWorkerState(
  tx: Orm,
  id: string,
  state: WorkerRow['state'],
): Promise<WorkerRow | undefined> {
  const [row] = await tx.update(workers).set({ state }).where(eq(workers.id, id)).returning();
  return row;
}
