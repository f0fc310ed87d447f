/**
 * Responses: what a client may ask for and what the server reports, usage included. Source: RealtimeResponse,
 * RealtimeResponseUsage, RealtimeResponseCreateParamsWithReferencesParam (openai@7.55.0).
 */
import { z } from 'zod';
import { clientItemSchema, itemReferenceSchema, serverItemSchema } from './items.js';
import {
  audioFormatSchema,
  outputModalitiesSchema,
  promptSchema,
  reasoningSchema,
  toolChoiceSchema,
  toolSchema,
  voiceSchema,
} from './session-config.js';
import {
  boolean,
  maxOutputTokens,
  metadata,
  optional,
  optionalOrNull,
  string,
  tokenCount,
  wireObject,
} from './wire.js';

/** The overrides of `response.create`. `conversation: "none"` makes it out-of-band; `input: []` clears its context. */
export const responseCreateParamsSchema = wireObject({
  conversation: optional(string),
  input: optional(z.array(z.union([itemReferenceSchema, clientItemSchema]))),
  instructions: optional(string),
  output_modalities: optional(outputModalitiesSchema),
  audio: optional(
    wireObject({
      output: optional(wireObject({ format: optional(audioFormatSchema), voice: optional(voiceSchema) })),
    }),
  ),
  max_output_tokens: optional(maxOutputTokens),
  tools: optional(z.array(toolSchema)),
  tool_choice: optional(toolChoiceSchema),
  parallel_tool_calls: optional(boolean),
  reasoning: optional(reasoningSchema),
  prompt: optionalOrNull(promptSchema),
  metadata: optionalOrNull(metadata),
});

/** Tokens of one response; the input counts the whole conversation that was sent to the model. */
const usageSchema = wireObject({
  total_tokens: optional(tokenCount),
  input_tokens: optional(tokenCount),
  output_tokens: optional(tokenCount),
  input_token_details: optional(
    wireObject({
      text_tokens: optional(tokenCount),
      audio_tokens: optional(tokenCount),
      image_tokens: optional(tokenCount),
      cached_tokens: optional(tokenCount),
      cached_tokens_details: optional(
        wireObject({
          text_tokens: optional(tokenCount),
          audio_tokens: optional(tokenCount),
          image_tokens: optional(tokenCount),
        }),
      ),
    }),
  ),
  output_token_details: optional(
    wireObject({ text_tokens: optional(tokenCount), audio_tokens: optional(tokenCount) }),
  ),
});
export type ResponseUsage = z.infer<typeof usageSchema>;

/** Why a response ended as it did. `type` and `reason` are open: a new reason must not hide a `response.done`. */
const statusDetailsSchema = wireObject({
  type: optional(string),
  reason: optionalOrNull(string),
  error: optionalOrNull(
    wireObject({
      type: optionalOrNull(string),
      code: optionalOrNull(string),
      message: optionalOrNull(string),
    }),
  ),
});

/**
 * The items of a response. Those of kinds that this version does not know are left out rather than refused, since the
 * end of a response must never be lost.
 */
const outputItemsSchema = z.array(z.unknown()).transform((items) =>
  items.flatMap((item) => {
    const parsed = serverItemSchema.safeParse(item, { jitless: true });
    return parsed.success ? [parsed.data] : [];
  }),
);

/** A response as the server reports it. `conversation_id` is null when it is out-of-band. */
export const responseSchema = wireObject({
  id: string,
  object: optional(z.literal('realtime.response')),
  status: optional(z.enum(['completed', 'cancelled', 'failed', 'incomplete', 'in_progress'])),
  status_details: optionalOrNull(statusDetailsSchema),
  conversation_id: optionalOrNull(string),
  output: optional(outputItemsSchema),
  output_modalities: optional(outputModalitiesSchema),
  audio: optionalOrNull(
    wireObject({
      output: optional(
        wireObject({ format: optional(audioFormatSchema), voice: optionalOrNull(voiceSchema) }),
      ),
    }),
  ),
  max_output_tokens: optional(maxOutputTokens),
  metadata: optionalOrNull(metadata),
  usage: optionalOrNull(usageSchema),
});
export type RealtimeResponse = z.infer<typeof responseSchema>;
