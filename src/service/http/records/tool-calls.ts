/** What the agent of a meeting did: every call of a tool. */
import { z } from 'zod';
import { TOOL_CALL_STATES } from '../../../database/schema.js';
import type { BotRow } from '../../../records/store/bots.js';
import { isOver } from '../../../records/store/bot-states.js';
import { isCallOver, listToolCalls, type ToolCallRow } from '../../../records/store/tool-calls.js';
import type { ServiceParts } from '../../service-parts.js';
import { botPath } from '../bots/bot-schemas.js';
import { botOfCall } from '../bots/bots.js';
import { present } from '../bots/bot-views.js';
import { eventPlace, pageFrom, pageOf, pageQuery, readCursor } from '../cursors.js';
import { type Route, route } from '../route.js';

const STATES = [...TOOL_CALL_STATES, 'lost'] as const;
const toolCall = z
  .object({
    callId: z.string(),
    tool: z.string(),
    level: z
      .enum(['read', 'write', 'confirm', 'host'])
      .optional()
      .meta({ description: 'What the tool may do; absent for one that is not there.' }),
    askedBy: z.string().optional().meta({
      description: 'The participant who asked for it; absent: nobody in the meeting, or nothing is kept.',
    }),
    arguments: z.string().meta({
      description:
        'JSON text as the model wrote it: untrusted. Empty where it was erased, or nothing that is said is kept.',
    }),
    result: z.string().optional().meta({
      description:
        'What it gave back, at most 4,000 characters, or why it gave back nothing: untrusted text.',
    }),
    state: z.enum(STATES).meta({
      description:
        '`asking`: it waits for a yes; `approved`: it has one, and runs; `lost`: its process ended, and nobody knows what became of it.',
    }),
    decidedBy: z.string().optional().meta({
      description: 'Who said yes or no: a participant, `host`, `key:…` or `user:…`.',
    }),
    durationMs: z.int().optional(),
    wasLate: z.boolean().meta({ description: 'The model had been told that it was still running.' }),
    at: z.string(),
  })
  .meta({ id: 'ToolCall' });

export function toolCallRoutes(parts: ServiceParts): Route[] {
  const { database } = parts;
  return [
    route(
      {
        ...{ method: 'GET', path: '/v1/bots/{botId}/tool-calls', id: 'listToolCalls', tag: 'Records' },
        ...{ scope: 'records:read', summary: 'What the agent called, in the order in which it did' },
        ...{ params: botPath, query: z.strictObject(pageQuery), answer: pageOf(toolCall) },
      },
      async (call) => {
        const bot = await botOfCall(parts, call);
        const { limit, cursor } = call.query;
        const after = cursor === undefined ? undefined : readCursor(cursor, eventPlace);
        const rows = await listToolCalls(database.orm, bot.id, { limit: limit + 1, after });
        const { page, next } = pageFrom(rows, limit, ({ epoch, seq }) => [epoch, seq]);
        return { json: { data: page.map((row) => toolCallOf(row, bot)), ...next } };
      },
    ),
  ];
}

function toolCallOf(row: ToolCallRow, bot: BotRow): z.input<typeof toolCall> {
  const { callId, tool, level, askedBy, arguments: args, result, decidedBy, durationMs, wasLate } = row;
  const isLost = !isCallOver(row) && (isOver(bot.state) || row.epoch < bot.epoch);
  return present({
    ...{ callId, tool, level, askedBy, arguments: args, result, decidedBy, durationMs, wasLate },
    ...{ state: isLost ? ('lost' as const) : row.state, at: row.at.toISOString() },
  });
}
