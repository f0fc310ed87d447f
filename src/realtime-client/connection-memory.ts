/** What a connection's server is to remember of the conversation: events that keep its items in line with ours. */
import type { ClientConnection } from './client-connection.js';
import type { RealtimeItem } from './items.js';
import { type CallStates, seedItems } from './seeding.js';
import type { FunctionCall } from './tool-calls.js';

/** Tells a new connection what was said before it. */
export function seedConnection(
  connection: ClientConnection,
  items: readonly RealtimeItem[],
  calls: CallStates,
): void {
  const seeds = seedItems(items, (id) => connection.knows(id), calls);
  for (const item of items) if (item.status !== 'in_progress') connection.noteItem(item.id);
  for (const item of seeds) connection.send({ type: 'conversation.item.create', item });
}

/** Sends the output of a call; before it the call, where this server does not know it. */
export function sendCallOutput(
  connection: ClientConnection,
  items: readonly RealtimeItem[],
  { callId, name, arguments: args }: FunctionCall,
  output: string,
): void {
  const item = items.find(({ type, call_id: id }) => type === 'function_call' && id === callId);
  if (item !== undefined && !connection.knows(item.id)) {
    connection.noteItem(item.id);
    connection.send({
      type: 'conversation.item.create',
      item: { id: item.id, type: 'function_call', call_id: callId, name, arguments: args },
    });
  }
  connection.send({
    type: 'conversation.item.create',
    item: { type: 'function_call_output', call_id: callId, output },
  });
}

/** Of what this server has spoken, only so much was heard. */
export function truncateItem(connection: ClientConnection, itemId: string, audioEndMs: number): void {
  if (audioEndMs <= 0 || !connection.hasSpoken(itemId)) return;
  connection.send({
    type: 'conversation.item.truncate',
    item_id: itemId,
    content_index: 0,
    audio_end_ms: audioEndMs,
  });
}
