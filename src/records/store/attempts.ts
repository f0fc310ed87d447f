/** The processes that ran a meeting, one for each claim. */
import { and, eq, sql } from 'drizzle-orm';
import type { Orm } from '../../database/database.js';
import { botAttempts } from '../../database/schema.js';

export type AttemptRow = typeof botAttempts.$inferSelect;

/** What is known of a process; its log is the last of what it printed. */
export type AttemptChange = Partial<
  Pick<AttemptRow, 'pid' | 'exitCode' | 'signal' | 'rssMib' | 'log' | 'journalPath'>
> & { ended?: boolean };

export async function updateAttempt(
  tx: Orm,
  { botId, epoch }: { botId: string; epoch: number },
  { ended, ...change }: AttemptChange,
): Promise<void> {
  await tx
    .update(botAttempts)
    .set({ botId, ...change, ...(ended === true ? { endedAt: sql`now()` } : {}) })
    .where(and(eq(botAttempts.botId, botId), eq(botAttempts.epoch, epoch)));
}

/** In the order in which they began. */
export async function listAttempts(orm: Orm, botId: string): Promise<AttemptRow[]> {
  return orm.select().from(botAttempts).where(eq(botAttempts.botId, botId)).orderBy(botAttempts.epoch);
}
