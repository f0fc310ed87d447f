/**
 * Every event that a client may send on `/v1/realtime`. Source: RealtimeClientEvent (openai@7.55.0), with
 * `response.create` in its form that allows item references. Every client event takes an `event_id`, which comes back in
 * the `error` that it causes.
 */
import { z } from 'zod';
import { clientItemSchema } from './items.js';
import { responseCreateParamsSchema } from './responses.js';
import { sessionUpdateSchema } from './session-config.js';
import { index, optional, string, wireObject } from './wire.js';

function clientEvent<Type extends string, Shape extends z.core.$ZodLooseShape>(type: Type, shape: Shape) {
  return wireObject({ ...shape, type: z.literal(type), event_id: optional(string) });
}

/** Any client event, by its `type`. */
export const clientEventSchema = z.discriminatedUnion('type', [
  clientEvent('session.update', { session: sessionUpdateSchema }),
  clientEvent('input_audio_buffer.append', { audio: string }),
  clientEvent('input_audio_buffer.commit', {}),
  clientEvent('input_audio_buffer.clear', {}),
  clientEvent('conversation.item.create', {
    item: clientItemSchema,
    previous_item_id: optional(string),
  }),
  clientEvent('conversation.item.retrieve', { item_id: string }),
  clientEvent('conversation.item.delete', { item_id: string }),
  clientEvent('conversation.item.truncate', {
    item_id: string,
    content_index: index,
    audio_end_ms: z.int().nonnegative(),
  }),
  clientEvent('response.create', { response: optional(responseCreateParamsSchema) }),
  clientEvent('response.cancel', { response_id: optional(string) }),
  clientEvent('output_audio_buffer.clear', {}),
]);
export type RealtimeClientEvent = z.infer<typeof clientEventSchema>;
