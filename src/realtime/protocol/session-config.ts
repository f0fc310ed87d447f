/**
 * The session object of `/v1/realtime`: what `session.update` asks for and what `session.created` and `session.updated`
 * report. Source: RealtimeSessionCreateRequest, RealtimeTranscriptionSessionCreateRequest (openai@7.55.0). `null` clears
 * `transcription`, `noise_reduction` and `turn_detection` (SessionUpdateEvent's description).
 */
import { z } from 'zod';
import { boolean, maxOutputTokens, number, optional, optionalOrNull, string, wireObject } from './wire.js';

/** PCM16, mono, little-endian. The rate must be sent, although the reference marks it optional. */
const pcmFormatSchema = wireObject({
  type: z.literal('audio/pcm'),
  rate: optional(z.literal(24_000)),
});

/** Audio formats of the API: PCM16 at 24 kHz, or G.711 mu-law or A-law at 8 kHz. */
export const audioFormatSchema = z.discriminatedUnion('type', [
  pcmFormatSchema,
  wireObject({ type: z.literal('audio/pcmu') }),
  wireObject({ type: z.literal('audio/pcma') }),
]);
export type AudioFormat = z.infer<typeof audioFormatSchema>;

/** A built-in voice by name, or a custom one by id. */
export const voiceSchema = z.union([string, wireObject({ id: string })]);

const serverVadSchema = wireObject({
  type: z.literal('server_vad'),
  threshold: optional(z.number().min(0).max(1)),
  prefix_padding_ms: optional(z.int().nonnegative()),
  silence_duration_ms: optional(z.int().nonnegative()),
  idle_timeout_ms: optionalOrNull(z.int().positive()),
  create_response: optional(boolean),
  interrupt_response: optional(boolean),
});

const semanticVadSchema = wireObject({
  type: z.literal('semantic_vad'),
  eagerness: optional(z.enum(['low', 'medium', 'high', 'auto'])),
  create_response: optional(boolean),
  interrupt_response: optional(boolean),
});

/** How the server finds turns in the audio; null leaves it to the client (manual commit). */
const turnDetectionSchema = z.discriminatedUnion('type', [serverVadSchema, semanticVadSchema]);
export type TurnDetection = z.infer<typeof turnDetectionSchema>;

const latency = z.enum(['minimal', 'low', 'medium', 'high', 'xhigh']);

const transcriptionSchema = wireObject({
  model: optional(string),
  language: optionalOrNull(string),
  languages: optionalOrNull(z.array(string)),
  prompt: optionalOrNull(string),
  keywords: optionalOrNull(z.array(string)),
  delay: optionalOrNull(latency),
});

const noiseReductionSchema = wireObject({
  type: optional(z.enum(['near_field', 'far_field'])),
  strength: optional(number),
});

const audioInputSchema = wireObject({
  format: optional(audioFormatSchema),
  noise_reduction: optionalOrNull(noiseReductionSchema),
  transcription: optionalOrNull(transcriptionSchema),
  turn_detection: optionalOrNull(turnDetectionSchema),
});

const audioOutputSchema = wireObject({
  format: optional(audioFormatSchema),
  voice: optional(voiceSchema),
  speed: optional(z.number().min(0.25).max(1.5)),
});

/** A function that the model may call; `parameters` is a JSON Schema. */
const functionToolSchema = wireObject({
  type: z.literal('function'),
  name: string,
  description: optionalOrNull(string),
  parameters: optional(z.unknown()),
});

const mcpToolFilterSchema = wireObject({
  read_only: optional(boolean),
  tool_names: optional(z.array(string)),
});

/** Tools of a remote MCP server, which the API calls itself. */
const mcpToolSchema = wireObject({
  type: z.literal('mcp'),
  server_label: string,
  server_url: optional(string),
  server_description: optional(string),
  connector_id: optional(
    z.enum([
      'connector_dropbox',
      'connector_gmail',
      'connector_googlecalendar',
      'connector_googledrive',
      'connector_microsoftteams',
      'connector_outlookcalendar',
      'connector_outlookemail',
      'connector_sharepoint',
    ]),
  ),
  tunnel_id: optional(string),
  authorization: optional(string),
  headers: optionalOrNull(z.record(string, string)),
  allowed_callers: optionalOrNull(z.array(z.enum(['direct', 'programmatic']))),
  allowed_tools: optionalOrNull(z.union([z.array(string), mcpToolFilterSchema])),
  defer_loading: optional(boolean),
  require_approval: optionalOrNull(
    z.union([
      z.enum(['always', 'never']),
      wireObject({ always: optional(mcpToolFilterSchema), never: optional(mcpToolFilterSchema) }),
    ]),
  ),
});

export const toolSchema = z.discriminatedUnion('type', [functionToolSchema, mcpToolSchema]);

export const toolChoiceSchema = z.union([
  z.enum(['none', 'auto', 'required']),
  z.discriminatedUnion('type', [
    wireObject({ type: z.literal('function'), name: string }),
    wireObject({ type: z.literal('mcp'), server_label: string, name: optionalOrNull(string) }),
  ]),
]);

export const reasoningSchema = wireObject({ effort: optional(latency) });

const promptImageSchema = wireObject({
  type: z.literal('input_image'),
  detail: z.enum(['low', 'high', 'auto', 'original']),
  file_id: optionalOrNull(string),
  image_url: optionalOrNull(string),
});
const promptFileSchema = wireObject({
  type: z.literal('input_file'),
  detail: optional(z.enum(['auto', 'low', 'high'])),
  file_data: optional(string),
  file_id: optionalOrNull(string),
  file_url: optional(string),
  filename: optional(string),
});
const promptVariableSchema = z.union([
  string,
  z.discriminatedUnion('type', [
    wireObject({ type: z.literal('input_text'), text: string }),
    promptImageSchema,
    promptFileSchema,
  ]),
]);

/** A stored prompt by id. */
export const promptSchema = wireObject({
  id: string,
  version: optionalOrNull(string),
  variables: optionalOrNull(z.record(string, promptVariableSchema)),
});

const tracingSchema = z.union([
  z.literal('auto'),
  wireObject({
    workflow_name: optional(string),
    group_id: optional(string),
    metadata: optional(z.unknown()),
  }),
]);

/** What is done when the conversation outgrows the model's context. */
const truncationSchema = z.union([
  z.enum(['auto', 'disabled']),
  wireObject({
    type: z.literal('retention_ratio'),
    retention_ratio: z.number().min(0).max(1),
    token_limits: optional(wireObject({ post_instructions: optional(z.int().nonnegative()) })),
  }),
]);

/** `["audio"]` (a transcript comes with it) or `["text"]`. */
export const outputModalitiesSchema = z.array(z.enum(['text', 'audio']));

const include = z.array(z.literal('item.input_audio_transcription.logprobs'));

const realtimeSessionFields = {
  type: z.literal('realtime'),
  model: optional(string),
  output_modalities: optional(outputModalitiesSchema),
  instructions: optional(string),
  audio: optional(wireObject({ input: optional(audioInputSchema), output: optional(audioOutputSchema) })),
  include: optionalOrNull(include),
  max_output_tokens: optional(maxOutputTokens),
  tools: optional(z.array(toolSchema)),
  tool_choice: optional(toolChoiceSchema),
  parallel_tool_calls: optional(boolean),
  reasoning: optionalOrNull(reasoningSchema),
  prompt: optionalOrNull(promptSchema),
  tracing: optionalOrNull(tracingSchema),
  truncation: optionalOrNull(truncationSchema),
};

const transcriptionSessionFields = {
  type: z.literal('transcription'),
  audio: optional(wireObject({ input: optional(audioInputSchema) })),
  include: optionalOrNull(include),
};

/** What a server adds to the session that it reports. `expires_at` is in seconds since 1970. */
const reportedFields = {
  id: optional(string),
  object: optional(string),
  expires_at: optional(number),
};

/** A session as `session.update` sends it: only the fields present change. */
export const sessionUpdateSchema = z.discriminatedUnion('type', [
  wireObject(realtimeSessionFields),
  wireObject(transcriptionSessionFields),
]);
export type SessionUpdate = z.infer<typeof sessionUpdateSchema>;

/** A session as the server reports it: the whole effective configuration. */
export const effectiveSessionSchema = z.discriminatedUnion('type', [
  wireObject({ ...reportedFields, ...realtimeSessionFields }),
  wireObject({ ...reportedFields, ...transcriptionSessionFields }),
]);
