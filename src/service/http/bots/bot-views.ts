/** Rows of the database as the API shows them. Pure. */
import type { z } from 'zod';
import type { BotRow } from '../../../records/store/bots.js';
import { sameLanguage } from '../../../languages/languages.js';
import { hostWordOf } from '../../meetings/bot-life.js';
import type { MeetingSnapshot } from '../../events/meeting-picture.js';
import type { bot, botSummary } from './bot-schemas.js';

/** Without the fields that are null or undefined: those are absent in the API. */
export function present<Fields extends Record<string, unknown>>(
  fields: Fields,
): { [Name in keyof Fields]: Exclude<Fields[Name], null | undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as {
    [Name in keyof Fields]: Exclude<Fields[Name], null | undefined>;
  };
}

/** A time as JSON has it. */
export function timeText(time: Date | null | undefined): string | undefined {
  return time?.toISOString();
}

/** A bot in a list. */
export function botSummaryOf(row: BotRow): z.input<typeof botSummary> {
  const { id, place, meetingId, name, state, reason, waitingFor, metadata } = row;
  return present({
    ...{ id, place, meetingId, state, reason, waitingFor, metadata: { ...metadata } },
    name: name ?? 'Parley',
    joinAt: timeText(row.joinAt),
    createdAt: row.createdAt.toISOString(),
    joinedAt: timeText(row.joinedAt),
    endedAt: timeText(row.endedAt),
    erasedAt: timeText(row.erasedAt),
  });
}

/** A bot by itself, with how its meeting stands where that runs here. */
export function botOf(
  row: BotRow,
  more: { live?: (MeetingSnapshot & { lastId: string }) | undefined; message?: string | undefined } = {},
): z.input<typeof bot> {
  const { live, message } = more;
  const { revision, epoch, participantId, workerId, retentionDays, dedupKey, settings, options } = row;
  return {
    ...botSummaryOf(row),
    ...present({
      ...{ revision, epoch, participantId, retentionDays, settings: { ...settings } },
      worker: workerId,
      muted: mutedOf(row),
      record: options['record'] !== false,
      eraseAfter: timeText(row.eraseAfter),
      deduplicationKey: dedupKey,
      message,
    }),
    ...(live === undefined ? {} : { live: liveOf(live) }),
  };
}

/** Languages that are muted, as the settings call them where they do; undefined where none is. */
function mutedOf(row: BotRow): 'all' | string[] | undefined {
  const { muted = [] } = hostWordOf(row);
  if (muted === 'all') return muted;
  const { languages = [] } = row.settings as { languages?: readonly string[] };
  const tags = muted.flatMap((spoken) => {
    const named = languages.filter((tag) => sameLanguage(tag, spoken));
    return named.length > 0 ? named : [spoken];
  });
  return tags.length > 0 ? tags : undefined;
}

function liveOf(snapshot: MeetingSnapshot & { lastId: string }): z.input<typeof bot>['live'] {
  const { people, speaking, routes, latency, spans, cost, approvals = [], lastId } = snapshot;
  return {
    people: people.map((person) => ({ ...person })),
    speaking: [...speaking],
    routes: routes.map((route) => ({ ...route })),
    approvals: [...approvals],
    ...{ latency, spans, cost, lastId },
  };
}

/** The revision in an `If-Match` header; undefined where there is none or any will do. */
export function revisionIn(ifMatch: string | null): number | undefined {
  const match = /^(?:W\/)?"(\d{1,9})"$/.exec(ifMatch?.trim() ?? '');
  return match === null ? undefined : Number(match[1]);
}

/** The ETag of a bot. */
export function etagOf({ revision }: Pick<BotRow, 'revision'>): string {
  return `"${revision}"`;
}
