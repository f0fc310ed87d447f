/** What a new connection is told of the conversation so far. Pure. */
import type { WireObject } from '../realtime/providers/wire-form.js';
import { shortened } from '../text.js';
import type { RealtimeItem } from './items.js';

/** Of the newest items so many, with so many characters in all; the oldest are left out first. */
const MAX_ITEMS = 40;
const MAX_CHARS = 16_000;
const MAX_ITEM_CHARS = 4_000;

/** How function calls of the conversation stand. */
export type CallStates = {
  /** The output of a call; undefined while there is none. */
  outputOf(callId: string): string | undefined;
  /** A call is being answered. */
  isRunning(callId: string): boolean;
};

/**
 * Items that tell a new connection what was said, oldest first: messages as text, and each function call with its output right
 * behind it. A call that is being answered comes without, for its output to follow; one that will never be answered is left out.
 */
export function seedItems(
  items: readonly RealtimeItem[],
  isKnown: (itemId: string) => boolean,
  calls: CallStates,
): readonly WireObject[] {
  const seeds: WireObject[][] = [];
  let count = 0;
  let chars = 0;
  for (const item of items.toReversed()) {
    if (isKnown(item.id)) continue;
    const seed = seedOf(item, calls);
    const length = JSON.stringify(seed).length;
    if (seed.length === 0) continue;
    if (count + seed.length > MAX_ITEMS || chars + length > MAX_CHARS) break;
    count += seed.length;
    chars += length;
    seeds.push(seed);
  }
  return seeds.reverse().flat();
}

function seedOf(item: RealtimeItem, calls: CallStates): WireObject[] {
  if (item.type === 'function_call') return callOf(item, calls);
  const { id, role } = item;
  if (item.type !== 'message' || item.status === 'in_progress' || role === undefined) return [];
  const { text, transcript } = item.formatted;
  const said = shortened((text + transcript).trim(), MAX_ITEM_CHARS);
  if (said === '') return [];
  const content = [{ type: role === 'assistant' ? 'output_text' : 'input_text', text: said }];
  return [{ id, type: 'message', role, content }];
}

function callOf(item: RealtimeItem, calls: CallStates): WireObject[] {
  const { id, call_id: callId, name, arguments: args } = item;
  if (callId === undefined || name === undefined) return [];
  const output = calls.outputOf(callId);
  if (output === undefined && !calls.isRunning(callId)) return [];
  const call = { id, type: 'function_call', call_id: callId, name, arguments: args ?? '' };
  return output === undefined
    ? [call]
    : [call, { type: 'function_call_output', call_id: callId, output: shortened(output, MAX_ITEM_CHARS) }];
}
