/** Bots: invite, list, read, change, and send away. */
import { z } from 'zod';
import type { MeetingSettingsPatch } from '../../../bot/meeting-settings.js';
import { findBot, listBotEvents, listBots, type BotRow } from '../../../records/store/bots.js';
import { isOver } from '../../../records/store/bot-states.js';
import { actorOf } from '../../auth/scopes.js';
import { pageFrom, readCursor } from '../cursors.js';
import { Problem } from '../problem.js';
import { type Call, type Route, route } from '../route.js';
import type { ToolSettings } from '../../../agent/tools/configured/tool-settings.js';
import { checkTools } from '../agent/check-tools.js';
import { checkWebhookUrls } from '../webhooks/webhook-urls.js';
import type { ServiceParts } from '../../service-parts.js';
import { bot, botList, botPath, changeAnswer, inviteBody, listQuery, patchBody } from './bot-schemas.js';
import { botOf, botSummaryOf, etagOf, present, revisionIn } from './bot-views.js';

const TAG = 'Bots';
const cursorValues = z.tuple([z.string().max(64)]);
const MAX_TEXT_CHARS = 2_000;

/** The bot of a path, of the caller's own workspace. Throws Problem `not_found`. */
export async function botOfCall(
  { database }: ServiceParts,
  { caller, params }: Pick<Call<{ botId: string }, unknown, unknown>, 'caller' | 'params'>,
): Promise<BotRow> {
  const row = await findBot(database.orm, caller.workspaceId, params.botId);
  if (row === undefined) throw new Problem('not_found', `there is no bot ${params.botId} in this workspace`);
  return row;
}

export function botRoutes(parts: ServiceParts): Route[] {
  const { database, meetings, feeds, webhookGuard } = parts;
  const shown = async (row: BotRow) =>
    botOf(row, {
      live: (await parts.followed?.snapshotOf(row)) ?? feeds.find(row.id)?.snapshot,
      message: await failureOf(parts, row),
    });
  return [
    route(
      {
        ...{ method: 'POST', path: '/v1/bots', id: 'createBot', tag: TAG, scope: 'bots:write', status: 201 },
        summary: 'Invites a bot into a meeting',
        description:
          'Now or at a time. One bot can be in a meeting: where there is one, the problem `bot_exists` says which.',
        ...{ body: inviteBody, answer: bot, problems: ['bot_exists', 'too_many_bots', 'key_refused'] },
        otherStatuses: { 200: 'A bot with the same deduplicationKey is not over: this is it.' },
      },
      async ({ body, rawBody, caller }) => {
        const {
          meetingId,
          place,
          joinAt,
          record,
          retentionDays,
          metadata,
          deduplicationKey,
          webhooks,
          ...settings
        } = body;
        checkWebhookUrls(webhooks ?? [], webhookGuard);
        await checkTools(parts, caller.workspaceId, settings);
        if (parts.isDraining() && joinAt === undefined)
          throw new Problem(
            'service_unavailable',
            'this machine takes no more meetings: it is being emptied',
            { reason: 'draining', retryAfterS: 30 },
          );
        const { bot: row, isNew } = await meetings.invite({
          ...{
            workspaceId: caller.workspaceId,
            actor: actorOf(caller),
            meetingId,
            place,
            record,
            retentionDays,
            deduplicationKey,
          },
          settings: onlyGiven(settings, rawBody),
          joinAt: joinAt === undefined ? undefined : new Date(joinAt),
          metadata: metadata ?? {},
          webhooks: webhooks ?? [],
        });
        const headers = { location: `/v1/bots/${row.id}`, etag: etagOf(row) };
        return { ...(isNew ? {} : { status: 200 }), headers, json: await shown(row) };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/bots', id: 'listBots', tag: TAG, scope: 'bots:read' },
        summary: 'Lists bots, the newest first',
        ...{ query: listQuery, answer: botList },
      },
      async ({ query, caller }) => {
        const { limit, cursor, state, meetingId, from, to, q } = query;
        const [after] = cursor === undefined ? [] : readCursor(cursor, cursorValues);
        const rows = await listBots(database.orm, caller.workspaceId, {
          limit: limit + 1,
          ...present({ states: state, meetingId, text: q, after }),
          ...(from === undefined ? {} : { from: new Date(from) }),
          ...(to === undefined ? {} : { to: new Date(to) }),
        });
        const { page, next } = pageFrom(rows, limit, ({ id }) => [id]);
        return { json: { data: page.map(botSummaryOf), ...next } };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/bots/{botId}', id: 'getBot', tag: TAG, scope: 'bots:read' },
        summary: 'Reads a bot, with how its meeting stands',
        ...{ params: botPath, answer: bot, otherStatuses: { 304: 'If-None-Match names the present one.' } },
      },
      async (call) => {
        const row = await botOfCall(parts, call);
        const isKnown = isOver(row.state) && call.request.headers.get('if-none-match') === etagOf(row);
        if (isKnown) return new Response(null, { status: 304, headers: { etag: etagOf(row) } });
        return { headers: { etag: etagOf(row) }, json: await shown(row) };
      },
    ),
    route(
      {
        ...{
          method: 'PATCH',
          path: '/v1/bots/{botId}',
          id: 'changeBot',
          tag: TAG,
          scope: 'bots:write',
          status: 202,
        },
        summary: 'Changes a bot, also while its meeting runs',
        description:
          'Before the bot joins, anything can change; in a running meeting what is marked `x-live`. A request that holds one field that cannot change changes none.',
        ...{
          params: botPath,
          body: patchBody,
          answer: changeAnswer,
          conditional: true,
          problems: ['conflict'],
        },
      },
      async (call) => {
        const row = await botOfCall(parts, call);
        const { joinAt, record, metadata, retentionDays, ...settings } = call.body;
        const ifMatch = call.request.headers.get('if-match');
        await checkTools(parts, row.workspaceId, settings as ToolSettings);
        const result = await meetings.change(
          row,
          {
            ...{ record, metadata, retentionDays, settings: settings as MeetingSettingsPatch },
            joinAt: joinAt === undefined ? undefined : new Date(joinAt),
          },
          expectedRevision(ifMatch, row),
        );
        return { headers: { etag: etagOf(result) }, json: { ...result, changes: { ...result.changes } } };
      },
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/bots/{botId}/leave',
          id: 'leaveBot',
          tag: TAG,
          scope: 'bots:write',
          status: 202,
        },
        summary: 'Sends a bot out of its meeting; one that did not begin is cancelled',
        params: botPath,
        body: z.strictObject({
          say: z
            .exactOptional(z.string().trim().min(1).max(1_000))
            .meta({ description: 'What it says before it leaves.' }),
        }),
        ...{ answer: bot, problems: ['conflict'] },
      },
      async (call) => {
        const row = await botOfCall(parts, call);
        return { json: await shown(await meetings.leave(row, { say: call.body.say })) };
      },
    ),
    route(
      {
        ...{ method: 'DELETE', path: '/v1/bots/{botId}', id: 'cancelBot', tag: TAG, scope: 'bots:write' },
        summary: 'Cancels a bot that is scheduled',
        ...{ params: botPath, problems: ['conflict'] },
      },
      async (call) => {
        const row = await botOfCall(parts, call);
        if (row.state !== 'scheduled')
          throw new Problem(
            'conflict',
            `the bot is ${row.state}: only a scheduled one can be deleted; POST …/leave sends it out`,
            { reason: 'bot_not_scheduled' },
          );
        await meetings.leave(row, {});
        return { json: undefined };
      },
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/bots/{botId}/say',
          id: 'say',
          tag: TAG,
          scope: 'bots:write',
          status: 202,
        },
        summary: 'Says a text in the meeting, translated',
        params: botPath,
        body: z.strictObject({
          text: z.string().trim().min(1).max(MAX_TEXT_CHARS),
          languages: z
            .exactOptional(z.array(z.string().min(1).max(100)).min(1).max(50))
            .meta({ description: 'Which languages it is said in; by default those that people prefer.' }),
        }),
        ...{ answer: z.object({ accepted: z.literal(true) }), problems: ['conflict'] },
      },
      async (call) => {
        const row = await botOfCall(parts, call);
        await meetings.say(row, call.body.text, call.body.languages);
        return { json: { accepted: true as const } };
      },
    ),
    route(
      {
        ...{ method: 'POST', path: '/v1/bots/{botId}/mute', id: 'mute', tag: TAG, scope: 'bots:write' },
        summary: 'Silences the voice of one language, or all; captions go on',
        params: botPath,
        body: z.strictObject({ muted: z.boolean(), language: z.exactOptional(z.string().min(1).max(100)) }),
        problems: ['conflict'],
      },
      async (call) => {
        const row = await botOfCall(parts, call);
        await meetings.mute(row, call.body.muted, call.body.language);
        return { json: undefined };
      },
    ),
    route(
      {
        ...{ method: 'PATCH', path: '/v1/bots/{botId}/people/{participantId}', id: 'setPerson', tag: TAG },
        ...{
          scope: 'bots:write',
          summary: 'The host’s word about one person: it wins over what they say themselves',
        },
        params: botPath.extend({ participantId: z.string().min(1).max(200) }),
        body: z.strictObject({
          preferredLanguage: z
            .string()
            .max(100)
            .nullable()
            .optional()
            .meta({ description: 'What they hear; null takes the word back.' }),
          spokenLanguages: z.array(z.string().max(100)).max(20).nullable().optional(),
          interpret: z.boolean().optional().meta({ description: 'False: what they say is not interpreted.' }),
          agent: z.boolean().optional().meta({
            description: 'False: what they say is not for the agent, notes and minutes. Their own no stands.',
          }),
        }),
        problems: ['conflict'],
      },
      async (call) => {
        const row = await botOfCall(parts, call);
        const { preferredLanguage, spokenLanguages, interpret, agent } = call.body;
        await meetings.setPerson(row, call.params.participantId, {
          ...(preferredLanguage === undefined ? {} : { preferredLanguage }),
          ...(spokenLanguages === undefined ? {} : { spokenLanguages }),
          ...(interpret === undefined ? {} : { interpret }),
          ...(agent === undefined ? {} : { agent }),
        });
        return { json: undefined };
      },
    ),
  ];
}

/** What the invitation itself says: where it says nothing, the workspace may. */
function onlyGiven<Settings extends object>(settings: Settings, given: unknown): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => Object.hasOwn(given as object, name)),
  ) as Partial<Settings>;
}

/** What happened to a bot that failed. */
async function failureOf({ database }: ServiceParts, row: BotRow): Promise<string | undefined> {
  if (row.state !== 'failed') return undefined;
  const [last] = await listBotEvents(database.orm, row.id, row.eventSeq - 1, 1);
  const message = last?.detail['message'];
  return typeof message === 'string' ? message : undefined;
}

function expectedRevision(ifMatch: string | null, row: BotRow): number | undefined {
  if (ifMatch === null || ifMatch.trim() === '*') return undefined;
  const revision = revisionIn(ifMatch);
  if (revision !== row.revision)
    throw new Problem('changed_meanwhile', `the bot is at revision ${row.revision}: read it again`, {
      more: { revision: row.revision },
    });
  return revision;
}
