/** A meeting's record out of the database, as the transcript formats read it. */
import { eq } from 'drizzle-orm';
import type { CaptionCut, CaptionMark } from '../../captions/caption.js';
import type { KeptCaption } from '../../captions/transcript.js';
import type { MeetingRecord } from '../../captions/transcript-formats.js';
import type { Orm } from '../../database/database.js';
import { botAttempts } from '../../database/schema.js';
import { type BotRow } from './bots.js';
import { listPeople } from './people.js';
import { listSegments, type SegmentRow } from './segments.js';

const PAGE = 1_000;
const MARKS: readonly string[] = ['cut', 'captions_only', 'failed', 'doubtful'] satisfies CaptionMark[];
const CUTS: readonly string[] = ['barge_in', 'gone'] satisfies CaptionCut[];

/** Everything that was said in a meeting, over all of its processes, on one timeline that begins with the first of them. */
export async function readMeetingRecord(orm: Orm, bot: BotRow): Promise<MeetingRecord> {
  const attempts = await orm
    .select({ startedAt: botAttempts.startedAt })
    .from(botAttempts)
    .where(eq(botAttempts.botId, bot.id));
  const startMs = Math.min(...attempts.map(({ startedAt }) => startedAt.getTime()), Date.now());
  const captions: KeptCaption[] = [];
  // In pages: between two of them others get their turn.
  for (let after: SegmentRow | undefined; ;) {
    const page = await listSegments(orm, bot.id, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    captions.push(...page.map((row) => ({ ...captionOf(row, startMs), ...idsApart(row) })));
    after = page.at(-1);
    if (page.length < PAGE) break;
  }
  const people = await listPeople(orm, bot.id);
  return {
    meetingId: bot.meetingId,
    startedAt: new Date(startMs).toISOString(),
    people: people.map(({ participantId, name }) => ({ id: participantId, name })),
    captions,
  };
}

/** A segment as the caption that it was; its times count from `startMs`. */
export function captionOf(row: SegmentRow, startMs: number): KeptCaption {
  return {
    kind: row.kind,
    segmentId: row.segmentId,
    turnId: row.turnId,
    part: row.part,
    speakerId: row.speakerId,
    speakerName: row.speakerName,
    sourceLanguage: row.sourceLanguage,
    targetLanguage: row.targetLanguage,
    sourceText: row.sourceText,
    translatedText: row.translatedText,
    original: row.isOriginal,
    final: true,
    ...(isMark(row.mark) ? { mark: row.mark } : {}),
    ...(isCut(row.cutReason) ? { cutReason: row.cutReason } : {}),
    startMs: row.startedAt.getTime() - startMs,
    endMs: row.endedAt.getTime() - startMs,
  };
}

/** Each process of a meeting counts its segments and turns anew. */
function idsApart({ epoch, segmentId, turnId }: SegmentRow): Pick<KeptCaption, 'segmentId' | 'turnId'> {
  return { segmentId: `${epoch}.${segmentId}`, turnId: `${epoch}.${turnId}` };
}

function isMark(mark: string | null): mark is CaptionMark {
  return mark !== null && MARKS.includes(mark);
}

function isCut(reason: string | null): reason is CaptionCut {
  return reason !== null && CUTS.includes(reason);
}
