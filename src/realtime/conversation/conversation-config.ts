/** Configuration of a `/v1/realtime` session and the `session.update` that makes it so. */

import { REALTIME_RATE_HZ } from '../../../audio/rates.js';
import { ParleyError } from '../../errors.js';
import type { ToolDefinition } from '../session-tools.js';

/**
 * Who asks for a response after a turn: this client, one per turn in order, the server by itself, or nobody: what is said is
 * only transcribed, and each turn is `empty` when it is committed.
 */
export type ResponseMode = 'client' | 'server' | 'none';

/** Model that transcribes what the speaker says, and the speaker's language (BCP 47) where known. */
export type Transcription = { model: string; language?: string };

/**
 * Everything a conversation session can be told. All of it is sent, nothing is left to the server's defaults, but for the
 * model's own speed: some compatible servers know no `speed`.
 */
export type ConversationConfig = {
  /** One of the API's voices, such as `marin`. */
  voice: string;
  /** How fast it speaks, 0.25 to 1.5. */
  speed: number;
  /** Translations are spoken; otherwise they are written only. */
  spoken: boolean;
  /** A language named here is kept whatever the session is told later. */
  transcription: Transcription | undefined;
  maxOutputTokens: number | 'inf';
  vad: { threshold: number; prefixPaddingMs: number; silenceDurationMs: number };
  responses: ResponseMode;
  /** What the model may call; absent: the session has no tools. Only where this client asks for responses. */
  tools?: readonly ToolDefinition[] | undefined;
  /** Length of one uplink message, 10 to 100 ms; shorter ones go out where a turn begins or may end. */
  uplinkChunkMs: number;
};

/** The defaults of a live meeting. */
export const DEFAULT_CONVERSATION_CONFIG: ConversationConfig = {
  voice: 'marin',
  speed: 1,
  spoken: true,
  transcription: { model: 'gpt-realtime-whisper' },
  maxOutputTokens: 'inf',
  vad: { threshold: 0.5, prefixPaddingMs: 300, silenceDurationMs: 500 },
  responses: 'client',
  uplinkChunkMs: 100,
};

/** Throws ParleyError `config` that names the first value out of its range. */
export function checkConversationConfig(config: ConversationConfig): void {
  const { vad, maxOutputTokens, uplinkChunkMs, speed } = config;
  const check = (name: string, value: number, from: number, to: number, whole = true): void => {
    if (value >= from && value <= to && (!whole || Number.isInteger(value))) return;
    throw new ParleyError('config', `${name} is ${value}: allowed is ${from} to ${to}`);
  };
  check('uplinkChunkMs', uplinkChunkMs, 10, 100);
  checkSpeed(speed);
  check('vad.threshold', vad.threshold, 0, 1, false);
  check('vad.prefixPaddingMs', vad.prefixPaddingMs, 0, 10_000);
  check('vad.silenceDurationMs', vad.silenceDurationMs, 0, 60_000);
  if (config.tools !== undefined && config.responses !== 'client') {
    throw new ParleyError('config', `tools need responses to be client, not ${config.responses}`);
  }
  if (maxOutputTokens !== 'inf') check('maxOutputTokens', maxOutputTokens, 1, 4_096);
}

/** Throws ParleyError `config` for a speed that the API does not take. */
export function checkSpeed(speed: number): void {
  if (speed >= 0.25 && speed <= 1.5) return;
  throw new ParleyError('config', `speed is ${speed}: allowed is 0.25 to 1.5`);
}

/**
 * The `session` of the one `session.update` that configures a connection. `format.rate` is spelled out because the live API
 * rejects `audio/pcm` without it although its types call it optional.
 */
export function sessionOf(config: ConversationConfig, instructions: string) {
  const format = { type: 'audio/pcm', rate: REALTIME_RATE_HZ } as const;
  const serverResponds = config.responses === 'server';
  return {
    type: 'realtime',
    output_modalities: modalitiesOf(config.spoken),
    instructions,
    max_output_tokens: config.maxOutputTokens,
    ...(config.tools === undefined ? {} : toolsOf(config.tools)),
    audio: {
      input: {
        format,
        transcription: transcriptionOf(config.transcription),
        turn_detection: {
          type: 'server_vad',
          threshold: config.vad.threshold,
          prefix_padding_ms: config.vad.prefixPaddingMs,
          silence_duration_ms: config.vad.silenceDurationMs,
          create_response: serverResponds,
          interrupt_response: serverResponds,
        },
      },
      output: { format, voice: config.voice, ...(config.speed === 1 ? {} : { speed: config.speed }) },
    },
  } as const;
}

/** The `tools` of a session: the model calls what it wants to. */
export function toolsOf(tools: readonly ToolDefinition[]) {
  return {
    tools: tools.map((tool) => ({ type: 'function' as const, ...tool })),
    tool_choice: 'auto' as const,
  };
}

/** The `output_modalities` of a session: the API makes one of them, and a transcript of speech comes with it. */
export function modalitiesOf(spoken: boolean): ['audio'] | ['text'] {
  return spoken ? ['audio'] : ['text'];
}

/** The `transcription` of a session; null is none. */
export function transcriptionOf(transcription: Transcription | undefined): Transcription | null {
  if (transcription === undefined) return null;
  const { model, language } = transcription;
  return { model, ...(language === undefined ? {} : { language }) };
}
