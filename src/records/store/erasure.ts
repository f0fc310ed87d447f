/** Erasure: what was said leaves the tables at once, and the disk with {@link scrub}. */
import { and, eq, inArray, lt, or, sql } from 'drizzle-orm';
import type { Database, Orm } from '../../database/database.js';
import {
  botAttempts,
  botEvents,
  bots,
  deliveries,
  minutes,
  notes,
  outbox,
  people,
  segments,
  toolCalls,
} from '../../database/schema.js';
import { isOver } from './bot-states.js';
import { takeBot } from './bots.js';
import { erasePersonsCalls } from './tool-calls.js';

/** What is outside of the database, on the disks of workers, and has to be deleted as well. */
export type Erased = { journals: { workerId: string; path: string }[] };

/**
 * Erases what a meeting was about: words, notes, people, what was sent to others, logs and settings. Its row stays as
 * evidence that it was, with its times, states and costs. Undefined where there is no such bot, or it is not over.
 */
export async function eraseMeeting(tx: Orm, botId: string): Promise<Erased | undefined> {
  const bot = await takeBot(tx, botId); // nothing is kept of it meanwhile
  if (bot === undefined || !isOver(bot.state)) return undefined;
  const journals = await journalsOf(tx, botId);
  await tx.delete(segments).where(eq(segments.botId, botId));
  await tx.delete(notes).where(eq(notes.botId, botId));
  await tx.delete(minutes).where(eq(minutes.botId, botId));
  await tx.delete(toolCalls).where(eq(toolCalls.botId, botId));
  await tx.delete(people).where(eq(people.botId, botId));
  await tx.delete(outbox).where(eq(outbox.botId, botId)); // and what was answered to it
  await tx.update(botAttempts).set({ log: '', journalPath: null }).where(eq(botAttempts.botId, botId));
  await tx.update(botEvents).set({ detail: {} }).where(eq(botEvents.botId, botId));
  await tx
    .update(bots)
    .set({ name: null, settings: {}, options: {}, metadata: {}, dedupKey: null, erasedAt: sql`now()` })
    .where(eq(bots.id, botId));
  return { journals };
}

/**
 * Erases the words of one person in a meeting, and their name; what they say from now on is kept. Notes that point to their
 * words go as well, and so do the minutes and what the agent's tools were called with and gave back, which may quote them. Undefined where they were not there.
 */
export async function erasePersonsWords(
  tx: Orm,
  botId: string,
  participantId: string,
): Promise<Erased | undefined> {
  const thisPerson = and(eq(people.botId, botId), eq(people.participantId, participantId));
  const [person] = await tx
    .update(people)
    .set({ name: '', wordsErasedAt: sql`now()` })
    .where(thisPerson)
    .returning({ id: people.participantId });
  const theirs = and(eq(segments.botId, botId), eq(segments.speakerId, participantId));
  const words = await tx
    .delete(segments)
    .where(theirs)
    .returning({ epoch: segments.epoch, segmentId: segments.segmentId });
  if (person === undefined && words.length === 0) return undefined;
  // Words of somebody whom the record does not know do not come back either.
  if (person === undefined) {
    await tx
      .insert(people)
      .values({ botId, participantId, name: '', joinedAt: sql`now()`, wordsErasedAt: sql`now()` });
  }
  for (let from = 0; from < words.length; from += 500) {
    const some = words
      .slice(from, from + 500)
      .map(({ epoch, segmentId }) => and(eq(notes.segmentEpoch, epoch), eq(notes.segmentId, segmentId)));
    await tx.delete(notes).where(and(eq(notes.botId, botId), or(...some)));
  }
  await tx.delete(minutes).where(eq(minutes.botId, botId));
  await erasePersonsCalls(tx, botId, participantId);
  await tx
    .delete(outbox)
    .where(
      and(
        eq(outbox.botId, botId),
        inArray(outbox.type, ['caption.final', 'note.created', 'minutes.ready', 'tool.approval_needed']),
      ),
    );
  await tx
    .delete(outbox)
    .where(and(eq(outbox.botId, botId), sql`${outbox.body} #>> '{data,participant,id}' = ${participantId}`));
  await tx.update(botAttempts).set({ log: '' }).where(eq(botAttempts.botId, botId)); // may quote them
  return { journals: await journalsOf(tx, botId) };
}

async function journalsOf(tx: Orm, botId: string): Promise<Erased['journals']> {
  const rows = await tx
    .select({ workerId: botAttempts.workerId, path: botAttempts.journalPath })
    .from(botAttempts)
    .where(and(eq(botAttempts.botId, botId), sql`${botAttempts.journalPath} is not null`));
  return rows.map(({ workerId, path }) => ({ workerId, path: path! }));
}

/** Meetings whose time is over, some at a time: erase each in a transaction of its own. */
export async function listDueForErasure(orm: Orm, limit: number): Promise<string[]> {
  const rows = await orm
    .select({ id: bots.id })
    .from(bots)
    .where(and(lt(bots.eraseAfter, sql`now()`), sql`${bots.erasedAt} is null`))
    .orderBy(bots.eraseAfter)
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** Sets anew when the meetings of a workspace that are over are erased: its days have changed. */
export async function applyRetention(tx: Orm, workspaceId: string): Promise<void> {
  await tx.execute(sql`
    update bots set erase_after = ended_at + make_interval(days =>
      coalesce(bots.retention_days, (select retention_days from workspaces where id = bots.workspace_id)))
    where workspace_id = ${workspaceId} and ended_at is not null and erased_at is null`);
}

/** What others were told, and how that went, is kept for so many days. */
export async function forgetDelivered(tx: Orm, days: number): Promise<void> {
  const before = sql`now() - make_interval(days => ${days})`;
  await tx.delete(outbox).where(and(lt(outbox.createdAt, before), sql`${outbox.takenAt} is not null`));
  await tx.delete(deliveries).where(lt(deliveries.at, before));
}

/** Tables that hold words of people, and what the database itself has noted about their contents. */
const WITH_WORDS = [
  'segments',
  'notes',
  'minutes',
  'tool_calls',
  'people',
  'outbox',
  'deliveries',
  'bot_events',
  'bot_attempts',
  'bots',
  'documents',
  'document_chunks',
];

/**
 * Takes what was erased off the disk, too: deleted rows stay in the files of a database until they are written anew. Holds up
 * the tables meanwhile, so it is to be called once after several erasures, at a quiet time. The log, the replicas and the
 * backups of a database server are its operator's.
 */
export async function scrub(database: Database): Promise<void> {
  const [user] = await database.script("select current_setting('is_superuser') = 'on' as may_forget");
  // Of a table that has become empty ANALYZE keeps what it knew, words included. Only a superuser can take that away.
  if (user?.['may_forget'] === true) {
    const tables = WITH_WORDS.map((table) => `'${table}'::regclass`).join(', ');
    await database.script(`delete from pg_catalog.pg_statistic where starelid in (${tables})`);
  }
  await database.script(`analyze ${WITH_WORDS.join(', ')}`);
  await database.rewriteTables([...WITH_WORDS, 'pg_catalog.pg_statistic']);
}
