/** Calls of tools by the agent of a meeting, as its events tell them. */
import { and, eq, inArray } from 'drizzle-orm';
import type { JoinEventOf } from '../../bot/events.js';
import type { Orm } from '../../database/database.js';
import { toolCalls, type ToolCallState } from '../../database/schema.js';
import { type EventPlace, isBehind } from './event-place.js';

export type ToolCallRow = typeof toolCalls.$inferSelect;

/** Of these something is still to come. */
const OPEN_STATES = ['running', 'asking', 'approved'] as const satisfies readonly ToolCallState[];
/** Of a call's id, which the model's server gives. */
const MAX_ID_CHARS = 200;

/** An event of a call, and its place among the events of its process. */
type ToolCallEvent = Pick<
  JoinEventOf<'tool'>,
  | 'what'
  | 'callId'
  | 'tool'
  | 'arguments'
  | 'level'
  | 'askedBy'
  | 'decidedBy'
  | 'outcome'
  | 'result'
  | 'durationMs'
  | 'wasLate'
> & { readonly seq: number };

/**
 * Keeps what an event tells of a call: it is there from `called` on, and each later event says more of it. Resolves to its row;
 * undefined where there is none any more: it was erased.
 */
export async function keepToolCall(
  tx: Orm,
  { botId, epoch }: { botId: string; epoch: number },
  event: ToolCallEvent,
  at: Date,
): Promise<ToolCallRow | undefined> {
  const { seq, level = null, durationMs, wasLate = false } = event;
  const callId = event.callId.slice(0, MAX_ID_CHARS);
  if (event.what === 'called') {
    const { tool, askedBy = null, arguments: args } = event;
    const [made] = await tx
      .insert(toolCalls)
      .values({
        ...{ botId, epoch, seq, callId, tool, level, askedBy, at },
        ...{ arguments: args, state: 'running' },
      })
      .returning();
    return made;
  }
  const [row] = await tx
    .update(toolCalls)
    .set({
      state: event.what === 'over' ? (event.outcome ?? 'done') : event.what,
      ...(event.decidedBy === undefined ? {} : { decidedBy: event.decidedBy }),
      ...(event.result === undefined ? {} : { result: event.result }),
      ...(durationMs === undefined ? {} : { durationMs: Math.round(durationMs) }),
      wasLate,
    })
    .where(
      and(
        eq(toolCalls.botId, botId),
        eq(toolCalls.epoch, epoch),
        eq(toolCalls.callId, callId),
        inArray(toolCalls.state, [...OPEN_STATES]),
      ),
    )
    .returning();
  return row;
}

/** In the order in which they were made. */
export async function listToolCalls(
  orm: Orm,
  botId: string,
  { limit, after }: { limit: number; after?: EventPlace | undefined },
): Promise<ToolCallRow[]> {
  return orm
    .select()
    .from(toolCalls)
    .where(and(eq(toolCalls.botId, botId), isBehind(toolCalls, after)))
    .orderBy(toolCalls.epoch, toolCalls.seq)
    .limit(limit);
}

/**
 * Erases what one person had the agent do; of what others had it do stays that it was done, since what it was called with and
 * gave back may quote them.
 */
export async function erasePersonsCalls(tx: Orm, botId: string, participantId: string): Promise<void> {
  await tx.delete(toolCalls).where(and(eq(toolCalls.botId, botId), eq(toolCalls.askedBy, participantId)));
  await tx.update(toolCalls).set({ arguments: '', result: null }).where(eq(toolCalls.botId, botId));
}

/** Whether nothing more comes of a call. */
export function isCallOver({ state }: Pick<ToolCallRow, 'state'>): boolean {
  return !OPEN_STATES.some((open) => open === state);
}
