/** What a server bills, as it reports it: the `usage` of responses and of transcriptions (openai@7.55.0, RealtimeResponseUsage). */
import type { ResponseUsage } from './protocol/responses.js';
import type { ServerEventOf } from './protocol/server-events.js';

/** Tokens of one response or transcription; cached ones are not among the others of their kind. Images are never sent. */
export type TokenUsage = {
  readonly textIn: number;
  readonly cachedTextIn: number;
  readonly audioIn: number;
  readonly cachedAudioIn: number;
  readonly textOut: number;
  readonly audioOut: number;
};

/** One thing that is billed: tokens of a model that interprets or transcribes, or audio by its length. */
export type SessionUsage =
  | { readonly kind: 'response'; readonly tokens: TokenUsage }
  | { readonly kind: 'transcription'; readonly model: string; readonly tokens: TokenUsage }
  | { readonly kind: 'transcription'; readonly model: string; readonly audioMs: number }
  | { readonly kind: 'translation'; readonly audioMs: number }
  /** Of a live session: the time that it is open, silence included. `endUntold`: it ended untold, and may have lasted longer. */
  | { readonly kind: 'session'; readonly audioMs: number; readonly endUntold?: true };

/** The tokens of a response. What is not told apart as text counts as audio, which is what sessions mostly hold. */
export function responseTokens(usage: ResponseUsage): TokenUsage {
  const input = usage.input_token_details ?? {};
  const output = usage.output_token_details ?? {};
  const inTotal = usage.input_tokens ?? 0;
  const outTotal = usage.output_tokens ?? 0;
  const textInAll = input.text_tokens ?? 0;
  const audioInAll = input.audio_tokens ?? Math.max(0, inTotal - textInAll);
  const cached = input.cached_tokens_details;
  const cachedAudioIn = Math.min(audioInAll, cached?.audio_tokens ?? 0);
  const cachedTextIn = Math.min(textInAll, cached?.text_tokens ?? 0);
  const textOut = output.text_tokens ?? 0;
  return {
    textIn: textInAll - cachedTextIn,
    cachedTextIn,
    audioIn: audioInAll - cachedAudioIn,
    cachedAudioIn,
    textOut,
    audioOut: output.audio_tokens ?? Math.max(0, outTotal - textOut),
  };
}

/** What a transcription by `model` is billed. */
export function transcriptionUsage(
  model: string,
  usage: ServerEventOf<'conversation.item.input_audio_transcription.completed'>['usage'],
): SessionUsage {
  if (usage.type === 'duration') {
    return { kind: 'transcription', model, audioMs: Math.max(0, usage.seconds) * 1000 };
  }
  const textIn = usage.input_token_details?.text_tokens ?? 0;
  const audioIn = usage.input_token_details?.audio_tokens ?? Math.max(0, usage.input_tokens - textIn);
  const tokens = {
    textIn,
    cachedTextIn: 0,
    audioIn,
    cachedAudioIn: 0,
    textOut: usage.output_tokens,
    audioOut: 0,
  };
  return { kind: 'transcription', model, tokens };
}
