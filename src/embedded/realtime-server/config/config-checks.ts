/** The documented fields of a session, each with the values the API takes. */
import {
  anyJsonObject,
  anything,
  arrayOf,
  type Check,
  decimal,
  flag,
  functionName,
  integer,
  isJsonObject,
  nullable,
  object,
  oneOf,
  tagged,
  text,
  textUpTo,
} from './checks.js';
import { ClientEventError, invalidType, invalidValue, missingParameter } from '../server/client-error.js';
import {
  type AudioFormat,
  type MaxOutputTokens,
  type OutputModality,
  type Tool,
  type ToolChoice,
  type Tracing,
  type Truncation,
  type Voice,
  VOICES,
} from './session-config.js';

const MAX_TOOLS = 128;
const MAX_TEXT_CHARACTERS = 1_048_576;

/** Instructions, descriptions and other long texts. */
export const instructionsText = textUpTo(MAX_TEXT_CHARACTERS);

/** PCM must name its rate, and 24,000 is the only one. */
export const audioFormat: Check<AudioFormat> = tagged('type', {
  'audio/pcm': object({ type: oneOf('audio/pcm'), rate: oneOf(24_000) }, 'type', 'rate'),
  'audio/pcmu': object({ type: oneOf('audio/pcmu') }, 'type'),
  'audio/pcma': object({ type: oneOf('audio/pcma') }, 'type'),
});

/** One of two: audio (which comes with its transcript) or text. */
export const outputModalities: Check<OutputModality[]> = (value, path) => {
  const modalities = arrayOf(oneOf('audio', 'text'), 2)(value, path);
  if (modalities.length !== 1) {
    throw new ClientEventError(
      'invalid_value',
      `Invalid value: '${path}' must be either ['audio'] or ['text'].`,
      path,
    );
  }
  return modalities;
};

/** 1 to 4,096, or `inf`. */
export const maxOutputTokens: Check<MaxOutputTokens> = (value, path) => {
  if (typeof value === 'string') return oneOf('inf')(value, path);
  if (typeof value !== 'number') throw invalidType(path, "an integer or 'inf'", value);
  return integer(1, 4096)(value, path);
};

/** One of the API's voices by name, or a custom one by id. */
export const voice: Check<Voice> = (value, path) => {
  if (isJsonObject(value)) return object({ id: textUpTo(256) }, 'id')(value, path);
  return oneOf(...VOICES)(text(value, path), path);
};

const approvalFilter = object({ read_only: flag, tool_names: arrayOf(text, MAX_TOOLS) });

/** Functions and MCP servers. */
export const tools: Check<Tool[]> = arrayOf(
  tagged('type', {
    function: object(
      {
        type: oneOf('function'),
        name: functionName,
        description: instructionsText,
        parameters: anyJsonObject,
      },
      'type',
      'name',
    ),
    mcp: object(
      {
        type: oneOf('mcp'),
        server_label: text,
        allowed_callers: nullable(arrayOf(oneOf('direct', 'programmatic'), 2)),
        allowed_tools: nullable((value: unknown, path: string) =>
          Array.isArray(value) ? arrayOf(text, MAX_TOOLS)(value, path) : approvalFilter(value, path),
        ),
        authorization: text,
        connector_id: text,
        defer_loading: flag,
        headers: nullable(anyJsonObject),
        require_approval: nullable((value: unknown, path: string) =>
          typeof value === 'string'
            ? oneOf('always', 'never')(value, path)
            : object({ always: approvalFilter, never: approvalFilter })(value, path),
        ),
        server_description: text,
        server_url: text,
        tunnel_id: text,
      },
      'type',
      'server_label',
    ),
  }),
  MAX_TOOLS,
);

/** Whether a tool is to be called, and which. */
export const toolChoice: Check<ToolChoice> = (value, path) => {
  if (typeof value === 'string') return oneOf('auto', 'none', 'required')(value, path);
  return tagged('type', {
    function: object({ type: oneOf('function'), name: text }, 'type', 'name'),
    mcp: object({ type: oneOf('mcp'), server_label: text, name: nullable(text) }, 'type', 'server_label'),
  })(value, path);
};

/** How much thought goes into a reply. */
export const reasoning = object({ effort: oneOf('minimal', 'low', 'medium', 'high', 'xhigh') });

/** A stored prompt with its variables. */
export const prompt = nullable(
  object({ id: text, version: nullable(text), variables: nullable(anyJsonObject) }, 'id'),
);

const tracing: Check<Tracing | null> = (value, path) => {
  if (value === null || typeof value === 'string') return nullable(oneOf('auto'))(value, path);
  return object({ workflow_name: text, group_id: text, metadata: anything })(value, path);
};

const truncation: Check<Truncation> = (value, path) => {
  if (typeof value === 'string') return oneOf('auto', 'disabled')(value, path);
  return object(
    {
      type: oneOf('retention_ratio'),
      retention_ratio: decimal(0, 1),
      token_limits: object({ post_instructions: integer(0, 1_000_000) }),
    },
    'type',
    'retention_ratio',
  )(value, path);
};

const transcription = object({
  model: text,
  language: text,
  languages: arrayOf(text, 64),
  prompt: instructionsText,
  keywords: arrayOf(text, 1024),
  delay: oneOf('minimal', 'low', 'medium', 'high', 'xhigh'),
});

const noiseReduction = object({ type: oneOf('near_field', 'far_field'), strength: decimal(0, 1) });

const turnDetection = tagged('type', {
  server_vad: object(
    {
      type: oneOf('server_vad'),
      threshold: decimal(0, 1),
      prefix_padding_ms: integer(0, 5_000),
      silence_duration_ms: integer(0, 10_000),
      idle_timeout_ms: nullable(integer(1, 3_600_000)),
      create_response: flag,
      interrupt_response: flag,
    },
    'type',
  ),
  semantic_vad: object(
    {
      type: oneOf('semantic_vad'),
      eagerness: oneOf('low', 'medium', 'high', 'auto'),
      create_response: flag,
      interrupt_response: flag,
    },
    'type',
  ),
});

const sessionFields = object(
  {
    type: oneOf('realtime'),
    model: text,
    output_modalities: outputModalities,
    instructions: instructionsText,
    max_output_tokens: maxOutputTokens,
    include: arrayOf(oneOf('item.input_audio_transcription.logprobs'), 1),
    tools,
    tool_choice: toolChoice,
    parallel_tool_calls: flag,
    reasoning,
    prompt,
    tracing,
    truncation,
    audio: object({
      input: object({
        format: audioFormat,
        noise_reduction: nullable(noiseReduction),
        transcription: nullable(transcription),
        turn_detection: nullable(turnDetection),
      }),
      output: object({ format: audioFormat, voice, speed: decimal(0.25, 1.5) }),
    }),
  },
  'type',
);

/** The fields that a `session.update` carries, checked one by one; `type` is asked for before anything else. */
export const sessionUpdate: Check<ReturnType<typeof sessionFields>> = (value, path) => {
  const given = anyJsonObject(value, path);
  if (!Object.hasOwn(given, 'type')) throw missingParameter(`${path}.type`);
  if (given['type'] !== 'realtime') throw invalidValue(`${path}.type`, given['type'], ['realtime']);
  return sessionFields(given, path);
};

/** What {@link sessionUpdate} returns: only the fields that were present. */
export type SessionUpdate = ReturnType<typeof sessionFields>;
