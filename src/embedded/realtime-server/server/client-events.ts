/** What a client sends: JSON text to a checked event, or the error that refuses it. */
import {
  anything,
  type Check,
  integer,
  isJsonObject,
  type JsonObject,
  nullable,
  object,
  oneOf,
  text,
  textUpTo,
} from '../config/checks.js';
import { ClientEventError, invalidType, invalidValue, missingParameter } from './client-error.js';

const MAX_DEPTH = 64;
const id = textUpTo(512);

const base = { event_id: id };

const EVENTS = {
  'session.update': object({ ...base, type: oneOf('session.update'), session: anything }, 'type', 'session'),
  'input_audio_buffer.append': object(
    { ...base, type: oneOf('input_audio_buffer.append'), audio: text },
    'type',
    'audio',
  ),
  'input_audio_buffer.commit': object({ ...base, type: oneOf('input_audio_buffer.commit') }, 'type'),
  'input_audio_buffer.clear': object({ ...base, type: oneOf('input_audio_buffer.clear') }, 'type'),
  'conversation.item.create': object(
    { ...base, type: oneOf('conversation.item.create'), item: anything, previous_item_id: nullable(id) },
    'type',
    'item',
  ),
  'conversation.item.retrieve': object(
    { ...base, type: oneOf('conversation.item.retrieve'), item_id: id },
    'type',
    'item_id',
  ),
  'conversation.item.delete': object(
    { ...base, type: oneOf('conversation.item.delete'), item_id: id },
    'type',
    'item_id',
  ),
  'conversation.item.truncate': object(
    {
      ...base,
      type: oneOf('conversation.item.truncate'),
      item_id: id,
      content_index: integer(0, 1_000),
      audio_end_ms: integer(0, 86_400_000),
    },
    'type',
    'item_id',
    'content_index',
    'audio_end_ms',
  ),
  'response.create': object({ ...base, type: oneOf('response.create'), response: anything }, 'type'),
  'response.cancel': object({ ...base, type: oneOf('response.cancel'), response_id: id }, 'type'),
  'output_audio_buffer.clear': object({ ...base, type: oneOf('output_audio_buffer.clear') }, 'type'),
} as const;

/** A checked client event; `session`, `item` and `response` are checked by whoever takes them. */
export type ClientEvent = ReturnType<(typeof EVENTS)[keyof typeof EVENTS]>;

function isDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit === 0 || Object.values(value).some((entry) => isDeeper(entry, limit - 1));
}

/**
 * The JSON object in a message.
 * @throws ClientEventError for anything else.
 */
export function parseMessage(message: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    throw new ClientEventError('invalid_json', 'Could not parse the event: it is not valid JSON.');
  }
  if (!isJsonObject(value)) throw invalidType('event', 'an object', value);
  if (isDeeper(value, MAX_DEPTH)) {
    throw new ClientEventError('invalid_value', `The event is nested deeper than ${MAX_DEPTH} levels.`);
  }
  return value;
}

/**
 * The event in a JSON object, by the check of its type.
 * @throws ClientEventError for an unknown type, or naming the first field that cannot be taken.
 */
export function checkedByType<Event>(
  checks: Readonly<Record<string, Check<Event>>>,
  value: JsonObject,
): Event {
  const type = value['type'];
  if (type === undefined) throw missingParameter('type');
  if (typeof type !== 'string') throw invalidType('type', 'a string', type);
  const check = Object.hasOwn(checks, type) ? checks[type] : undefined;
  if (check === undefined) throw invalidValue('type', type, Object.keys(checks));
  return check(value, '');
}

/** The event of a conversation session. Throws as {@link checkedByType}. */
export function checkEvent(value: JsonObject): ClientEvent {
  return checkedByType<ClientEvent>(EVENTS, value);
}
