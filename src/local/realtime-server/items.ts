/** Conversation items: as the client sends them, as the server holds them, and as they look on the wire. */
import { decodeBase64, AudioDecoder, encodeAudio, SAMPLES_PER_MS } from './audio-format.js';
import {
  anyJsonObject,
  anything,
  arrayOf,
  type Check,
  flag,
  type JsonObject,
  nullable,
  object,
  oneOf,
  tagged,
  text,
  textUpTo,
} from './checks.js';
import { ClientEventError, invalidValue, missingParameter } from './client-error.js';
import type { Reply } from './responder.js';
import type { AudioFormat } from './session-config.js';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** Audio of a message. `pcm24k` goes when the conversation holds too much; `durationMs` stays. */
export type HeldAudio = {
  pcm24k: Int16Array | undefined;
  durationMs: number;
  transcript: string;
  /** Cut by the client: nothing is added any more. */
  truncated?: true;
};

export type UserPart =
  | { type: 'input_text'; text: string }
  | ({ type: 'input_audio' } & HeldAudio)
  | { type: 'input_image'; imageUrl: string; detail: 'auto' | 'low' | 'high' };

export type AssistantPart =
  { type: 'output_text'; text: string } | ({ type: 'output_audio'; format: AudioFormat } & HeldAudio);

type Common = { id: string; status: ItemStatus; seen: boolean /* by an earlier response: cached input */ };

export type UserItem = Common & {
  kind: 'user';
  parts: UserPart[];
  answered: boolean;
  /** What the responder made of each audio part, under which instructions. */
  heard?: { instructions: string; replies: Map<UserPart, Reply> };
};
export type AssistantItem = Common & { kind: 'assistant'; parts: AssistantPart[] };
export type FunctionCallItem = Common & {
  kind: 'function_call';
  name: string;
  arguments: string;
  callId: string;
};
export type FunctionOutputItem = Common & {
  kind: 'function_call_output';
  callId: string;
  output: string;
  answered: boolean;
};
export type StoredItem =
  | (Common & { kind: 'system'; texts: string[] })
  | UserItem
  | AssistantItem
  | FunctionCallItem
  | FunctionOutputItem
  | (Common & { kind: 'mcp'; fields: JsonObject });

const MAX_TEXT = 1_048_576;
const itemText = textUpTo(MAX_TEXT);
const itemId = textUpTo(64);
const common = {
  id: itemId,
  object: oneOf('realtime.item'),
  status: oneOf('completed', 'incomplete', 'in_progress'),
};

const userPart = tagged('type', {
  input_text: object({ type: oneOf('input_text'), text: itemText }, 'type', 'text'),
  input_audio: object(
    { type: oneOf('input_audio'), audio: text, transcript: nullable(itemText) },
    'type',
    'audio',
  ),
  input_image: object(
    { type: oneOf('input_image'), image_url: text, detail: oneOf('auto', 'low', 'high') },
    'type',
    'image_url',
  ),
});

/** Assistant audio cannot be given to the server: its content is text. */
const assistantPart: Check<{ text: string }> = (value, path) => {
  const part = object(
    { type: oneOf('output_text', 'output_audio'), text: itemText, audio: anything, transcript: anything },
    'type',
  )(value, path);
  if (part.text === undefined) throw missingParameter(`${path}.text`);
  return { text: part.text };
};

const MAX_PARTS = 256;
const messageTag = oneOf('message');
const message = tagged('role', {
  system: object(
    {
      ...common,
      type: messageTag,
      role: oneOf('system'),
      content: arrayOf(object({ type: oneOf('input_text'), text: itemText }, 'type', 'text'), MAX_PARTS),
    },
    'content',
    'role',
  ),
  user: object(
    { ...common, type: messageTag, role: oneOf('user'), content: arrayOf(userPart, MAX_PARTS) },
    'content',
    'role',
  ),
  assistant: object(
    { ...common, type: messageTag, role: oneOf('assistant'), content: arrayOf(assistantPart, MAX_PARTS) },
    'content',
    'role',
  ),
});

const clientItem = {
  message,
  function_call: object(
    {
      ...common,
      type: oneOf('function_call'),
      name: textUpTo(64),
      arguments: itemText,
      call_id: textUpTo(64),
    },
    'type',
    'name',
    'arguments',
  ),
  function_call_output: object(
    { ...common, type: oneOf('function_call_output'), call_id: textUpTo(64), output: itemText },
    'type',
    'call_id',
    'output',
  ),
  mcp_approval_response: object(
    {
      id: itemId,
      type: oneOf('mcp_approval_response'),
      approval_request_id: text,
      approve: flag,
      reason: nullable(itemText),
    },
    'type',
    'approval_request_id',
    'approve',
  ),
  mcp_list_tools: object(
    { id: itemId, type: oneOf('mcp_list_tools'), server_label: text, tools: arrayOf(anyJsonObject, 128) },
    'type',
    'server_label',
    'tools',
  ),
  mcp_call: object(
    {
      id: itemId,
      type: oneOf('mcp_call'),
      arguments: itemText,
      name: text,
      server_label: text,
      approval_request_id: nullable(text),
      error: nullable(anyJsonObject),
      output: nullable(itemText),
    },
    'type',
    'arguments',
    'name',
    'server_label',
  ),
  mcp_approval_request: object(
    { id: itemId, type: oneOf('mcp_approval_request'), arguments: itemText, name: text, server_label: text },
    'type',
    'arguments',
    'name',
    'server_label',
  ),
} as const;

const itemCheck = tagged('type', clientItem);

/**
 * An item as the client sent it, ready to be held. `newItemId` names it when the client did not.
 * @throws ClientEventError naming the first field that cannot be taken.
 */
export function parseItem(
  value: unknown,
  path: string,
  context: { format: AudioFormat; newItemId(): string; newCallId(): string },
): StoredItem {
  const item = itemCheck(value, path);
  const base = {
    id: item.id ?? context.newItemId(),
    status: 'status' in item ? (item.status ?? 'completed') : ('completed' as const),
    seen: false,
  };
  if (base.id === '' || base.id === 'root') throw invalidValue(`${path}.id`, base.id, ['a unique id']);
  if ('role' in item) {
    if (item.role === 'system')
      return { ...base, kind: 'system', texts: item.content.map((part) => part.text) };
    if (item.role === 'assistant') {
      const parts = item.content.map((part) => ({ type: 'output_text' as const, text: part.text }));
      return { ...base, kind: 'assistant', parts };
    }
    const parts = item.content.map((part, index): UserPart => {
      if (part.type === 'input_text') return part;
      if (part.type === 'input_image') {
        return { type: 'input_image', imageUrl: part.image_url, detail: part.detail ?? 'auto' };
      }
      const bytes = decodeBase64(part.audio, `${path}.content[${index}].audio`);
      const pcm24k = new AudioDecoder(context.format).process(bytes);
      const durationMs = pcm24k.length / SAMPLES_PER_MS;
      return { type: 'input_audio', pcm24k, durationMs, transcript: part.transcript ?? '' };
    });
    return { ...base, kind: 'user', parts, answered: false };
  }
  if (item.type === 'function_call') {
    const callId = item.call_id ?? context.newCallId();
    return { ...base, kind: 'function_call', name: item.name, arguments: item.arguments, callId };
  }
  if (item.type === 'function_call_output') {
    return {
      ...base,
      kind: 'function_call_output',
      callId: item.call_id,
      output: item.output,
      answered: false,
    };
  }
  return { ...base, kind: 'mcp', fields: item };
}

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
  part.pcm24k = part.pcm24k?.slice(0, audioEndMs * SAMPLES_PER_MS);
  part.transcript = '';
  part.truncated = true;
}
