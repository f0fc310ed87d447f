/** Webhooks: where events are sent, how that went, and sending again. */
import { z } from 'zod';
import type { Orm } from '../../../database/database.js';
import { findOutboxEvent } from '../../../records/store/outbox.js';
import {
  attemptsOf,
  deleteWebhook,
  type DeliveryOfWebhook,
  findWebhook,
  insertWebhook,
  keepDelivery,
  listDeliveries,
  listWebhooks,
  rotateWebhook,
  updateWebhook,
  type WebhookRow,
} from '../../../records/store/webhooks.js';
import { addTestEvent } from '../../webhooks/test-event.js';
import { newWebhookSecret } from '../../../outgoing/signature.js';
import { audited } from '../../auth/audited.js';
import type { ServiceParts } from '../../service-parts.js';
import { WEBHOOK_EVENTS } from '../bots/bot-schemas.js';
import { present, timeText } from '../bots/bot-views.js';
import { pageFrom, pageOf, pageQuery, readCursor } from '../cursors.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';
import { checkWebhookUrls } from './webhook-urls.js';

const TAG = 'Webhooks';
const ROTATION_MS = 24 * 3_600_000;
const url = z.string().min(1).max(2_048).meta({ description: 'https, and public.' });
const events = z.array(z.enum(WEBHOOK_EVENTS)).max(WEBHOOK_EVENTS.length).meta({
  description: 'Which events; empty: all but `caption.final` and `webhook.test`.',
});
const webhook = z
  .object({
    ...{ id: z.string(), url: z.string(), events: z.array(z.string()), createdAt: z.string() },
    ...{
      failingSince: z.string().optional(),
      disabledAt: z.string().optional(),
      disabledReason: z.string().optional(),
    },
  })
  .meta({ id: 'Webhook' });
const withSecret = webhook
  .extend({ secret: z.string().meta({ description: 'whsec_…, for Standard Webhooks: shown once.' }) })
  .meta({ id: 'NewWebhook' });
const delivery = z
  .object({
    event: z.string().meta({ description: 'The `webhook-id`: the same at every try.' }),
    ...{ type: z.string(), attempt: z.int(), at: z.string() },
    state: z.enum(['waiting', 'delivered', 'failed', 'given_up']),
    ...{ status: z.int().optional(), durationMs: z.int().optional(), nextAt: z.string().optional() },
    response: z.string().meta({ description: 'The first 500 bytes of the answer, or what went wrong.' }),
  })
  .meta({ id: 'Delivery' });
const webhookPath = z.strictObject({ webhookId: z.string().regex(/^wh_[\w-]{1,64}$/) });

export function webhookRoutes(parts: ServiceParts): Route[] {
  const { database, secrets, webhookGuard } = parts;
  const found = async (workspaceId: string, id: string): Promise<WebhookRow> => {
    const row = await findWebhook(database.orm, workspaceId, id);
    if (row === undefined) throw noSuchWebhook(id);
    return row;
  };
  return [
    route(
      {
        ...{ method: 'GET', path: '/v1/webhooks', id: 'listWebhooks', tag: TAG, scope: 'admin' },
        ...{ summary: 'Lists the workspace’s webhooks', answer: z.object({ data: z.array(webhook) }) },
      },
      async ({ caller }) => ({
        json: { data: (await listWebhooks(database.orm, caller.workspaceId)).map(webhookOf) },
      }),
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/webhooks',
          id: 'createWebhook',
          tag: TAG,
          scope: 'admin',
          status: 201,
        },
        ...{ summary: 'Adds a webhook; its secret is shown once', answer: withSecret, secretAnswer: true },
        body: z.strictObject({ url, events: events.default([]) }),
      },
      async (call) => {
        const { caller, body } = call;
        checkWebhookUrls([body], webhookGuard, () => 'url');
        const secret = newWebhookSecret();
        const row = await audited(parts, call, { action: 'webhook.create', target: body.url }, (tx) =>
          insertWebhook(tx, { ...body, workspaceId: caller.workspaceId, secret: secrets.seal(secret) }),
        );
        return { headers: { location: `/v1/webhooks/${row.id}` }, json: { ...webhookOf(row), secret } };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/webhooks/{webhookId}', id: 'getWebhook', tag: TAG, scope: 'admin' },
        ...{ summary: 'Reads a webhook', params: webhookPath, answer: webhook },
      },
      async ({ caller, params }) => ({ json: webhookOf(await found(caller.workspaceId, params.webhookId)) }),
    ),
    route(
      {
        ...{
          method: 'PATCH',
          path: '/v1/webhooks/{webhookId}',
          id: 'changeWebhook',
          tag: TAG,
          scope: 'admin',
        },
        ...{ summary: 'Changes a webhook, or switches it on again', params: webhookPath, answer: webhook },
        body: z
          .strictObject({ url: url.optional(), events: events.optional(), disabled: z.boolean().optional() })
          .refine((change) => Object.keys(change).length > 0, 'changes nothing: name at least one field'),
      },
      async (call) => {
        const { caller, params, body } = call;
        if (body.url !== undefined) checkWebhookUrls([{ url: body.url }], webhookGuard, () => 'url');
        const { disabled } = body;
        const change = {
          ...present({ url: body.url, events: body.events }),
          ...(disabled === undefined
            ? {}
            : disabled
              ? { disabledAt: new Date(), disabledReason: 'switched off' }
              : ON),
        };
        const row = await audited(parts, call, { action: 'webhook.change', target: params.webhookId }, (tx) =>
          updateWebhook(tx, caller.workspaceId, params.webhookId, change),
        );
        if (row === undefined) throw noSuchWebhook(params.webhookId);
        return { json: webhookOf(row) };
      },
    ),
    route(
      {
        ...{
          method: 'DELETE',
          path: '/v1/webhooks/{webhookId}',
          id: 'deleteWebhook',
          tag: TAG,
          scope: 'admin',
        },
        ...{ summary: 'Deletes a webhook, with the history of its deliveries', params: webhookPath },
      },
      async (call) => {
        const { caller, params } = call;
        const wasThere = await audited(
          parts,
          call,
          { action: 'webhook.delete', target: params.webhookId },
          (tx) => deleteWebhook(tx, caller.workspaceId, params.webhookId),
        );
        if (!wasThere) throw noSuchWebhook(params.webhookId);
        return { json: undefined };
      },
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/webhooks/{webhookId}/rotate',
          id: 'rotateWebhook',
          tag: TAG,
          scope: 'admin',
        },
        summary: 'Makes a new secret; for a day both sign',
        ...{ params: webhookPath, answer: withSecret, secretAnswer: true },
      },
      async (call) => {
        const { caller, params } = call;
        const secret = newWebhookSecret();
        const until = new Date(Date.now() + ROTATION_MS);
        const row = await audited(parts, call, { action: 'webhook.rotate', target: params.webhookId }, (tx) =>
          rotateWebhook(tx, caller.workspaceId, params.webhookId, secrets.seal(secret), until),
        );
        if (row === undefined) throw noSuchWebhook(params.webhookId);
        return { json: { ...webhookOf(row), secret } };
      },
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/webhooks/{webhookId}/test',
          id: 'testWebhook',
          tag: TAG,
          scope: 'admin',
        },
        ...{ summary: 'Sends a `webhook.test` event', params: webhookPath, status: 202 },
        answer: z.object({ event: z.string() }),
      },
      async ({ caller, params }) => {
        const row = await found(caller.workspaceId, params.webhookId);
        const event = await database.transaction((tx) => addTestEvent(tx, row));
        parts.wakeSender();
        return { json: { event } };
      },
    ),
    route(
      {
        ...{
          method: 'GET',
          path: '/v1/webhooks/{webhookId}/deliveries',
          id: 'listDeliveries',
          tag: TAG,
          scope: 'admin',
        },
        summary: 'Every try, the newest first',
        ...{ params: webhookPath, query: z.strictObject(pageQuery), answer: pageOf(delivery) },
      },
      async ({ caller, params, query }) => {
        const row = await found(caller.workspaceId, params.webhookId);
        const { limit, cursor } = query;
        const [beforeMs] =
          cursor === undefined ? [] : readCursor(cursor, z.tuple([z.int().min(0).max(8.64e15)]));
        const rows = await listDeliveries(database.orm, row.id, {
          limit: limit + 1,
          ...(beforeMs === undefined ? {} : { before: new Date(beforeMs) }),
        });
        const { page, next } = pageFrom(rows, limit, ({ at }) => [at.getTime()]);
        return { json: { data: page.map(deliveryOf), ...next } };
      },
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/webhooks/{webhookId}/deliveries/{eventId}/redeliver',
          id: 'redeliver',
          tag: TAG,
        },
        ...{ scope: 'admin', status: 202, summary: 'Sends an event again, under the same id' },
        params: webhookPath.extend({ eventId: z.string().regex(/^evt_[\w-]{1,64}$/) }),
        answer: z.object({ event: z.string(), attempt: z.int() }),
      },
      async ({ caller, params }) => {
        const row = await found(caller.workspaceId, params.webhookId);
        const attempt = await database.transaction((tx) => again(tx, row, params.eventId));
        parts.wakeSender();
        return { json: { event: params.eventId, attempt } };
      },
    ),
  ];
}

const ON = { disabledAt: null, disabledReason: null, failingSince: null } as const;

async function again(tx: Orm, webhookRow: WebhookRow, eventId: string): Promise<number> {
  const event = await findOutboxEvent(tx, webhookRow.workspaceId, eventId);
  const tries = event === undefined ? [] : await attemptsOf(tx, eventId, webhookRow.id);
  const last = tries.at(-1);
  if (last === undefined) throw new Problem('not_found', `there is no event ${eventId} for this webhook`);
  const { webhookId } = last;
  const attempt = last.state === 'waiting' ? last.attempt : last.attempt + 1;
  await keepDelivery(tx, { outboxId: eventId, webhookId, attempt, state: 'waiting', nextAt: new Date() });
  return attempt;
}

function noSuchWebhook(id: string): Problem {
  return new Problem('not_found', `there is no webhook ${id} in this workspace`);
}

function webhookOf(row: WebhookRow): z.input<typeof webhook> {
  const { id, url: to, events: wanted, createdAt, disabledReason } = row;
  return present({
    ...{ id, url: to, events: wanted, createdAt: createdAt.toISOString(), disabledReason },
    ...{ failingSince: timeText(row.failingSince), disabledAt: timeText(row.disabledAt) },
  });
}

function deliveryOf(row: DeliveryOfWebhook): z.input<typeof delivery> {
  const { outboxId, type, attempt, at, state, status, durationMs, nextAt, response } = row;
  return present({
    ...{ event: outboxId, type, attempt, at: at.toISOString(), state, status, durationMs, response },
    nextAt: timeText(nextAt),
  });
}
