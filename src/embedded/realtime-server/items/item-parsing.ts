/** Conversation items as the client sends them. */
import { REALTIME_SAMPLES_PER_MS } from '../../../../audio/rates.js';
import { AudioDecoder, decodeBase64 } from '../input/audio-format.js';
import {
  anyJsonObject,
  anything,
  arrayOf,
  type Check,
  flag,
  functionName,
  nullable,
  object,
  oneOf,
  tagged,
  text,
  textUpTo,
} from '../config/checks.js';
import { invalidValue, missingParameter } from '../server/client-error.js';
import type { StoredItem, UserPart } from './items.js';
import type { AudioFormat } from '../config/session-config.js';

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
      name: functionName,
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
      const durationMs = pcm24k.length / REALTIME_SAMPLES_PER_MS;
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
