/** Minutes of meetings, and what they are made of. */
import { asc, eq, sql } from 'drizzle-orm';
import { type Minutes, minutesSchema } from '../../agent/minutes/minutes.js';
import { type MinutesMaterial, readerLanguages } from '../../agent/minutes/minutes-material.js';
import type { Orm } from '../../database/database.js';
import { minutes } from '../../database/schema.js';
import { type BotRow, takeBot } from './bots.js';
import { listNotes } from './notes.js';
import { addToOutbox } from './outbox.js';
import { listPeople } from './people.js';
import { readMeetingRecord } from './transcript.js';

/** What is known of a meeting, for its minutes. */
export async function readMinutesMaterial(orm: Orm, bot: BotRow): Promise<MinutesMaterial> {
  const record = await readMeetingRecord(orm, bot);
  const people = await listPeople(orm, bot.id);
  const notes = await listNotes(orm, bot.id);
  return {
    ...record,
    readers: people
      .filter(({ isBot }) => !isBot)
      .flatMap(({ prefers, speaks }) => readerLanguages({ prefers: prefers ?? undefined, speaks })),
    withheld: new Set(
      people.filter(({ consent }) => consent['agent'] === false).map(({ participantId }) => participantId),
    ),
    notes: notes.map(({ kind, text, who, due, segmentEpoch, segmentId }) => ({
      ...{ kind, text, who: who ?? undefined, due: due ?? undefined },
      ...(segmentEpoch === null || segmentId === null ? {} : { segment: `${segmentEpoch}.${segmentId}` }),
    })),
  };
}

/** In the order of their languages. */
export async function listMinutes(orm: Orm, botId: string): Promise<{ minutes: Minutes; madeAt: Date }[]> {
  const rows = await orm
    .select()
    .from(minutes)
    .where(eq(minutes.botId, botId))
    .orderBy(asc(minutes.language));
  return rows.flatMap(({ content, madeAt }) => {
    const { data } = minutesSchema.safeParse(content);
    return data === undefined ? [] : [{ minutes: data, madeAt }];
  });
}

/**
 * Keeps minutes, in place of those in the same languages, and tells others of them. Does nothing for a meeting that was erased
 * meanwhile; with `onlyFirst`, nor where there are some already. Returns whether they were kept.
 */
export async function keepMinutes(
  tx: Orm,
  botId: string,
  made: readonly Minutes[],
  { onlyFirst = false }: { onlyFirst?: boolean } = {},
): Promise<boolean> {
  const bot = await takeBot(tx, botId);
  if (bot?.erasedAt !== null || made.length === 0) return false;
  if (onlyFirst && (await tx.$count(minutes, eq(minutes.botId, botId))) > 0) return false;
  for (const content of made) {
    const row = { content, madeBy: content.madeBy, madeAt: sql`now()` };
    await tx
      .insert(minutes)
      .values({ botId, language: content.language, ...row })
      .onConflictDoUpdate({ target: [minutes.botId, minutes.language], set: row });
  }
  const { id, meetingId, state, metadata, workspaceId } = bot;
  const about = { id, meetingId, state, metadata };
  const languages = made.map(({ language }) => language);
  await addToOutbox(tx, [
    {
      workspaceId,
      botId,
      type: 'minutes.ready',
      data: { bot: about, minutes: { languages, madeBy: made[0]!.madeBy } },
    },
  ]);
  return true;
}
