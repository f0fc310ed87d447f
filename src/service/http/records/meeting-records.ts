/** What is kept of one meeting: people, words, cost, and how the bot fared. */
import { z } from 'zod';
import {
  TRANSCRIPT_FORMATS,
  type TranscriptFormat,
  writeTranscript,
} from '../../../captions/transcript-formats.js';
import { parseLanguage } from '../../../languages/languages.js';
import { listAttempts } from '../../../records/store/attempts.js';
import { listBotEvents } from '../../../records/store/bots.js';
import { eraseMeeting, erasePersonsWords } from '../../../records/store/erasure.js';
import { listPeople } from '../../../records/store/people.js';
import { listSegments, type SegmentRow } from '../../../records/store/segments.js';
import { readMeetingRecord } from '../../../records/store/transcript.js';
import { usageOfBot } from '../../../records/store/usage.js';
import { isOver } from '../../../records/store/bot-states.js';
import { audited } from '../../auth/audited.js';
import type { ServiceParts } from '../../service-parts.js';
import { botPath } from '../bots/bot-schemas.js';
import { botOfCall } from '../bots/bots.js';
import { present, timeText } from '../bots/bot-views.js';
import { eventPlace, pageFrom, pageOf, pageQuery, readCursor } from '../cursors.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const TAG = 'Records';
const CONTENT_TYPES: Readonly<Record<TranscriptFormat, string>> = {
  srt: 'application/x-subrip; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
  json: 'application/json',
  md: 'text/markdown; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
};

const language = z
  .string()
  .max(100)
  .refine((text) => parseLanguage(text) !== undefined, 'is no language: use a tag such as es, or a name')
  .meta({ description: 'A language, such as `es`.' });
const personRow = z
  .object({
    id: z.string(),
    name: z.string(),
    speaks: z.array(z.string()),
    prefers: z.string().optional(),
    joinedAt: z.string(),
    leftAt: z.string().optional(),
    consent: z.record(z.string(), z.unknown()).meta({ description: 'What they were told, and when.' }),
  })
  .meta({ id: 'Person' });
const captionRow = z
  .object({
    id: z.string(),
    kind: z.enum(['speech', 'notice']),
    speakerId: z.string(),
    speakerName: z.string(),
    sourceLanguage: z.string(),
    targetLanguage: z.string(),
    sourceText: z.string(),
    translatedText: z.string(),
    original: z
      .boolean()
      .meta({ description: 'Of several translations of one speech, one stands for the original.' }),
    mark: z.string().optional(),
    cutReason: z.string().optional().meta({ description: 'Of what is marked `cut`: why.' }),
    startedAt: z.string(),
    endedAt: z.string(),
  })
  .meta({ id: 'CaptionRow' });
const stateRow = z.object({
  seq: z.int(),
  at: z.string(),
  kind: z.string(),
  from: z.string().optional(),
  to: z.string().optional(),
  reason: z.string().optional(),
  epoch: z.int(),
  detail: z.record(z.string(), z.unknown()),
});
const attemptRow = z.object({
  epoch: z.int(),
  worker: z.string(),
  pid: z.int().optional(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  exitCode: z.int().optional(),
  signal: z.string().optional(),
  rssMib: z.int().optional(),
});
const usageRow = z.object({ model: z.string(), kind: z.string(), units: z.number(), usd: z.number() });

export function meetingRecordRoutes(parts: ServiceParts): Route[] {
  const { database, feeds, meetings } = parts;
  const listOf = <Row extends z.ZodType>(row: Row) => z.object({ data: z.array(row) });
  return [
    route(
      {
        ...{
          method: 'GET',
          path: '/v1/bots/{botId}/people',
          id: 'listPeople',
          tag: TAG,
          scope: 'records:read',
        },
        ...{ summary: 'Everyone who was in the meeting', params: botPath, answer: listOf(personRow) },
      },
      async (call) => {
        const { id } = await botOfCall(parts, call);
        const rows = (await listPeople(database.orm, id)).filter(({ isBot }) => !isBot);
        return {
          json: {
            data: rows.map(({ participantId, name, speaks, prefers, joinedAt, leftAt, consent }) =>
              present({
                ...{ id: participantId, name, speaks, prefers, consent: { ...consent } },
                ...{ joinedAt: joinedAt.toISOString(), leftAt: timeText(leftAt) },
              }),
            ),
          },
        };
      },
    ),
    route(
      {
        ...{
          method: 'GET',
          path: '/v1/bots/{botId}/captions',
          id: 'listCaptions',
          tag: TAG,
          scope: 'records:read',
        },
        summary: 'Final captions in the order in which they came',
        params: botPath,
        query: z.strictObject({ ...pageQuery, language: z.exactOptional(language) }),
        answer: pageOf(captionRow),
      },
      async (call) => {
        const { id } = await botOfCall(parts, call);
        const { limit, cursor, language: wanted } = call.query;
        const after = cursor === undefined ? undefined : readCursor(cursor, eventPlace);
        const rows = await listSegments(database.orm, id, { limit: limit + 1, after });
        const { page, next } = pageFrom(rows, limit, ({ epoch, seq }) => [epoch, seq]);
        const tag = wanted === undefined ? undefined : parseLanguage(wanted);
        return { json: { data: page.filter((row) => isShown(row, tag)).map(captionOf), ...next } };
      },
    ),
    route(
      {
        ...{
          method: 'GET',
          path: '/v1/bots/{botId}/transcript',
          id: 'getTranscript',
          tag: TAG,
          scope: 'records:read',
        },
        summary: 'The transcript as a file, in one of its languages or as it was said',
        params: botPath,
        query: z.strictObject({
          format: z.enum(TRANSCRIPT_FORMATS).default('json'),
          language: z.exactOptional(language),
        }),
        answerTypes: Object.values(CONTENT_TYPES).map((type) => type.split(';')[0]!),
        problems: ['erased'],
      },
      async (call) => {
        const row = await botOfCall(parts, call);
        if (row.erasedAt !== null)
          throw new Problem(
            'erased',
            `the words of this meeting were erased on ${row.erasedAt.toISOString()}`,
          );
        const { format, language: wanted } = call.query;
        const record = await readMeetingRecord(database.orm, row);
        const text = writeTranscript(
          record,
          format,
          wanted === undefined ? undefined : parseLanguage(wanted),
        );
        const name = `${row.id}${wanted === undefined ? '' : `-${parseLanguage(wanted)!}`}.${format}`;
        return new Response(text, {
          headers: {
            'content-type': CONTENT_TYPES[format],
            'content-disposition': `attachment; filename="${name}"`,
          },
        });
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/bots/{botId}/cost', id: 'getCost', tag: TAG, scope: 'bots:read' },
        summary: 'What the meeting used, and what that costs by the table of prices: an estimate',
        params: botPath,
        answer: z.object({ usd: z.number(), data: z.array(usageRow) }),
      },
      async (call) => {
        const { id } = await botOfCall(parts, call);
        const data = await usageOfBot(database.orm, id);
        return { json: { usd: data.reduce((sum, { usd }) => sum + usd, 0), data } };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/bots/{botId}/states', id: 'listStates', tag: TAG, scope: 'bots:read' },
        ...{ summary: 'Every change of the bot, in order', params: botPath, answer: listOf(stateRow) },
      },
      async (call) => {
        const { id } = await botOfCall(parts, call);
        const rows = await listBotEvents(database.orm, id);
        return {
          json: {
            data: rows.map(({ seq, at, kind, fromState, toState, reason, epoch, detail }) =>
              present({
                ...{ seq, at: at.toISOString(), kind, from: fromState, to: toState, reason, epoch },
                detail: { ...detail },
              }),
            ),
          },
        };
      },
    ),
    route(
      {
        ...{
          method: 'GET',
          path: '/v1/bots/{botId}/attempts',
          id: 'listAttempts',
          tag: TAG,
          scope: 'bots:read',
        },
        ...{ summary: 'The processes that carried the meeting', params: botPath, answer: listOf(attemptRow) },
      },
      async (call) => {
        const { id } = await botOfCall(parts, call);
        const rows = await listAttempts(database.orm, id);
        return {
          json: {
            data: rows.map(({ epoch, workerId, pid, startedAt, endedAt, exitCode, signal, rssMib }) =>
              present({
                ...{ epoch, worker: workerId, pid, exitCode, signal, rssMib },
                ...{ startedAt: startedAt.toISOString(), endedAt: timeText(endedAt) },
              }),
            ),
          },
        };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/bots/{botId}/log', id: 'getLog', tag: TAG, scope: 'admin' },
        summary: 'The last of what each process of the meeting printed',
        ...{ params: botPath, answer: listOf(z.object({ epoch: z.int(), log: z.string() })) },
      },
      async (call) => {
        const { id } = await botOfCall(parts, call);
        const rows = await listAttempts(database.orm, id);
        return { json: { data: rows.map(({ epoch, log }) => ({ epoch, log })) } };
      },
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/bots/{botId}/erase',
          id: 'eraseMeeting',
          tag: TAG,
          scope: 'records:erase',
        },
        summary: 'Erases everything that was said and written; the row stays as evidence',
        ...{ params: botPath, problems: ['conflict'] },
      },
      async (call) => {
        const row = await botOfCall(parts, call);
        if (!isOver(row.state))
          throw new Problem(
            'conflict',
            `the bot is ${row.state}: send it out first, or erase one person's words`,
            { reason: 'bot_still_runs' },
          );
        await audited(parts, call, { action: 'meeting.erase', target: row.id }, (tx) =>
          eraseMeeting(tx, row.id),
        );
        feeds.finish(row.id);
        await meetings.forget(row.id);
        parts.scrubSoon();
        return { json: undefined };
      },
    ),
    route(
      {
        ...{
          method: 'DELETE',
          path: '/v1/bots/{botId}/people/{participantId}/words',
          id: 'erasePersonsWords',
          tag: TAG,
        },
        ...{ scope: 'records:erase', summary: 'Erases what one person said' },
        params: botPath.extend({ participantId: z.string().min(1).max(200) }),
      },
      async (call) => {
        const { id } = await botOfCall(parts, call);
        const { participantId } = call.params;
        await audited(parts, call, { action: 'words.erase', target: `${id} ${participantId}` }, (tx) =>
          erasePersonsWords(tx, id, participantId),
        );
        parts.scrubSoon();
        return { json: undefined };
      },
    ),
  ];
}

function isShown(
  { sourceText, translatedText, sourceLanguage, targetLanguage }: SegmentRow,
  wanted: string | undefined,
): boolean {
  if (sourceText === '' && translatedText === '') return false; // withdrawn
  return (
    wanted === undefined || [sourceLanguage, targetLanguage].some((tag) => parseLanguage(tag) === wanted)
  );
}

function captionOf(row: SegmentRow): z.input<typeof captionRow> {
  const { epoch, segmentId, kind, speakerId, speakerName, sourceLanguage, targetLanguage } = row;
  return present({
    ...{ id: `${epoch}-${segmentId}`, kind, speakerId, speakerName, sourceLanguage, targetLanguage },
    ...{
      sourceText: row.sourceText,
      translatedText: row.translatedText,
      original: row.isOriginal,
      mark: row.mark,
      cutReason: row.cutReason,
    },
    ...{ startedAt: row.startedAt.toISOString(), endedAt: row.endedAt.toISOString() },
  });
}
