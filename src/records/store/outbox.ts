/** What others are to be told: written in the transaction in which it became true, taken by whoever delivers it. */
import { and, desc, eq, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { Orm } from '../../database/database.js';
import { outbox } from '../../database/schema.js';
import { newId } from '../../ids.js';

export type OutboxRow = typeof outbox.$inferSelect;

export type NewOutboxEvent = {
  workspaceId: string;
  botId?: string | null;
  seq?: number | null;
  /** Such as `bot.ended`. */
  type: string;
  data: Readonly<Record<string, unknown>>;
};

/** Adds events; the id of each is the one that receivers see, at every try. */
export async function addToOutbox(tx: Orm, events: readonly NewOutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  const timestamp = new Date().toISOString();
  await tx.insert(outbox).values(
    events.map(({ workspaceId, botId = null, seq = null, type, data }) => ({
      ...{ id: newId('evt'), workspaceId, botId, seq, type },
      body: { type, timestamp, data: seq === null ? data : { ...data, seq } },
    })),
  );
}

/** Takes the oldest events that nobody has taken: others get further ones, until the transaction ends and they are taken. */
export async function takeFromOutbox(tx: Orm, limit: number): Promise<OutboxRow[]> {
  const waiting = await tx
    .select({ id: outbox.id })
    .from(outbox)
    .where(isNull(outbox.takenAt))
    .orderBy(outbox.id)
    .limit(limit)
    .for('update', { skipLocked: true });
  if (waiting.length === 0) return [];
  const ids = waiting.map(({ id }) => id);
  const rows = await tx
    .update(outbox)
    .set({ takenAt: sql`now()` })
    .where(inArray(outbox.id, ids))
    .returning();
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

export async function findOutboxEvent(
  orm: Orm,
  workspaceId: string,
  id: string,
): Promise<OutboxRow | undefined> {
  const [row] = await orm
    .select()
    .from(outbox)
    .where(and(eq(outbox.id, id), eq(outbox.workspaceId, workspaceId)));
  return row;
}

/** Events of a workspace, the newest first. */
export async function listOutbox(
  orm: Orm,
  workspaceId: string,
  { limit, after }: { limit: number; after?: string },
): Promise<OutboxRow[]> {
  return orm
    .select()
    .from(outbox)
    .where(and(eq(outbox.workspaceId, workspaceId), after === undefined ? undefined : lt(outbox.id, after)))
    .orderBy(desc(outbox.id))
    .limit(limit);
}

/** How old the oldest event is that nobody has taken; undefined where there is none. */
export async function outboxAgeMs(orm: Orm): Promise<number | undefined> {
  const [row] = await orm
    .select({
      ageMs: sql<number | null>`(extract(epoch from now() - min(${outbox.createdAt})) * 1000)::float8`,
    })
    .from(outbox)
    .where(isNull(outbox.takenAt));
  return row?.ageMs ?? undefined;
}
