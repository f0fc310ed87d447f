/**
 * Tokens as the API counts them: input audio 1 per 100 ms, output audio 1 per 50 ms, text about 1 per 4 characters. Every
 * response pays for the whole conversation again; what an earlier response has seen counts as cached.
 */
import type { JsonObject } from '../config/checks.js';
import type { StoredItem } from '../items/items.js';

/** Tokens by kind. */
type TokenCount = { text: number; audio: number; image: number };

const IMAGE_TOKENS = 85; // the least an image costs

/** Tokens of so many characters of text. */
export function characterTokens(characters: number): number {
  return Math.ceil(characters / 4);
}

/** Tokens of a text. */
export function textTokens(text: string): number {
  return characterTokens(text.length);
}

/** Tokens of audio that the model speaks. */
export function outputAudioTokens(durationMs: number): number {
  return Math.ceil(durationMs / 50);
}

/** Tokens of audio that the model hears, its own earlier speech included. */
function inputAudioTokens(durationMs: number): number {
  return Math.ceil(durationMs / 100);
}

/** What an item costs as input. */
function itemTokens(item: StoredItem): TokenCount {
  const count: TokenCount = { text: 0, audio: 0, image: 0 };
  switch (item.kind) {
    case 'system':
      for (const text of item.texts) count.text += textTokens(text);
      break;
    case 'function_call':
      count.text += textTokens(item.name) + textTokens(item.arguments);
      break;
    case 'function_call_output':
      count.text += textTokens(item.output);
      break;
    case 'mcp':
      count.text += textTokens(JSON.stringify(item.fields));
      break;
    case 'user':
    case 'assistant':
      for (const part of item.parts) {
        if (part.type === 'input_image') count.image += IMAGE_TOKENS;
        else if ('text' in part) count.text += textTokens(part.text);
        else {
          count.audio += inputAudioTokens(part.durationMs);
          if (part.type === 'output_audio') count.text += textTokens(part.transcript);
        }
      }
  }
  return count;
}

/** Input of one response: everything it reads, and the part of it that an earlier response has read. */
export type InputCount = { all: TokenCount; cached: TokenCount };

/** Counts `preamble` (instructions and tools, seen before or not) and the items, each by its own `seen`. */
export function countInput(
  preamble: { text: string; seen: boolean },
  items: readonly StoredItem[],
): InputCount {
  const all: TokenCount = { text: textTokens(preamble.text), audio: 0, image: 0 };
  const cached: TokenCount = { text: preamble.seen ? all.text : 0, audio: 0, image: 0 };
  for (const item of items) {
    const count = itemTokens(item);
    for (const total of item.seen ? [all, cached] : [all]) {
      total.text += count.text;
      total.audio += count.audio;
      total.image += count.image;
    }
  }
  return { all, cached };
}

const NOTHING: TokenCount = { text: 0, audio: 0, image: 0 };

/** The input of a response that never ran. */
export const NO_INPUT: InputCount = { all: NOTHING, cached: NOTHING };

function sum(count: TokenCount): number {
  return count.text + count.audio + count.image;
}

/** The `usage` of a response. */
export function usageView(input: InputCount, output: { text: number; audio: number }): JsonObject {
  const outputTokens = output.text + output.audio;
  return {
    total_tokens: sum(input.all) + outputTokens,
    input_tokens: sum(input.all),
    output_tokens: outputTokens,
    input_token_details: {
      text_tokens: input.all.text,
      audio_tokens: input.all.audio,
      image_tokens: input.all.image,
      cached_tokens: sum(input.cached),
      cached_tokens_details: {
        text_tokens: input.cached.text,
        audio_tokens: input.cached.audio,
        image_tokens: input.cached.image,
      },
    },
    output_token_details: { text_tokens: output.text, audio_tokens: output.audio },
  };
}

const REQUESTS_PER_MINUTE = 500;
const TOKENS_PER_MINUTE = 200_000;

/** The allowance that `rate_limits.updated` reports: two buckets that refill evenly over a minute. It never refuses. */
export class RateLimits {
  #usedRequests = 0;
  #usedTokens = 0;
  #atMs = 0;

  /** Books one response and returns the `rate_limits` of its event. */
  book(tokens: number, nowMs: number): JsonObject[] {
    const minutes = (nowMs - this.#atMs) / 60_000;
    this.#atMs = nowMs;
    this.#usedRequests = Math.max(0, this.#usedRequests - minutes * REQUESTS_PER_MINUTE) + 1;
    this.#usedTokens = Math.max(0, this.#usedTokens - minutes * TOKENS_PER_MINUTE) + tokens;
    const view = (name: 'requests' | 'tokens', limit: number, used: number): JsonObject => ({
      name,
      limit,
      remaining: Math.max(0, Math.floor(limit - used)),
      reset_seconds: Math.round((used / limit) * 60_000) / 1000,
    });
    return [
      view('requests', REQUESTS_PER_MINUTE, this.#usedRequests),
      view('tokens', TOKENS_PER_MINUTE, this.#usedTokens),
    ];
  }
}
