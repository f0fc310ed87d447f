/**
 * What a server may send on `/v1/realtime/translations`. Source of the seven events: RealtimeTranslationServerEvent
 * (openai@7.55.0). Azure is reported to use names of its own for the translated text (`response.text.delta`, the text in
 * `text`), and some servers to end texts with `.done` or `.completed`: all of these are read, none is waited for. Other
 * kinds of session share some of these names with other fields, so the parser belongs to the kind.
 */
import { z } from 'zod';
import type { ParsedMessage } from '../transport.js';
import { type ParsedEvent, parseEvent } from './parse-event.js';
import { realtimeErrorSchema } from './server-events.js';
import { number, optional, optionalOrNull, string, wireObject } from './wire.js';

/** `event_id` is not asked for: nothing depends on it, and compatible servers leave it out. */
function serverEvent<Type extends string, Shape extends z.core.$ZodLooseShape>(type: Type, shape: Shape) {
  return wireObject({ ...shape, type: z.literal(type), event_id: optional(string) });
}

/** The effective configuration. `expires_at` is in seconds since 1970. */
const translationSessionSchema = wireObject({
  id: optional(string),
  type: optional(string),
  model: optional(string),
  expires_at: optionalOrNull(number),
  audio: optional(wireObject({ output: optional(wireObject({ language: optionalOrNull(string) })) })),
});

/** Where the engine's frame of 200 ms stands; it repeats, and is neither an id nor a play clock. */
const elapsed = { elapsed_ms: optionalOrNull(number) };

/** Any server event, by its `type`. */
const translateServerEventSchema = z.discriminatedUnion('type', [
  serverEvent('error', { error: realtimeErrorSchema }),
  serverEvent('session.created', { session: translationSessionSchema }),
  serverEvent('session.updated', { session: translationSessionSchema }),
  serverEvent('session.closed', {}),
  serverEvent('session.input_transcript.delta', { ...elapsed, delta: string }),
  serverEvent('session.output_transcript.delta', { ...elapsed, delta: string }),
  serverEvent('session.output_audio.delta', {
    ...elapsed,
    delta: string,
    format: optionalOrNull(string),
    sample_rate: optionalOrNull(number),
    channels: optionalOrNull(number),
  }),
  serverEvent('response.text.delta', {
    text: optionalOrNull(string),
    delta: optionalOrNull(string),
  }),
  serverEvent('response.text.done', {}),
  serverEvent('session.input_transcript.done', {}),
  serverEvent('session.input_transcript.completed', {}),
  serverEvent('session.output_transcript.done', {}),
  serverEvent('session.output_transcript.completed', {}),
  serverEvent('session.output_audio.done', {}),
]);
export type TranslateServerEvent = z.infer<typeof translateServerEventSchema>;

/** One kind of server event by its type. */
export type TranslateServerEventOf<Type extends TranslateServerEvent['type']> = Extract<
  TranslateServerEvent,
  { type: Type }
>;

const schemaByType: ReadonlyMap<string, z.ZodType<TranslateServerEvent>> = new Map(
  translateServerEventSchema.options.map((schema) => [schema.shape.type.value, schema]),
);

/** Checks one message of a translation server, its text or what was parsed of it. */
export function parseTranslateEvent(message: string | ParsedMessage): ParsedEvent<TranslateServerEvent> {
  return parseEvent(message, schemaByType);
}
