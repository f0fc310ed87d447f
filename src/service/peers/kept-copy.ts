/** How a meeting stands as the database knows it: for its readers, while the machine that has it cannot be reached. */
import type { JoinEventOf, JoinPerson } from '../../bot/events.js';
import type { Orm } from '../../database/database.js';
import { type AttemptRow, listAttempts } from '../../records/store/attempts.js';
import { listPeople, type PersonRow } from '../../records/store/people.js';
import { lastSegments, type SegmentRow } from '../../records/store/segments.js';
import { captionOf } from '../../records/store/transcript.js';
import type { FeedCopy, Position } from '../events/live-feed.js';

const CAPTIONS = 100;

/** What is known later than `after`; undefined where nothing is. */
export async function keptCopy(orm: Orm, botId: string, after: Position): Promise<FeedCopy | undefined> {
  const attempts = await listAttempts(orm, botId);
  const newest = attempts.findLast(({ acknowledgedSeq }) => acknowledgedSeq > 0);
  if (newest === undefined) return undefined;
  const last = { epoch: newest.epoch, seq: newest.acknowledgedSeq };
  const isNews = last.epoch > after.epoch || (last.epoch === after.epoch && last.seq > after.seq);
  if (!isNews) return undefined;
  const people = (await listPeople(orm, botId)).filter(({ leftAt }) => leftAt === null);
  const captions = await lastSegments(orm, botId, CAPTIONS);
  return {
    last,
    snapshot: {
      people: people.map(personOf),
      captions: captions.map((segment) => eventOf(segment, attempts)),
      ...{ speaking: [], routes: [], latency: undefined, spans: undefined },
      ...{ cost: undefined, roomState: undefined },
    },
  };
}

function personOf({ participantId: id, name, isBot, speaks, prefers }: PersonRow): JoinPerson {
  return { id, name, isBot, speaks: [...speaks], ...(prefers === null ? {} : { prefers }) };
}

function eventOf(segment: SegmentRow, attempts: readonly AttemptRow[]): JoinEventOf<'caption'> {
  const { epoch, seq, startedAt } = segment;
  const begun = attempts.find((each) => each.epoch === epoch)?.startedAt.getTime() ?? startedAt.getTime();
  const caption = captionOf(segment, begun);
  const startMs = Math.max(0, caption.startMs);
  const endMs = Math.max(startMs, caption.endMs);
  return { ...caption, v: 1, type: 'caption', seq, atMs: endMs, startMs, endMs };
}
