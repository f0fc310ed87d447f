/** Bots: invited, changed, claimed. Whatever changes one takes its row first, so that there is one change at a time. */
import { and, desc, eq, gte, ilike, inArray, lt, notInArray, or, type SQL, sql } from 'drizzle-orm';
import type { Orm } from '../../database/database.js';
import { botAttempts, botEvents, bots, workspaces } from '../../database/schema.js';
import { newId } from '../../ids.js';
import {
  type BotReason,
  type BotState,
  botState,
  canChange,
  eventTypesOf,
  fitsReason,
  isOver,
  LIVE_STATES,
} from './bot-states.js';
import { addToOutbox } from './outbox.js';

/** A bot as the database has it. JSON in it is what it was made of: who knows its shape reads it with a schema. */
export type BotRow = Omit<typeof bots.$inferSelect, 'state' | 'reason'> & {
  state: BotState;
  reason: BotReason | null;
};
export type BotEventRow = typeof botEvents.$inferSelect;

export type NewBot = Pick<
  typeof bots.$inferInsert,
  | 'workspaceId'
  | 'place'
  | 'meetingId'
  | 'name'
  | 'joinAt'
  | 'priority'
  | 'settings'
  | 'options'
  | 'metadata'
  | 'participantId'
  | 'dedupKey'
  | 'createdBy'
  | 'retentionDays'
> & { id?: string };

/** Why a change was not made; `bot` is as it stands. */
export type NotChanged = { ok: false; why: 'missing' | 'fenced' | 'state' | 'revision'; bot?: BotRow };
export type Changed = { ok: true; bot: BotRow };

/**
 * Adds a bot: `scheduled` with a time to join, `queued` without. Where its meeting has one already, or its key for
 * deduplication was used, that one is what comes back, and nothing is added.
 */
export async function insertBot(tx: Orm, bot: NewBot): Promise<{ bot: BotRow } | { existing: BotRow }> {
  const state: BotState = bot.joinAt == null ? 'queued' : 'scheduled';
  // One that lives when the row is refused may be over when it is looked for.
  for (;;) {
    const [row] = await tx
      .insert(bots)
      .values({ ...bot, id: bot.id ?? newId('bot'), state })
      .onConflictDoNothing()
      .returning();
    if (row !== undefined) {
      const made = rowOf(row);
      return { bot: await append(tx, made, { kind: 'state', fromState: null, toState: state }) };
    }
    const existing = await liveBotOf(tx, bot);
    if (existing !== undefined) return { existing };
  }
}

/** The bot that stands in the way of another one: with the same key for deduplication, or living in the same meeting. */
async function liveBotOf(orm: Orm, bot: NewBot): Promise<BotRow | undefined> {
  const sameMeeting = and(
    eq(bots.place, bot.place),
    eq(bots.meetingId, bot.meetingId),
    inArray(bots.state, [...LIVE_STATES]),
  );
  const sameKey =
    bot.dedupKey == null
      ? undefined
      : and(eq(bots.dedupKey, bot.dedupKey), notInArray(bots.state, ['ended', 'failed', 'cancelled']));
  const rows = await orm
    .select()
    .from(bots)
    .where(and(eq(bots.workspaceId, bot.workspaceId), or(sameKey, sameMeeting)));
  const found = rows.find(({ dedupKey }) => dedupKey !== null && dedupKey === bot.dedupKey) ?? rows[0];
  return found === undefined ? undefined : rowOf(found);
}

export async function findBot(orm: Orm, workspaceId: string, id: string): Promise<BotRow | undefined> {
  const [row] = await orm
    .select()
    .from(bots)
    .where(and(eq(bots.id, id), eq(bots.workspaceId, workspaceId)));
  return row === undefined ? undefined : rowOf(row);
}

/** A bot whatever its workspace: for those who run meetings, not for those who ask from outside. */
export async function findBotById(orm: Orm, id: string): Promise<BotRow | undefined> {
  const [row] = await orm.select().from(bots).where(eq(bots.id, id));
  return row === undefined ? undefined : rowOf(row);
}

export type BotFilter = {
  states?: readonly BotState[];
  meetingId?: string;
  /** By when they were invited: from `from` on, before `to`. */
  from?: Date;
  to?: Date;
  /** Part of a name or meeting id. */
  text?: string;
  limit: number;
  /** The id of the last one of the page before. */
  after?: string;
};

/** Bots of a workspace, the newest first. */
export async function listBots(orm: Orm, workspaceId: string, filter: BotFilter): Promise<BotRow[]> {
  const { states, meetingId, from, to, text, after } = filter;
  const like = text === undefined ? undefined : `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  const conditions: (SQL | undefined)[] = [
    eq(bots.workspaceId, workspaceId),
    states === undefined ? undefined : inArray(bots.state, [...states]),
    meetingId === undefined ? undefined : eq(bots.meetingId, meetingId),
    from === undefined ? undefined : gte(bots.createdAt, from),
    to === undefined ? undefined : lt(bots.createdAt, to),
    like === undefined ? undefined : or(ilike(bots.name, like), ilike(bots.meetingId, like)),
    after === undefined ? undefined : lt(bots.id, after),
  ];
  const rows = await orm
    .select()
    .from(bots)
    .where(and(...conditions))
    .orderBy(desc(bots.id))
    .limit(filter.limit);
  return rows.map(rowOf);
}

/** Meetings that ended since then, are to have minutes, and have none: the service ended before they were made. */
export async function listWithoutMinutes(orm: Orm, since: Date, limit: number): Promise<BotRow[]> {
  const rows = await orm
    .select()
    .from(bots)
    .where(
      and(
        inArray(bots.state, ['ended', 'failed']),
        gte(bots.endedAt, since),
        sql`${bots.erasedAt} is null`,
        sql`${bots.joinedAt} is not null`,
        sql`${bots.settings} ->> 'minutes' = 'true'`,
        sql`not exists (select 1 from minutes where minutes.bot_id = ${bots.id})`,
      ),
    )
    .orderBy(bots.id)
    .limit(limit);
  return rows.map(rowOf);
}

/** Bots that are in no final state, of every workspace or of one worker. */
export async function listUnfinishedBots(orm: Orm, workerId?: string): Promise<BotRow[]> {
  const rows = await orm
    .select()
    .from(bots)
    .where(
      and(
        notInArray(bots.state, ['ended', 'failed', 'cancelled']),
        workerId === undefined ? undefined : eq(bots.workerId, workerId),
      ),
    )
    .orderBy(bots.id);
  return rows.map(rowOf);
}

/**
 * Takes a workspace's row until the transaction ends and counts its bots that live: for limits that hold. Rows that refer to
 * the workspace can be written meanwhile, or their writers and this one would wait for each other.
 */
export async function countLiveBots(tx: Orm, workspaceId: string): Promise<number> {
  await tx
    .select({ id: workspaces.id })
    .from(workspaces)
    .where(eq(workspaces.id, workspaceId))
    .for('no key update');
  return tx.$count(bots, and(eq(bots.workspaceId, workspaceId), inArray(bots.state, [...LIVE_STATES])));
}

export type StateChange = {
  botId: string;
  /** Of the claim that asks for it; without one it comes from outside, and no claim is asked. */
  epoch?: number;
  /** What the state has to be; by default any from which this change may be made. */
  from?: BotState | readonly BotState[];
  to: BotState;
  /** Of `ended`, `failed` and `cancelled`, and only of these. */
  reason?: BotReason;
  /** Of `joining`: what it waits for. */
  waitingFor?: string;
  /** Further facts for its history: no words of the meeting. */
  detail?: Readonly<Record<string, unknown>>;
};

/** Changes a bot's state, with a row of its history and what is to be told to others. Nothing happens unless it is allowed. */
export async function changeState(tx: Orm, change: StateChange): Promise<Changed | NotChanged> {
  const { botId, epoch, to, reason } = change;
  if (reason === undefined ? isOver(to) : !fitsReason(to, reason))
    throw new TypeError(`${reason ?? 'nothing'} is no reason to be ${to}`);
  const bot = await takeBot(tx, botId);
  if (bot === undefined) return { ok: false, why: 'missing' };
  if (epoch !== undefined && bot.epoch !== epoch) return { ok: false, why: 'fenced', bot };
  const expected = change.from === undefined ? [bot.state] : [change.from].flat();
  if (!expected.includes(bot.state) || !canChange(bot.state, to)) return { ok: false, why: 'state', bot };
  const changed = await append(
    tx,
    bot,
    { kind: 'state', fromState: bot.state, toState: to, reason: reason ?? null, detail: change.detail ?? {} },
    {
      state: to,
      reason: reason ?? null,
      waitingFor: to === 'joining' ? (change.waitingFor ?? null) : null,
      ...(to === 'active' && bot.joinedAt === null ? { joinedAt: sql`now()` } : {}),
      ...(isOver(to) ? { endedAt: sql`now()`, eraseAfter: eraseAfter(bot), workerId: null } : {}),
    },
  );
  return { ok: true, bot: changed };
}

/** When its words are to be erased: its own days, else the workspace's, after now. */
function eraseAfter({ workspaceId, retentionDays }: BotRow): SQL {
  return sql`now() + make_interval(days => coalesce(${retentionDays}::int,
    (select retention_days from ${workspaces} where id = ${workspaceId})))`;
}

/** Adds to a bot's history without a change of its state: settings that were applied, what it waits for. */
export async function addBotEvent(
  tx: Orm,
  event: {
    botId: string;
    epoch?: number;
    kind: string;
    detail?: Readonly<Record<string, unknown>>;
    waitingFor?: string | null;
  },
): Promise<Changed | NotChanged> {
  const bot = await takeBot(tx, event.botId);
  if (bot === undefined) return { ok: false, why: 'missing' };
  if (event.epoch !== undefined && bot.epoch !== event.epoch) return { ok: false, why: 'fenced', bot };
  const set = event.waitingFor === undefined ? {} : { waitingFor: event.waitingFor };
  return { ok: true, bot: await append(tx, bot, { kind: event.kind, detail: event.detail ?? {} }, set) };
}

export type SettingsChange = Partial<
  Pick<
    typeof bots.$inferInsert,
    'name' | 'joinAt' | 'settings' | 'options' | 'metadata' | 'retentionDays' | 'priority'
  >
>;

/**
 * Replaces what is given of a bot's settings and counts its revision. With `ifRevision` only where nobody else has changed
 * them meanwhile. A bot that is over keeps its settings; a time to join can be moved while it is scheduled.
 */
export async function updateSettings(
  tx: Orm,
  botId: string,
  change: SettingsChange,
  ifRevision?: number,
): Promise<Changed | NotChanged> {
  const bot = await takeBot(tx, botId);
  if (bot === undefined) return { ok: false, why: 'missing' };
  if (ifRevision !== undefined && bot.revision !== ifRevision) return { ok: false, why: 'revision', bot };
  if (isOver(bot.state) || (change.joinAt !== undefined && bot.state !== 'scheduled'))
    return { ok: false, why: 'state', bot };
  const revision = bot.revision + 1;
  const detail = { revision, changed: Object.keys(change) };
  return { ok: true, bot: await append(tx, bot, { kind: 'settings', detail }, { ...change, revision }) };
}

/**
 * Keeps what the host said of a running meeting beside its settings, for whichever process carries it on: `change` makes the
 * options of those that the bot has, `detail` is what its history says. Settings and their revision stay.
 */
export async function keepHostWord(
  tx: Orm,
  botId: string,
  change: (options: BotRow['options']) => BotRow['options'],
  event: { kind: 'muted' | 'person' | 'informed'; detail: Readonly<Record<string, unknown>> },
): Promise<Changed | NotChanged> {
  const bot = await takeBot(tx, botId);
  if (bot === undefined) return { ok: false, why: 'missing' };
  if (isOver(bot.state)) return { ok: false, why: 'state', bot };
  return { ok: true, bot: await append(tx, bot, event, { options: change(bot.options) }) };
}

/** Remembers that somebody asked it to leave, whoever runs it: the first time counts. */
export async function askToLeave(tx: Orm, botId: string): Promise<Changed | NotChanged> {
  const bot = await takeBot(tx, botId);
  if (bot === undefined) return { ok: false, why: 'missing' };
  if (isOver(bot.state)) return { ok: false, why: 'state', bot };
  if (bot.leaveAskedAt !== null) return { ok: true, bot };
  return { ok: true, bot: await append(tx, bot, { kind: 'leave_asked' }, { leaveAskedAt: sql`now()` }) };
}

/**
 * A worker takes a bot: whoever had it is fenced from now on. Resolves to the epoch, which belongs to everything that it
 * writes; undefined where the bot is over, or does not exist.
 */
export async function claim(tx: Orm, botId: string, workerId: string): Promise<number | undefined> {
  const [row] = await tx
    .update(bots)
    .set({ epoch: sql`${bots.epoch} + 1`, workerId, updatedAt: sql`now()` })
    .where(and(eq(bots.id, botId), inArray(bots.state, [...LIVE_STATES])))
    .returning({ epoch: bots.epoch });
  if (row === undefined) return undefined;
  await tx.insert(botAttempts).values({ botId, epoch: row.epoch, workerId });
  return row.epoch;
}

/** Whether an epoch is still the one that may write. */
export async function holdsClaim(orm: Orm, botId: string, epoch: number): Promise<boolean> {
  return (await orm.$count(bots, and(eq(bots.id, botId), eq(bots.epoch, epoch)))) === 1;
}

/** A bot's history after `afterSeq`, in order. */
export async function listBotEvents(
  orm: Orm,
  botId: string,
  afterSeq = 0,
  limit = 1_000,
): Promise<BotEventRow[]> {
  return orm
    .select()
    .from(botEvents)
    .where(and(eq(botEvents.botId, botId), sql`${botEvents.seq} > ${afterSeq}`))
    .orderBy(botEvents.seq)
    .limit(limit);
}

/** A bot's row, which nobody else changes until the transaction ends. */
export async function takeBot(tx: Orm, botId: string): Promise<BotRow | undefined> {
  const [row] = await tx.select().from(bots).where(eq(bots.id, botId)).for('update');
  return row === undefined ? undefined : rowOf(row);
}

type BotSet = Parameters<ReturnType<Orm['update']>['set']>[0];

/** Writes a row of the history of a bot that is taken, what is to be told, and what changes with it. */
async function append(
  tx: Orm,
  bot: BotRow,
  event: Pick<typeof botEvents.$inferInsert, 'kind' | 'fromState' | 'toState' | 'reason' | 'detail'>,
  set: BotSet = {},
): Promise<BotRow> {
  const seq = bot.eventSeq + 1;
  const [row] = await tx
    .update(bots)
    .set({ ...set, eventSeq: seq, updatedAt: sql`now()` })
    .where(eq(bots.id, bot.id))
    .returning();
  const changed = rowOf(row!);
  await tx.insert(botEvents).values({ botId: bot.id, seq, epoch: bot.epoch, ...event });
  if (event.kind === 'state') {
    const types = event.fromState == null ? ['bot.state_changed'] : eventTypesOf(bot.state, changed.state);
    await addToOutbox(
      tx,
      types.map((type) => ({
        workspaceId: bot.workspaceId,
        botId: bot.id,
        seq,
        type,
        data: {
          bot: aboutBot(changed),
          from: event.fromState ?? null,
          to: changed.state,
          reason: changed.reason,
        },
      })),
    );
  }
  return changed;
}

/** What others are told of the bot that an event is about. */
export function aboutBot({ id, meetingId, state, metadata }: BotRow): Record<string, unknown> {
  return { id, meetingId, state, metadata };
}

function rowOf(row: typeof bots.$inferSelect): BotRow {
  return { ...row, state: botState(row.state), reason: row.reason as BotReason | null };
}
