/** What was said: final captions, as they are kept. */
import { and, asc, desc, eq, sql } from 'drizzle-orm';
import type { KeptCaption } from '../../captions/transcript.js';
import type { Orm } from '../../database/database.js';
import { segments } from '../../database/schema.js';
import { words } from '../../search/words.js';
import { type EventPlace, isBehind } from './event-place.js';

export type SegmentRow = Omit<typeof segments.$inferSelect, 'tokens' | 'tsv'>;

/** A final caption with the number of its event. */
export type NewSegment = { seq: number; caption: KeptCaption };

/** Rows in one statement. */
const BATCH = 200;

/** The columns that are read: all but those that search needs. */
export const SEGMENT_COLUMNS = {
  botId: segments.botId,
  epoch: segments.epoch,
  segmentId: segments.segmentId,
  seq: segments.seq,
  workspaceId: segments.workspaceId,
  turnId: segments.turnId,
  part: segments.part,
  kind: segments.kind,
  speakerId: segments.speakerId,
  speakerName: segments.speakerName,
  sourceLanguage: segments.sourceLanguage,
  targetLanguage: segments.targetLanguage,
  sourceText: segments.sourceText,
  translatedText: segments.translatedText,
  isOriginal: segments.isOriginal,
  mark: segments.mark,
  cutReason: segments.cutReason,
  startedAt: segments.startedAt,
  endedAt: segments.endedAt,
} as const;

/**
 * Keeps final captions of one process, which began at `startedAt`. A caption that is there already changes nothing; a later
 * one of the same segment replaces it.
 */
export async function insertSegments(
  tx: Orm,
  of: { botId: string; epoch: number; workspaceId: string; startedAt: Date },
  captions: readonly NewSegment[],
): Promise<void> {
  const lasts = new Map<string, NewSegment>();
  for (const each of captions) {
    const known = lasts.get(each.caption.segmentId);
    if (known === undefined || known.seq < each.seq) lasts.set(each.caption.segmentId, each);
  }
  const rows = [...lasts.values()].map((each) => rowOf(of, each));
  for (let from = 0; from < rows.length; from += BATCH) {
    await tx
      .insert(segments)
      .values(rows.slice(from, from + BATCH))
      .onConflictDoUpdate({
        target: [segments.botId, segments.epoch, segments.segmentId],
        set: REPLACED,
        setWhere: sql`${segments.seq} < excluded.seq`,
      });
  }
}

/** Everything of a row that a correction may bring. */
const REPLACED = Object.fromEntries(
  (
    [
      ['seq', 'seq'],
      ['sourceLanguage', 'source_language'],
      ['targetLanguage', 'target_language'],
      ['sourceText', 'source_text'],
      ['translatedText', 'translated_text'],
      ['speakerName', 'speaker_name'],
      ['isOriginal', 'is_original'],
      ['mark', 'mark'],
      ['cutReason', 'cut_reason'],
      ['startedAt', 'started_at'],
      ['endedAt', 'ended_at'],
      ['tokens', 'tokens'],
    ] as const
  ).map(([field, column]) => [field, sql.raw(`excluded.${column}`)]),
);

function rowOf(
  of: { botId: string; epoch: number; workspaceId: string; startedAt: Date },
  { seq, caption }: NewSegment,
): typeof segments.$inferInsert {
  const startMs = of.startedAt.getTime();
  return {
    ...{ botId: of.botId, epoch: of.epoch, workspaceId: of.workspaceId, seq },
    ...{ segmentId: caption.segmentId, turnId: caption.turnId, part: caption.part, kind: caption.kind },
    ...{ speakerId: caption.speakerId, speakerName: caption.speakerName },
    ...{ sourceLanguage: caption.sourceLanguage, targetLanguage: caption.targetLanguage },
    ...{ sourceText: caption.sourceText, translatedText: caption.translatedText },
    isOriginal: caption.original,
    mark: caption.mark ?? null,
    cutReason: caption.cutReason ?? null,
    startedAt: new Date(startMs + caption.startMs),
    endedAt: new Date(startMs + caption.endMs),
    tokens: tokensOf(caption),
  };
}

/** What a segment is found by. Its original words once, with the translation that stands for them. */
function tokensOf({ kind, original, sourceText, translatedText }: KeptCaption): string {
  if (kind !== 'speech') return '';
  const texts = original ? [sourceText, translatedText] : [translatedText];
  return texts.flatMap(words).join(' ');
}

/** Segments of a meeting in the order in which they came, after a place. */
export async function listSegments(
  orm: Orm,
  botId: string,
  { after, limit }: { after?: EventPlace | undefined; limit: number },
): Promise<SegmentRow[]> {
  return orm
    .select(SEGMENT_COLUMNS)
    .from(segments)
    .where(and(eq(segments.botId, botId), isBehind(segments, after)))
    .orderBy(asc(segments.epoch), asc(segments.seq))
    .limit(limit);
}

/** The newest segments of a meeting, in the order in which they came. */
export async function lastSegments(orm: Orm, botId: string, limit: number): Promise<SegmentRow[]> {
  const rows = await orm
    .select(SEGMENT_COLUMNS)
    .from(segments)
    .where(eq(segments.botId, botId))
    .orderBy(desc(segments.epoch), desc(segments.seq))
    .limit(limit);
  return rows.reverse();
}
