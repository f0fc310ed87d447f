/**
 * What a server may send on `/v1/live/sessions`. Source: ServerEvent (openai@7.55.0, resources/live), all 28 of them; what an
 * interpreter has no use for is known by its name alone. Azure leaves out `client_event_id` and puts times on audio, with gaps
 * in place of silence: both are read. Translation sessions share some of these names with other fields, so the parser belongs
 * to the kind.
 */
import { z } from 'zod';
import type { ParsedMessage } from '../transport.js';
import { type ParsedEvent, parseEvent } from './parse-event.js';
import { number, optional, optionalOrNull, string, wireObject } from './wire.js';

/** `event_id` is not asked for: audio has none, and nothing depends on it. */
function serverEvent<Type extends string, Shape extends z.core.$ZodLooseShape>(type: Type, shape: Shape) {
  return wireObject({
    ...shape,
    type: z.literal(type),
    event_id: optional(string),
    client_event_id: optionalOrNull(string),
  });
}

/** The effective configuration. `expires_at` is in seconds since 1970. */
const sessionSchema = wireObject({
  id: optional(string),
  model: optional(string),
  expires_at: optionalOrNull(number),
});

/** What went wrong; `client_event_id` is the client event that caused it. The documentation allows a code of null. */
const liveErrorSchema = wireObject({
  type: string,
  code: optionalOrNull(string),
  message: string,
  param: optionalOrNull(string),
  client_event_id: optionalOrNull(string),
});

/** Seconds of the session so far, from its start: a sum, and what is billed. */
const usageSchema = wireObject({ seconds: z.number().nonnegative() });

/** A stretch of the session's clock, which is that of the audio sent to it. */
const window = { start_ms: optionalOrNull(number), end_ms: optionalOrNull(number) };

/** Any server event, by its `type`. */
const liveServerEventSchema = z.discriminatedUnion('type', [
  serverEvent('error', { error: liveErrorSchema }),
  serverEvent('info', { code: optionalOrNull(string), message: optionalOrNull(string) }),
  serverEvent('session.started', { session: sessionSchema }),
  serverEvent('session.updated', { session: optional(sessionSchema) }),
  serverEvent('session.closed', {
    reason: optionalOrNull(string),
    session: optional(sessionSchema),
    usage: optional(usageSchema),
  }),
  serverEvent('session.usage.updated', {
    usage: usageSchema,
    context_window: optionalOrNull(wireObject({ usage_ratio: optional(number) })),
  }),
  serverEvent('session.output_audio.delta', { ...window, delta: string }),
  serverEvent('session.input_transcript.delta', { ...window, delta: string }),
  serverEvent('session.output_transcript.delta', { ...window, delta: string }),
  serverEvent('session.delegation.created', {
    offset_ms: optional(number),
    delegation: wireObject({ id: string, target: optional(string) }),
  }),
  serverEvent('session.input_audio.muted', {}),
  serverEvent('session.input_audio.unmuted', {}),
  serverEvent('session.input_audio.append', {}),
  serverEvent('session.instructions.appended', {}),
  serverEvent('session.thinking.appended', {}),
  serverEvent('session.commentary.appended', {}),
  serverEvent('session.output_audio.fixture.playing', {}),
  serverEvent('session.output_audio.fixture.played', {}),
  serverEvent('response.event', {}),
  serverEvent('decision.event', {}),
  serverEvent('decision.item.created', {}),
  serverEvent('decision.item.deleted', {}),
  serverEvent('transport.dtmf.received', {}),
  serverEvent('transport.dtmf.send', {}),
  serverEvent('transport.dtmf.sent', {}),
  serverEvent('transport.ringing', {}),
  serverEvent('transport.answered', {}),
  serverEvent('transport.failed', {}),
]);
export type LiveServerEvent = z.infer<typeof liveServerEventSchema>;

/** One kind of server event by its type. */
export type LiveServerEventOf<Type extends LiveServerEvent['type']> = Extract<
  LiveServerEvent,
  { type: Type }
>;

const schemaByType: ReadonlyMap<string, z.ZodType<LiveServerEvent>> = new Map(
  liveServerEventSchema.options.map((schema) => [schema.shape.type.value, schema]),
);

/** Checks one message of a live server, its text or what was parsed of it. */
export function parseLiveEvent(message: string | ParsedMessage): ParsedEvent<LiveServerEvent> {
  return parseEvent(message, schemaByType);
}
