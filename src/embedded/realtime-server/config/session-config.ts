/**
 * The configuration of a session as the server holds it. Names and shapes are the protocol's (`RealtimeSessionCreateRequest`
 * of the openai package), so that what is held is what `session.updated` shows.
 */
import type { JsonObject } from './checks.js';

/** What the server calls itself in every session object: it is a stand-in, whatever model the client named. */
export const EMBEDDED_MODEL = 'parley-embedded';

/** Voices the API documents. The stand-in accepts each; what is heard is the responder's own. */
export const VOICES = [
  'alloy',
  'ash',
  'ballad',
  'coral',
  'echo',
  'sage',
  'shimmer',
  'verse',
  'marin',
  'cedar',
] as const;

/** PCM16 little-endian mono at 24 kHz, or G.711 at 8 kHz. */
export type AudioFormat =
  { type: 'audio/pcm'; rate: 24_000 } | { type: 'audio/pcmu' } | { type: 'audio/pcma' };

/** Turns by silence. */
export type ServerVad = {
  type: 'server_vad';
  threshold: number;
  prefix_padding_ms: number;
  silence_duration_ms: number;
  idle_timeout_ms: number | null;
  create_response: boolean;
  interrupt_response: boolean;
};

/** Turns by what was said (here: by its length, see turn-detector.ts). */
export type SemanticVad = {
  type: 'semantic_vad';
  eagerness: 'low' | 'medium' | 'high' | 'auto';
  create_response: boolean;
  interrupt_response: boolean;
};

/** Who ends a turn, and how. */
export type TurnDetection = ServerVad | SemanticVad;

/** How what the user says is transcribed. */
export type Transcription = {
  model: string;
  language?: string;
  languages?: string[];
  prompt?: string;
  keywords?: string[];
  delay?: 'minimal' | 'low' | 'medium' | 'high' | 'xhigh';
};

/** Kept and reported; changes nothing here. */
export type NoiseReduction = { type: 'near_field' | 'far_field'; strength: number };

/** A function that the model may call; `parameters` is a JSON schema. */
export type FunctionTool = { type: 'function'; name: string; description?: string; parameters?: unknown };
/** A function, or an MCP server. */
export type Tool = FunctionTool | (JsonObject & { type: 'mcp' });

/** Whether a tool is to be called, and which. */
export type ToolChoice =
  | 'auto'
  | 'none'
  | 'required'
  | { type: 'function'; name: string }
  | { type: 'mcp'; server_label: string; name?: string | null };

/** One of the API's voices by name, or a custom one by id. */
export type Voice = string | { id: string };
/** What a reply is made of. */
export type OutputModality = 'audio' | 'text';
/** Limit on the tokens of one reply. */
export type MaxOutputTokens = number | 'inf';
/** Kept and reported; changes nothing here. */
export type Tracing = 'auto' | { workflow_name?: string; group_id?: string; metadata?: unknown };
/** Kept and reported; changes nothing here. */
export type Truncation =
  | 'auto'
  | 'disabled'
  | { type: 'retention_ratio'; retention_ratio: number; token_limits?: { post_instructions?: number } };

/** The effective configuration of a session, with the field names of the wire. */
export type SessionConfig = {
  output_modalities: OutputModality[];
  instructions: string;
  max_output_tokens: MaxOutputTokens;
  tools: Tool[];
  tool_choice: ToolChoice;
  tracing: Tracing | null;
  truncation: Truncation;
  include?: 'item.input_audio_transcription.logprobs'[];
  parallel_tool_calls?: boolean;
  reasoning?: { effort?: 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' };
  prompt: { id: string; version?: string | null; variables?: JsonObject | null } | null;
  audio: {
    input: {
      format: AudioFormat;
      noise_reduction: NoiseReduction | null;
      transcription: Transcription | null;
      turn_detection: TurnDetection | null;
    };
    output: { format: AudioFormat; voice: Voice; speed: number };
  };
};

/** What `server_vad` means where an update says no more. */
export const DEFAULT_SERVER_VAD: ServerVad = {
  type: 'server_vad',
  threshold: 0.5,
  prefix_padding_ms: 300,
  silence_duration_ms: 200, // what real session.created events show; the reference says 500
  idle_timeout_ms: null,
  create_response: true,
  interrupt_response: true,
};

/** What `semantic_vad` means where an update says no more. */
export const DEFAULT_SEMANTIC_VAD: SemanticVad = {
  type: 'semantic_vad',
  eagerness: 'auto',
  create_response: true,
  interrupt_response: true,
};

/** What a session starts with, and what `session.created` shows. */
export function defaultSessionConfig(): SessionConfig {
  return {
    output_modalities: ['audio'],
    instructions: '',
    max_output_tokens: 'inf',
    tools: [],
    tool_choice: 'auto',
    tracing: null,
    truncation: 'auto',
    prompt: null,
    audio: {
      input: {
        format: { type: 'audio/pcm', rate: 24_000 },
        noise_reduction: null,
        transcription: null,
        turn_detection: DEFAULT_SERVER_VAD,
      },
      output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'marin', speed: 1 },
    },
  };
}

/**
 * The session object of `session.created` and `session.updated`. `id`, `object` and `expires_at` (epoch seconds) are what
 * the live API sends beyond the typed fields. Settings that are off and that the openai package types without `null`
 * (noise reduction, transcription) are left out.
 */
export function sessionObject(
  config: SessionConfig,
  identity: { id: string; expiresAtSeconds: number },
): JsonObject {
  const { noise_reduction, transcription, ...input } = config.audio.input;
  return {
    type: 'realtime',
    object: 'realtime.session',
    id: identity.id,
    model: EMBEDDED_MODEL,
    expires_at: identity.expiresAtSeconds,
    ...config,
    audio: {
      input: {
        ...input,
        ...(noise_reduction === null ? {} : { noise_reduction }),
        ...(transcription === null ? {} : { transcription }),
      },
      output: config.audio.output,
    },
  };
}

/** The name of a voice, custom ones by their id. */
export function voiceName(voice: Voice): string {
  return typeof voice === 'string' ? voice : voice.id;
}
