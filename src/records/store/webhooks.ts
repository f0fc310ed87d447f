/** Where events are sent, and every try to send one. */
import { and, desc, eq, isNull, lt, or, sql } from 'drizzle-orm';
import type { Orm } from '../../database/database.js';
import { deliveries, outbox, webhooks } from '../../database/schema.js';
import { newId } from '../../ids.js';

export type WebhookRow = typeof webhooks.$inferSelect;
export type DeliveryRow = typeof deliveries.$inferSelect;

export async function insertWebhook(
  tx: Orm,
  webhook: Pick<WebhookRow, 'workspaceId' | 'url' | 'events' | 'secret'> & Partial<Pick<WebhookRow, 'botId'>>,
): Promise<WebhookRow> {
  const [row] = await tx
    .insert(webhooks)
    .values({ ...webhook, id: newId('wh') })
    .returning();
  return row!;
}

export async function findWebhook(
  orm: Orm,
  workspaceId: string,
  id: string,
): Promise<WebhookRow | undefined> {
  const [row] = await orm
    .select()
    .from(webhooks)
    .where(and(eq(webhooks.id, id), eq(webhooks.workspaceId, workspaceId)));
  return row;
}

/** A workspace's own, without those of a single bot. */
export async function listWebhooks(orm: Orm, workspaceId: string): Promise<WebhookRow[]> {
  return orm
    .select()
    .from(webhooks)
    .where(and(eq(webhooks.workspaceId, workspaceId), isNull(webhooks.botId)))
    .orderBy(webhooks.id);
}

/** Those that get the events of a bot: the workspace's and its own, unless they are disabled. */
export async function listWebhooksFor(
  orm: Orm,
  workspaceId: string,
  botId: string | null,
): Promise<WebhookRow[]> {
  return orm
    .select()
    .from(webhooks)
    .where(
      and(
        eq(webhooks.workspaceId, workspaceId),
        isNull(webhooks.disabledAt),
        botId === null ? isNull(webhooks.botId) : or(isNull(webhooks.botId), eq(webhooks.botId, botId)),
      ),
    )
    .orderBy(webhooks.id);
}

/** Undefined where the workspace has no such webhook. */
export async function updateWebhook(
  tx: Orm,
  workspaceId: string,
  id: string,
  change: Partial<Pick<WebhookRow, 'url' | 'events' | 'disabledAt' | 'disabledReason' | 'failingSince'>>,
): Promise<WebhookRow | undefined> {
  const [row] = await tx
    .update(webhooks)
    .set({ id, ...change })
    .where(and(eq(webhooks.id, id), eq(webhooks.workspaceId, workspaceId)))
    .returning();
  return row;
}

/** Signs with a new secret from now on, and with the old one as well until `previousUntil`. */
export async function rotateWebhook(
  tx: Orm,
  workspaceId: string,
  id: string,
  secret: string,
  previousUntil: Date,
): Promise<WebhookRow | undefined> {
  const [row] = await tx
    .update(webhooks)
    .set({ previousSecret: sql`${webhooks.secret}`, previousSecretUntil: previousUntil, secret })
    .where(and(eq(webhooks.id, id), eq(webhooks.workspaceId, workspaceId)))
    .returning();
  return row;
}

/** With the history of its deliveries. Whether there was one. */
export async function deleteWebhook(tx: Orm, workspaceId: string, id: string): Promise<boolean> {
  const rows = await tx
    .delete(webhooks)
    .where(and(eq(webhooks.id, id), eq(webhooks.workspaceId, workspaceId)))
    .returning({ id: webhooks.id });
  return rows.length > 0;
}

/** Plans a try, or says what became of one. */
export async function keepDelivery(
  tx: Orm,
  delivery: Pick<DeliveryRow, 'outboxId' | 'webhookId' | 'attempt' | 'state'> &
    Partial<Pick<DeliveryRow, 'status' | 'durationMs' | 'response' | 'nextAt'>>,
): Promise<void> {
  const { state, status = null, durationMs = null, response = '', nextAt = null } = delivery;
  const facts = { state, status, durationMs, response, nextAt };
  await tx
    .insert(deliveries)
    .values({ ...delivery, ...facts })
    .onConflictDoUpdate({
      target: [deliveries.outboxId, deliveries.webhookId, deliveries.attempt],
      set: { ...facts, at: sql`now()` },
    });
}

/** Takes tries whose time has come: others get further ones, until the transaction ends. */
export async function takeDueDeliveries(tx: Orm, limit: number): Promise<DeliveryRow[]> {
  return tx
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.state, 'waiting'), sql`${deliveries.nextAt} <= now()`))
    .orderBy(deliveries.nextAt)
    .limit(limit)
    .for('update', { skipLocked: true });
}

export type DeliveryOfWebhook = DeliveryRow & { type: string };

/** A webhook's tries, the newest first; `before` is the time of the last one of the page before. */
export async function listDeliveries(
  orm: Orm,
  webhookId: string,
  { limit, before }: { limit: number; before?: Date },
): Promise<DeliveryOfWebhook[]> {
  const rows = await orm
    .select({ delivery: deliveries, type: outbox.type })
    .from(deliveries)
    .innerJoin(outbox, eq(outbox.id, deliveries.outboxId))
    .where(
      and(eq(deliveries.webhookId, webhookId), before === undefined ? undefined : lt(deliveries.at, before)),
    )
    .orderBy(desc(deliveries.at))
    .limit(limit);
  return rows.map(({ delivery, type }) => ({ ...delivery, type }));
}

/** Every try of one event at one webhook, in order. */
export async function attemptsOf(orm: Orm, outboxId: string, webhookId: string): Promise<DeliveryRow[]> {
  return orm
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.outboxId, outboxId), eq(deliveries.webhookId, webhookId)))
    .orderBy(deliveries.attempt);
}
