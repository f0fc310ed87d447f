import { eq } from 'drizzle-orm';
import type { Clock, TimerHandle } from '../../clock.js';
import type { Database, Orm } from '../../database/database.js';
import { isDatabaseAway } from '../../database/errors.js';
import { webhooks } from '../../database/schema.js';
import type { Logger } from '../../log.js';
import { findOutboxEvent, type OutboxRow, takeFromOutbox } from '../../records/store/outbox.js';
import {
  type DeliveryRow,
  keepDelivery,
  listWebhooksFor,
  takeDueDeliveries,
  updateWebhook,
  type WebhookRow,
} from '../../records/store/webhooks.js';
import type { SecretBox } from '../auth/secret-box.js';
import type { ServiceMetrics } from '../service-metrics.js';
import { guardedPost, type PostGuard, type PostOutcome } from '../../outgoing/guarded-post.js';
import { GIVE_UP_AFTER_MS, pauseMsAfter, verdictOn } from './schedule.js';
import { signedHeaders } from '../../outgoing/signature.js';

const LOOK_EVERY_MS = 1_000;
const MAX_EVENTS = 100;
/** Tries at the same time. */
const MAX_TRIES = 20;
/** Whoever took a try and is gone: others take it again after this. */
const LEASE_MS = 60_000;
/** Asked once a second, for as long as the service runs: one statement, and no transaction where nothing waits. */
const WAITS = `select exists (select from outbox where taken_at is null)
  or exists (select from deliveries where state = 'waiting' and next_at <= now()) as waits`;
/** Types that only those get who name them. */
const OPT_IN: ReadonlySet<string> = new Set(['caption.final', 'webhook.test']);

/** Sends what is in the outbox to whoever asked for it, and tries again where that fails. */
export class WebhookSender {
  readonly #database: Database;
  readonly #secrets: SecretBox;
  readonly #guard: PostGuard;
  readonly #metrics: ServiceMetrics;
  readonly #clock: Clock;
  readonly #log: Logger;
  #timer: TimerHandle | undefined;
  #working: Promise<void> | undefined;
  #isWoken = false;
  #isClosed = false;

  constructor(options: {
    database: Database;
    secrets: SecretBox;
    guard: PostGuard;
    metrics: ServiceMetrics;
    clock: Clock;
    log: Logger;
  }) {
    this.#database = options.database;
    this.#secrets = options.secrets;
    this.#guard = options.guard;
    this.#metrics = options.metrics;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  start(): void {
    this.wake();
  }

  /** There is something to send. */
  wake(): void {
    if (this.#isClosed) return;
    this.#isWoken = true;
    this.#timer?.cancel();
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#isWoken) this.wake();
      else this.#timer = this.#clock.setTimer(() => this.wake(), LOOK_EVERY_MS);
    });
  }

  /** Resolves when nothing is being sent any more; what waits is sent by the next one. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#working;
    this.#timer?.cancel();
  }

  async #work(): Promise<void> {
    this.#isWoken = false;
    try {
      const [look] = await this.#database.query<{ waits: boolean }>(WAITS);
      for (let isMore = look!.waits; isMore && !this.#isClosed;) {
        const planned = await this.#database.transaction((tx) => this.#plan(tx));
        const due = await this.#database.transaction((tx) => this.#takeDue(tx));
        await Promise.all(due.map((delivery) => this.#try(delivery)));
        isMore = planned === MAX_EVENTS || due.length === MAX_TRIES;
      }
    } catch (error) {
      const level = isDatabaseAway(error) ? 'debug' : 'error';
      this.#log[level]({ err: error }, 'webhooks could not be sent; they wait');
    }
  }

  /** Plans the first try of each new event at each endpoint that wants it. */
  async #plan(tx: Orm): Promise<number> {
    const events = await takeFromOutbox(tx, MAX_EVENTS);
    for (const event of events) {
      const endpoints = await listWebhooksFor(tx, event.workspaceId, event.botId);
      for (const { id: webhookId, events: wanted } of endpoints) {
        if (!wants(wanted, event)) continue;
        await keepDelivery(tx, {
          outboxId: event.id,
          webhookId,
          attempt: 1,
          state: 'waiting',
          nextAt: new Date(),
        });
      }
    }
    return events.length;
  }

  /** Tries whose time has come. They are lent for a minute, so that no transaction lasts as long as a slow receiver. */
  async #takeDue(tx: Orm): Promise<DeliveryRow[]> {
    const due = await takeDueDeliveries(tx, MAX_TRIES);
    for (const { outboxId, webhookId, attempt } of due)
      await keepDelivery(tx, {
        outboxId,
        webhookId,
        attempt,
        state: 'waiting',
        nextAt: new Date(Date.now() + LEASE_MS),
      });
    return due;
  }

  async #try({ outboxId, webhookId, attempt }: DeliveryRow): Promise<void> {
    const { orm } = this.#database;
    const webhook = await findWebhookById(orm, webhookId);
    const event =
      webhook === undefined ? undefined : await findOutboxEvent(orm, webhook.workspaceId, outboxId);
    if (webhook === undefined || event === undefined) return;
    const outcome = await this.#post(webhook, event);
    const status = outcome.kind === 'answered' ? outcome.status : undefined;
    const verdict = verdictOn(status);
    this.#metrics.delivery(verdict);
    await this.#database.transaction(async (tx) => {
      const pauseMs = verdict === 'failed' ? pauseMsAfter(attempt) : undefined;
      await keepDelivery(tx, {
        ...{ outboxId, webhookId, attempt, durationMs: outcome.durationMs, status: status ?? null },
        state: verdict === 'delivered' ? 'delivered' : pauseMs === undefined ? 'given_up' : 'failed',
        response: outcome.kind === 'answered' ? outcome.body : outcome.problem,
      });
      if (pauseMs !== undefined) {
        const nextAt = new Date(Date.now() + pauseMs);
        await keepDelivery(tx, { outboxId, webhookId, attempt: attempt + 1, state: 'waiting', nextAt });
      }
      await this.#judge(tx, webhook, verdict);
    });
  }

  /** An endpoint that is gone, or took nothing for five days, is switched off. */
  async #judge(tx: Orm, webhook: WebhookRow, verdict: 'delivered' | 'failed' | 'gone'): Promise<void> {
    const { id, workspaceId, failingSince } = webhook;
    if (verdict === 'delivered') {
      if (failingSince !== null) await updateWebhook(tx, workspaceId, id, { failingSince: null });
      return;
    }
    const since = failingSince ?? new Date();
    const isOver = verdict === 'gone' || Date.now() - since.getTime() > GIVE_UP_AFTER_MS;
    const reason = verdict === 'gone' ? 'it answered that it is gone (410)' : 'it took nothing for five days';
    await updateWebhook(tx, workspaceId, id, {
      failingSince: since,
      ...(isOver ? { disabledAt: new Date(), disabledReason: reason } : {}),
    });
    if (isOver) this.#log.warn({ webhook: id }, `a webhook was switched off: ${reason}`);
  }

  async #post(webhook: WebhookRow, event: OutboxRow): Promise<PostOutcome> {
    const { url, secret, previousSecret, previousSecretUntil } = webhook;
    const body = Buffer.from(JSON.stringify(event.body));
    const isBoth =
      previousSecret !== null && previousSecretUntil !== null && previousSecretUntil.getTime() > Date.now();
    try {
      const secrets = [secret, ...(isBoth ? [previousSecret] : [])].map((each) => this.#secrets.open(each));
      const headers = signedHeaders({ id: event.id, at: new Date(), body }, secrets);
      return await guardedPost(url, headers, body, this.#guard);
    } catch (error) {
      this.#log.error({ err: error, webhook: webhook.id }, 'a webhook cannot be signed');
      return { kind: 'failed', problem: 'it could not be signed', durationMs: 0 };
    }
  }
}

/** Whatever its workspace, and whether it is switched off or not: it may have been since. */
async function findWebhookById(orm: Orm, id: string): Promise<WebhookRow | undefined> {
  const [row] = await orm.select().from(webhooks).where(eq(webhooks.id, id));
  return row;
}

function wants(wanted: readonly string[], { type }: OutboxRow): boolean {
  return wanted.length === 0 ? !OPT_IN.has(type) : wanted.includes(type);
}
