/** What meetings used, and what it costs by the table of prices: estimates. */
import { and, eq, gte, lt, sql } from 'drizzle-orm';
import type { Orm } from '../../database/database.js';
import { bots, usage } from '../../database/schema.js';

export type UsageRow = typeof usage.$inferSelect;

/** What a process used until now, all of it: totals, so that saying it twice counts once. */
export async function keepUsage(
  tx: Orm,
  of: { botId: string; epoch: number },
  totals: readonly { model: string; kind: string; units: number; usd: number }[],
): Promise<void> {
  for (const { model, kind, units, usd } of totals) {
    await tx
      .insert(usage)
      .values({ ...of, model, kind, units, usd })
      .onConflictDoUpdate({
        target: [usage.botId, usage.epoch, usage.model, usage.kind],
        set: { units, usd, at: sql`now()` },
        setWhere: sql`${usage.units} <= excluded.units`,
      });
  }
}

/** Something was used beside what processes tell in totals: it is added to what was used before. */
export async function addUsage(
  tx: Orm,
  of: { botId: string; epoch: number },
  { model, kind, units, usd }: { model: string; kind: string; units: number; usd: number },
): Promise<void> {
  await tx
    .insert(usage)
    .values({ ...of, model, kind, units, usd })
    .onConflictDoUpdate({
      target: [usage.botId, usage.epoch, usage.model, usage.kind],
      set: {
        units: sql`${usage.units} + excluded.units`,
        usd: sql`${usage.usd} + excluded.usd`,
        at: sql`now()`,
      },
    });
}

/** What a meeting used, by model and kind, over all processes. */
export async function usageOfBot(
  orm: Orm,
  botId: string,
): Promise<{ model: string; kind: string; units: number; usd: number }[]> {
  return orm
    .select({
      model: usage.model,
      kind: usage.kind,
      units: sql<number>`sum(${usage.units})::float8`,
      usd: sql<number>`sum(${usage.usd})::float8`,
    })
    .from(usage)
    .where(eq(usage.botId, botId))
    .groupBy(usage.model, usage.kind)
    .orderBy(usage.model, usage.kind);
}

export type UsageSum = { of: string; bots: number; units: number; usd: number };

/** What a workspace used from a time on, before another, added up by day (UTC), by model or by bot. */
export async function usageOfWorkspace(
  orm: Orm,
  workspaceId: string,
  { from, to, by }: { from: Date; to: Date; by: 'day' | 'model' | 'bot' },
): Promise<UsageSum[]> {
  const of = {
    day: sql<string>`to_char(${usage.at} at time zone 'UTC', 'YYYY-MM-DD')`,
    model: sql<string>`${usage.model}`,
    bot: sql<string>`${usage.botId}`,
  }[by];
  return orm
    .select({
      of,
      bots: sql<number>`count(distinct ${usage.botId})::int`,
      units: sql<number>`sum(${usage.units})::float8`,
      usd: sql<number>`sum(${usage.usd})::float8`,
    })
    .from(usage)
    .innerJoin(bots, eq(bots.id, usage.botId))
    .where(and(eq(bots.workspaceId, workspaceId), gte(usage.at, from), lt(usage.at, to)))
    .groupBy(sql`1`)
    .orderBy(sql`1`);
}
