/** Conversation items: as the server holds them, and as they look on the wire. */
import { REALTIME_SAMPLES_PER_MS } from '../../../../audio/rates.js';
import { encodeAudio } from '../input/audio-format.js';
import type { JsonObject } from '../config/checks.js';
import { ClientEventError } from '../server/client-error.js';
import type { Reply } from '../responses/responder.js';
import type { AudioFormat } from '../config/session-config.js';

/** How far an item is. */
type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** Audio of a message. `pcm24k` goes when the conversation holds too much; `durationMs` stays. */
export type HeldAudio = {
  pcm24k: Int16Array | undefined;
  durationMs: number;
  transcript: string;
  /** Cut by the client: nothing is added any more. */
  truncated?: true;
};

/** One part of what a user said, wrote or showed. */
export type UserPart =
  | { type: 'input_text'; text: string }
  | ({ type: 'input_audio' } & HeldAudio)
  | { type: 'input_image'; imageUrl: string; detail: 'auto' | 'low' | 'high' };

/** One part of what the model said. */
export type AssistantPart =
  { type: 'output_text'; text: string } | ({ type: 'output_audio'; format: AudioFormat } & HeldAudio);

type Common = { id: string; status: ItemStatus; seen: boolean /* by an earlier response: cached input */ };

/** A message of the user; `answered` once a response has dealt with it. */
export type UserItem = Common & {
  kind: 'user';
  parts: UserPart[];
  answered: boolean;
  /** What the responder made of each audio part, under which instructions. */
  heard?: { instructions: string; replies: Map<UserPart, Reply> };
};
/** A message of the model. */
export type AssistantItem = Common & { kind: 'assistant'; parts: AssistantPart[] };
/** A call of a function by the model; `arguments` is JSON text. */
export type FunctionCallItem = Common & {
  kind: 'function_call';
  name: string;
  arguments: string;
  callId: string;
};
/** What a function gave back; `answered` once a response has dealt with it. */
export type FunctionOutputItem = Common & {
  kind: 'function_call_output';
  callId: string;
  output: string;
  answered: boolean;
};
/** An item of a conversation. */
export type StoredItem =
  | (Common & { kind: 'system'; texts: string[] })
  | UserItem
  | AssistantItem
  | FunctionCallItem
  | FunctionOutputItem
  | (Common & { kind: 'mcp'; fields: JsonObject });

function userPartView(part: UserPart, format: AudioFormat | undefined): JsonObject {
  switch (part.type) {
    case 'input_text':
      return { type: 'input_text', text: part.text };
    case 'input_image':
      return { type: 'input_image', image_url: part.imageUrl, detail: part.detail };
    case 'input_audio':
      return {
        type: 'input_audio',
        ...(format === undefined || part.pcm24k === undefined
          ? {}
          : { audio: encodeAudio(part.pcm24k, format) }),
        transcript: part.transcript,
      };
  }
}

function assistantPartView(part: AssistantPart, withAudio: boolean): JsonObject {
  if (part.type === 'output_text') return { type: 'output_text', text: part.text };
  const audio =
    withAudio && part.pcm24k !== undefined ? { audio: encodeAudio(part.pcm24k, part.format) } : {};
  return { type: 'output_audio', ...audio, transcript: part.transcript };
}

/** An item as events carry it. Audio is left out unless `audioAs` says in which format user audio is wanted (retrieve). */
export function itemView(item: StoredItem, audioAs?: AudioFormat): JsonObject {
  if (item.kind === 'mcp') return { ...item.fields, id: item.id };
  const base = { id: item.id, object: 'realtime.item', status: item.status };
  switch (item.kind) {
    case 'system': {
      const content = item.texts.map((entry) => ({ type: 'input_text', text: entry }));
      return { ...base, type: 'message', role: 'system', content };
    }
    case 'user': {
      const content = item.parts.map((part) => userPartView(part, audioAs));
      return { ...base, type: 'message', role: 'user', content };
    }
    case 'assistant': {
      const content = item.parts.map((part) => assistantPartView(part, audioAs !== undefined));
      return { ...base, type: 'message', role: 'assistant', content };
    }
    case 'function_call': {
      const { name, callId } = item;
      return { ...base, type: 'function_call', name, call_id: callId, arguments: item.arguments };
    }
    case 'function_call_output':
      return { ...base, type: 'function_call_output', call_id: item.callId, output: item.output };
  }
}

/**
 * Shortens an assistant's audio to `audioEndMs` and removes its transcript, so that nothing unheard stays in the context.
 * @throws ClientEventError when the item has no audio there, or less of it.
 */
export function truncateItem(item: StoredItem, contentIndex: number, audioEndMs: number): void {
  const part = item.kind === 'assistant' ? item.parts[contentIndex] : undefined;
  if (part?.type !== 'output_audio' || part.durationMs === 0) {
    throw new ClientEventError(
      'unsupported_content_type',
      'Only model output audio messages can be truncated.',
      'item_id',
    );
  }
  if (audioEndMs > part.durationMs) {
    throw new ClientEventError(
      'invalid_value',
      `Audio content of ${Math.floor(part.durationMs)} ms is already shorter than ${audioEndMs} ms`,
      'audio_end_ms',
    );
  }
  part.durationMs = audioEndMs;
  part.pcm24k = part.pcm24k?.slice(0, audioEndMs * REALTIME_SAMPLES_PER_MS);
  part.transcript = '';
  part.truncated = true;
}
