/**
 * What a client may send to a live session, and what its `session.start` may hold (ClientEvent and SessionConfig,
 * openai@7.55.0; voices beyond its list are in OpenAI's guide). An `event_id` may be null.
 */
import {
  anything,
  arrayOf,
  type Check,
  flag,
  integer,
  isJsonObject,
  type JsonObject,
  nullable,
  object,
  oneOf,
  tagged,
  text,
  textUpTo,
} from '../config/checks.js';
import { checkedByType } from '../server/client-events.js';
import { ClientEventError, invalidType, invalidValue } from '../server/client-error.js';

/** Tokens are not counted here but taken for so many characters each. */
const CHARS_PER_TOKEN = 4;
const MAX_INSTRUCTION_TOKENS = 16_384;
const MAX_INPUT_TOKENS = 8_192;
const MAX_INPUT_MESSAGES = 128;
const MAX_APPEND_TOKENS = 500;
/** The most that a fixture may last: 30 s of PCM16 at 24 kHz, as base64. */
const MAX_FIXTURE_CHARS = 4 * Math.ceil((30 * 24_000 * 2) / 3);

const base = { event_id: nullable(textUpTo(512)) };
const event = <Type extends string, Fields extends Readonly<Record<string, Check<unknown>>>>(
  type: Type,
  fields: Fields,
  ...required: (keyof Fields & string)[]
) => object({ ...base, ...fields, type: oneOf(type) }, 'type', ...required);
const append = <Type extends string>(type: Type) =>
  event(
    type,
    { content: tokensUpTo(MAX_APPEND_TOKENS), delegation_id: nullable(textUpTo(512)) },
    'content',
    'delegation_id',
  );

const EVENTS = {
  'session.start': event('session.start', { session: anything }, 'session'),
  'session.update': event('session.update', { session: anything }, 'session'),
  'session.input_audio.append': event('session.input_audio.append', { audio: text }, 'audio'),
  'session.input_audio.mute': event('session.input_audio.mute', {}),
  'session.input_audio.unmute': event('session.input_audio.unmute', {}),
  'session.output_audio.fixture.play': event(
    'session.output_audio.fixture.play',
    { audio: textUpTo(MAX_FIXTURE_CHARS) },
    'audio',
  ),
  'session.instructions.append': append('session.instructions.append'),
  'session.thinking.append': append('session.thinking.append'),
  'session.commentary.append': append('session.commentary.append'),
  'response.item.create': event('response.item.create', { item: anything }),
  'response.create': event('response.create', { response: anything }),
  'decision.create': event('decision.create', { decision: anything }),
  'decision.item.create': event('decision.item.create', { item: anything }),
  'decision.item.delete': event('decision.item.delete', { item_id: text }),
  'session.close': event('session.close', {}),
} as const;

/** A checked client event; `session` is checked by {@link startedSession} and {@link checkUpdate}. */
export type LiveClientEvent = ReturnType<(typeof EVENTS)[keyof typeof EVENTS]>;

/** The event in a JSON object. Throws as {@link checkedByType}. */
export function checkLiveEvent(value: JsonObject): LiveClientEvent {
  return checkedByType<LiveClientEvent>(EVENTS, value);
}

function tokensUpTo(maxTokens: number): Check<string> {
  return textUpTo(maxTokens * CHARS_PER_TOKEN);
}

const format = tagged('type', {
  'audio/pcm': object({ type: oneOf('audio/pcm'), rate: oneOf(16_000, 24_000) }, 'type', 'rate'),
  'audio/pcmu': object({ type: oneOf('audio/pcmu'), rate: oneOf(8_000) }, 'type', 'rate'),
  'audio/pcma': object({ type: oneOf('audio/pcma'), rate: oneOf(8_000) }, 'type', 'rate'),
});

const customVoice = object({ id: textUpTo(256) }, 'id');
const voice: Check<string | { id: string }> = (value, path) => {
  if (isJsonObject(value)) return customVoice(value, path);
  const name = text(value, path);
  if (!/^[a-z]+$/.test(name)) throw invalidValue(path, name, ['marin', 'cedar', 'sage', 'coral']);
  return name;
};

const delegation: Check<{ type: 'client'; acknowledgement_delay_ms?: number }> = (value, path) => {
  if (isJsonObject(value) && (value['type'] === 'responses' || value['type'] === 'decisions'))
    throw new ClientEventError(
      'unsupported_value',
      'This server has no models to delegate to: only client delegation is there.',
      `${path}.type`,
    );
  return object({ type: oneOf('client'), acknowledgement_delay_ms: integer(0, 86_400_000) }, 'type')(
    value,
    path,
  );
};

const message: Check<JsonObject> = object(
  {
    type: oneOf('message'),
    role: oneOf('developer', 'user', 'assistant'),
    content: arrayOf(
      object(
        { type: oneOf('input_text', 'output_text'), text: tokensUpTo(MAX_INPUT_TOKENS) },
        'type',
        'text',
      ),
      1,
    ),
  },
  'role',
  'content',
);

const onWebRtcOnly: Check<never> = (_value, path) => {
  throw new ClientEventError('unsupported_parameter', `'${path}' is for WebRTC sessions only.`, path);
};

const configuration = object(
  {
    model: textUpTo(256),
    instructions: nullable(tokensUpTo(MAX_INSTRUCTION_TOKENS)),
    input: arrayOf(message, MAX_INPUT_MESSAGES),
    audio: object({ format, output: object({ voice }) }),
    delegation: nullable(delegation),
    triggers: arrayOf(anything, 0),
    store: flag,
    safety_identifier: nullable(textUpTo(512)),
    client: onWebRtcOnly,
  },
  'model',
);

/** The configuration of a session: what its client said, and the service's defaults for the rest. */
export type LiveConfiguration = ReturnType<typeof startedSession>;

/**
 * The configuration that a `session.start` asks for.
 * @throws ClientEventError naming the first field that cannot be taken.
 */
export function startedSession(value: unknown) {
  const given = configuration(value, 'session');
  const model = given.model.trim();
  if (model === '') throw invalidType('session.model', 'a model', given.model);
  const texts = (given.input ?? []).flatMap(({ content }) => content as { text: string }[]);
  if (texts.reduce((chars, part) => chars + part.text.length, 0) > MAX_INPUT_TOKENS * CHARS_PER_TOKEN)
    throw new ClientEventError(
      'invalid_value',
      `At most ${MAX_INPUT_TOKENS} tokens of input.`,
      'session.input',
    );
  return {
    model,
    instructions: given.instructions?.trim() ? given.instructions : 'You are a helpful voice assistant.',
    input: given.input ?? [],
    audio: {
      format: given.audio?.format ?? ({ type: 'audio/pcm', rate: 24_000 } as const),
      output: { voice: given.audio?.output?.voice ?? 'marin' },
    },
    delegation: given.delegation ?? ({ type: 'client' } as const),
    store: given.store ?? false,
    ...(given.safety_identifier == null ? {} : { safety_identifier: given.safety_identifier }),
  };
}

const update = object({ delegation: nullable(delegation), triggers: arrayOf(anything, 0) });

/**
 * The configuration after an update, which may change how delegations are acknowledged, and nothing else.
 * @throws ClientEventError `immutable_field_update` for whatever is fixed at the start.
 */
export function updatedSession(current: LiveConfiguration, value: unknown): LiveConfiguration {
  const fixed = isJsonObject(value)
    ? Object.keys(value).find((name) => name !== 'delegation' && name !== 'triggers')
    : undefined;
  if (fixed !== undefined) {
    const path = `session.${fixed}`;
    throw new ClientEventError('immutable_field_update', `'${path}' cannot change after the start.`, path);
  }
  const { delegation: changed } = update(value, 'session');
  return { ...current, delegation: { ...current.delegation, ...changed } };
}
