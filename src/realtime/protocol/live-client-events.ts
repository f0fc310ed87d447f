/**
 * What a client of `/v1/live/sessions` sends that interprets. Source: ClientEvent (openai@7.55.0, resources/live), of which
 * these are four of fifteen; voices beyond its list are in OpenAI's guide to GPT-Live. The session has no language, turn
 * detection, transcription model, speed or kinds of output, and takes nothing back: what it is told at its start it keeps.
 */
import { z } from 'zod';
import { optional, wireObject } from './wire.js';

const eventId = { event_id: optional(z.string()) };

/** What a session is started with. Unknown fields are refused by the service. */
const liveSessionSchema = wireObject({
  model: z.string(),
  instructions: z.string(),
  /** Nothing of it is kept by the service. */
  store: z.boolean(),
  /** A hash that stands for the end user (openai@7.57.0). */
  safety_identifier: optional(z.string()),
  audio: wireObject({
    format: wireObject({ type: z.literal('audio/pcm'), rate: z.literal(24_000) }),
    output: wireObject({ voice: z.string() }),
  }),
  delegation: wireObject({
    type: z.literal('client'),
    acknowledgement_delay_ms: optional(z.int().nonnegative()),
  }),
});
export type LiveSession = z.infer<typeof liveSessionSchema>;

/** Any event that is sent, by its `type`. `session.close` asks for what is pending, and for the end. */
export const liveClientEventSchema = z.discriminatedUnion('type', [
  wireObject({ ...eventId, type: z.literal('session.start'), session: liveSessionSchema }),
  wireObject({ ...eventId, type: z.literal('session.input_audio.append'), audio: z.string() }),
  /** Silent context; with a delegation's id it is the answer to that. */
  wireObject({
    ...eventId,
    type: z.literal('session.thinking.append'),
    content: z.string(),
    delegation_id: z.nullable(z.string()),
  }),
  wireObject({ ...eventId, type: z.literal('session.close') }),
]);
export type LiveClientEvent = z.infer<typeof liveClientEventSchema>;
