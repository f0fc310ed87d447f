/**
 * Every event that a server may send on `/v1/realtime`. Source: RealtimeServerEvent (openai@7.55.0). The
 * translation endpoint shares some event names with other fields: it has a parser of its own.
 */
import { z } from 'zod';
import { serverItemSchema } from './items.js';
import type { ParsedMessage } from '../transport.js';
import { type ParsedEvent, parseEvent } from './parse-event.js';
import { responseSchema } from './responses.js';
import { effectiveSessionSchema } from './session-config.js';
import {
  index,
  milliseconds,
  number,
  optional,
  optionalOrNull,
  string,
  tokenCount,
  wireObject,
} from './wire.js';

function serverEvent<Type extends string, Shape extends z.core.$ZodLooseShape>(type: Type, shape: Shape) {
  return wireObject({ ...shape, type: z.literal(type), event_id: string });
}

const itemId = { item_id: string };
const placedItem = { item: serverItemSchema, previous_item_id: optionalOrNull(string) };
const inResponse = { response_id: string, output_index: index };
const inItem = { ...inResponse, ...itemId };
const inPart = { ...inItem, content_index: index };
const mcpCall = { ...itemId, output_index: index };
const contentPart = wireObject({
  type: optional(string),
  text: optionalOrNull(string),
  audio: optionalOrNull(string),
  transcript: optionalOrNull(string),
});
const logprobs = optionalOrNull(
  z.array(wireObject({ token: string, logprob: number, bytes: z.array(number) })),
);

/** What went wrong with something the client sent, or with the session. `event_id` is the client event that caused it. */
export const realtimeErrorSchema = wireObject({
  type: string,
  code: optionalOrNull(string),
  message: string,
  param: optionalOrNull(string),
  event_id: optionalOrNull(string),
});

const transcriptionUsageSchema = z.discriminatedUnion('type', [
  wireObject({
    type: z.literal('tokens'),
    input_tokens: tokenCount,
    output_tokens: tokenCount,
    total_tokens: tokenCount,
    input_token_details: optional(
      wireObject({ audio_tokens: optional(tokenCount), text_tokens: optional(tokenCount) }),
    ),
  }),
  wireObject({ type: z.literal('duration'), seconds: number }),
]);

const rateLimitSchema = wireObject({
  name: optional(string),
  limit: optional(number),
  remaining: optional(number),
  reset_seconds: optional(number),
});

/** Any server event, by its `type`. */
export const serverEventSchema = z.discriminatedUnion('type', [
  serverEvent('error', { error: realtimeErrorSchema }),
  serverEvent('session.created', { session: effectiveSessionSchema }),
  serverEvent('session.updated', { session: effectiveSessionSchema }),
  serverEvent('conversation.created', {
    conversation: wireObject({ id: optional(string), object: optional(string) }),
  }),
  serverEvent('conversation.item.created', placedItem),
  serverEvent('conversation.item.added', placedItem),
  serverEvent('conversation.item.done', placedItem),
  serverEvent('conversation.item.retrieved', { item: serverItemSchema }),
  serverEvent('conversation.item.truncated', { ...itemId, content_index: index, audio_end_ms: milliseconds }),
  serverEvent('conversation.item.deleted', itemId),
  serverEvent('conversation.item.input_audio_transcription.delta', {
    ...itemId,
    content_index: optional(index),
    delta: optional(string),
    logprobs,
  }),
  serverEvent('conversation.item.input_audio_transcription.completed', {
    ...itemId,
    content_index: index,
    transcript: string,
    usage: transcriptionUsageSchema,
    languages: optionalOrNull(z.array(wireObject({ code: string }))),
    logprobs,
  }),
  serverEvent('conversation.item.input_audio_transcription.failed', {
    ...itemId,
    content_index: index,
    error: wireObject({
      type: optionalOrNull(string),
      code: optionalOrNull(string),
      message: optionalOrNull(string),
      param: optionalOrNull(string),
    }),
  }),
  serverEvent('conversation.item.input_audio_transcription.segment', {
    ...itemId,
    id: string,
    content_index: index,
    text: string,
    speaker: string,
    start: number,
    end: number,
  }),
  serverEvent('input_audio_buffer.speech_started', { ...itemId, audio_start_ms: milliseconds }),
  serverEvent('input_audio_buffer.speech_stopped', { ...itemId, audio_end_ms: milliseconds }),
  serverEvent('input_audio_buffer.committed', { ...itemId, previous_item_id: optionalOrNull(string) }),
  serverEvent('input_audio_buffer.cleared', {}),
  serverEvent('input_audio_buffer.timeout_triggered', {
    ...itemId,
    audio_start_ms: milliseconds,
    audio_end_ms: milliseconds,
  }),
  // SIP only; the one event without an event_id. `received_at` is in seconds since 1970.
  wireObject({
    type: z.literal('input_audio_buffer.dtmf_event_received'),
    event: string,
    received_at: number,
  }),
  serverEvent('output_audio_buffer.started', { response_id: string }),
  serverEvent('output_audio_buffer.stopped', { response_id: string }),
  serverEvent('output_audio_buffer.cleared', { response_id: string }),
  serverEvent('response.created', { response: responseSchema }),
  serverEvent('response.done', { response: responseSchema }),
  serverEvent('response.output_item.added', { ...inResponse, item: serverItemSchema }),
  serverEvent('response.output_item.done', { ...inResponse, item: serverItemSchema }),
  serverEvent('response.content_part.added', { ...inPart, part: contentPart }),
  serverEvent('response.content_part.done', { ...inPart, part: contentPart }),
  serverEvent('response.output_audio.delta', { ...inPart, delta: string }),
  serverEvent('response.output_audio.done', inPart),
  serverEvent('response.output_audio_transcript.delta', { ...inPart, delta: string }),
  serverEvent('response.output_audio_transcript.done', { ...inPart, transcript: string }),
  serverEvent('response.output_text.delta', { ...inPart, delta: string }),
  serverEvent('response.output_text.done', { ...inPart, text: string }),
  serverEvent('response.function_call_arguments.delta', {
    ...inItem,
    call_id: string,
    delta: string,
  }),
  serverEvent('response.function_call_arguments.done', {
    ...inItem,
    call_id: string,
    name: string,
    arguments: string,
  }),
  serverEvent('response.mcp_call_arguments.delta', {
    ...inItem,
    delta: string,
    obfuscation: optionalOrNull(string),
  }),
  serverEvent('response.mcp_call_arguments.done', { ...inItem, arguments: string }),
  serverEvent('response.mcp_call.in_progress', mcpCall),
  serverEvent('response.mcp_call.completed', mcpCall),
  serverEvent('response.mcp_call.failed', mcpCall),
  serverEvent('mcp_list_tools.in_progress', itemId),
  serverEvent('mcp_list_tools.completed', itemId),
  serverEvent('mcp_list_tools.failed', itemId),
  serverEvent('rate_limits.updated', { rate_limits: z.array(rateLimitSchema) }),
]);
export type RealtimeServerEvent = z.infer<typeof serverEventSchema>;

/** One kind of server event by its type. */
export type ServerEventOf<Type extends RealtimeServerEvent['type']> = Extract<
  RealtimeServerEvent,
  { type: Type }
>;

/** What became of a message. */
type ParsedServerEvent = ParsedEvent<RealtimeServerEvent>;

const schemaByType: ReadonlyMap<string, z.ZodType<RealtimeServerEvent>> = new Map(
  serverEventSchema.options.map((schema) => [schema.shape.type.value, schema]),
);

/** Checks one message of a `/v1/realtime` server, its text or what was parsed of it. */
export function parseServerEvent(message: string | ParsedMessage): ParsedServerEvent {
  return parseEvent(message, schemaByType);
}
