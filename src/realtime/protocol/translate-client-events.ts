/**
 * The three events that a client may send on `/v1/realtime/translations`. Source: RealtimeTranslationClientEvent
 * (openai@7.55.0). The session has no type, format, voice, instructions or source language.
 */
import { z } from 'zod';
import { optional, wireObject } from './wire.js';

const eventId = { event_id: optional(z.string()) };

/** `null` switches transcription of the speaker off. */
const transcription = z.nullable(wireObject({ model: z.string() }));
const noiseReduction = z.nullable(
  wireObject({ type: z.enum(['near_field', 'far_field']), strength: optional(z.number()) }),
);

/** All that can be updated; only the fields that are present change. */
const translationUpdateSchema = wireObject({
  audio: wireObject({
    input: optional(
      wireObject({ transcription: optional(transcription), noise_reduction: optional(noiseReduction) }),
    ),
    output: optional(wireObject({ language: z.string() })),
  }),
});
export type TranslateUpdate = z.infer<typeof translationUpdateSchema>;

/** Any client event, by its `type`. `session.close` asks for what is pending, and for the end. */
export const translateClientEventSchema = z.discriminatedUnion('type', [
  wireObject({ ...eventId, type: z.literal('session.update'), session: translationUpdateSchema }),
  wireObject({ ...eventId, type: z.literal('session.input_audio_buffer.append'), audio: z.string() }),
  wireObject({ ...eventId, type: z.literal('session.close') }),
]);
export type TranslateClientEvent = z.infer<typeof translateClientEventSchema>;
