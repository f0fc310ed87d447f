import type { Orm } from '../../database/database.js';
import { outbox } from '../../database/schema.js';
import { newId } from '../../ids.js';
import { keepDelivery, type WebhookRow } from '../../records/store/webhooks.js';

/** Adds a `webhook.test` event for one webhook alone; resolves to its id. */
export async function addTestEvent(tx: Orm, { id: webhookId, workspaceId }: WebhookRow): Promise<string> {
  const id = newId('evt');
  const type = 'webhook.test';
  const body = { type, timestamp: new Date().toISOString(), data: { webhook: { id: webhookId } } };
  // Taken already: nobody else is to get it.
  await tx.insert(outbox).values({ id, workspaceId, type, body, takenAt: new Date() });
  await keepDelivery(tx, { outboxId: id, webhookId, attempt: 1, state: 'waiting', nextAt: new Date() });
  return id;
}
