/**
 * How compatible servers word what OpenAI's API words in its GA form, in both directions. Pure. Flat sessions and the older
 * event names are those of OpenAI's retired beta (its migration guide), which servers such as Qwen's still speak.
 */

import { base64OfPcm16, pcm16OfBase64 } from '../../../audio/pcm.js';

/** What a compatible server takes. */
export type WireForm = {
  /** `nested`: `session.audio.input…` (GA). `flat`: `session.input_audio_format…` (the beta's). */
  sessionShape: 'nested' | 'flat';
  /** Rate of the audio that it is sent. What it sends is 24 kHz in both shapes. */
  inputRateHz: InputRateHz;
};

/** Rates of PCM16 input that servers ask for. */
type InputRateHz = 8_000 | 16_000 | 24_000 | 48_000;

/** The API's own. */
export const DEFAULT_WIRE_FORM: WireForm = { sessionShape: 'nested', inputRateHz: 24_000 };

/** A JSON object as it was parsed. */
export type WireObject = Readonly<Record<string, unknown>>;

/** Names of server events in the beta, and in the GA form. */
const GA_NAMES: Readonly<Record<string, string>> = {
  'response.audio.delta': 'response.output_audio.delta',
  'response.audio.done': 'response.output_audio.done',
  'response.audio_transcript.delta': 'response.output_audio_transcript.delta',
  'response.audio_transcript.done': 'response.output_audio_transcript.done',
  'response.text.delta': 'response.output_text.delta',
  'response.text.done': 'response.output_text.done',
};
const FLAT_FORMATS: Readonly<Record<string, string>> = {
  'audio/pcm': 'pcm16',
  'audio/pcmu': 'g711_ulaw',
  'audio/pcma': 'g711_alaw',
};

export function isWireObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that a text of JSON is; undefined for anything else. */
export function parseWireObject(text: string): WireObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isWireObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A client event of ours as the server takes it; audio excepted, which the transport converts. */
export function toServer(event: WireObject, form: WireForm): WireObject {
  const { type, session, response, item } = event;
  if (type === 'session.update' && isWireObject(session)) {
    return { ...event, session: form.sessionShape === 'flat' ? flatSession(session) : atRate(session, form) };
  }
  if (form.sessionShape === 'nested') return event;
  if (type === 'response.create' && isWireObject(response))
    return { ...event, response: flatResponse(response) };
  if (type === 'conversation.item.create' && isWireObject(item)) return { ...event, item: flatItem(item) };
  return event;
}

/** A client event whose messages have this made of their sound, 24 kHz mono PCM16. */
export function withSound(event: WireObject, convert: (pcm: Int16Array) => Int16Array): WireObject {
  const { type, item } = event;
  if (type !== 'conversation.item.create' || !isWireObject(item) || !Array.isArray(item['content']))
    return event;
  const content = item['content'].map((part: unknown) => {
    if (!isWireObject(part) || part['type'] !== 'input_audio' || typeof part['audio'] !== 'string')
      return part;
    return { ...part, audio: base64OfPcm16(convert(pcm16OfBase64(part['audio']))) };
  });
  return { ...event, item: { ...item, content } };
}

/**
 * A server event in the GA form: its name, its session, and fields that some servers leave out. Undefined for one that
 * says nothing final: xAI sends `…transcription.completed` with `status: "in_progress"` while words may still change.
 */
export function fromServer(event: WireObject, eventId: string): WireObject | undefined {
  const given = event['type'];
  if (typeof given !== 'string') return event;
  const type = Object.hasOwn(GA_NAMES, given) ? GA_NAMES[given]! : given;
  const named = { event_id: eventId, ...event, type };
  switch (type) {
    case 'session.created':
    case 'session.updated':
      return { ...named, session: reportedSession(event['session']) };
    case 'conversation.item.input_audio_transcription.completed':
      if (event['status'] === 'in_progress') return undefined;
      return { content_index: 0, usage: { type: 'duration', seconds: 0 }, ...named };
    case 'conversation.item.input_audio_transcription.failed':
      return { content_index: 0, ...named };
  }
  if (!type.startsWith('response.output_')) return named;
  const item = typeof event['response_id'] === 'string' ? { item_id: `${event['response_id']}.item` } : {};
  return { output_index: 0, content_index: 0, ...item, ...named };
}

/** Only what is common to all: whose it is, and when it ends. Everything else differs and is of no consequence. */
function reportedSession(session: unknown): WireObject {
  const { id, expires_at: expiresAt } = isWireObject(session) ? session : {};
  return {
    type: 'realtime',
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof expiresAt === 'number' ? { expires_at: expiresAt } : {}),
  };
}

function atRate(session: WireObject, { inputRateHz }: WireForm): WireObject {
  const { audio } = session;
  if (!isWireObject(audio) || !isWireObject(audio['input'])) return session;
  const { input } = audio;
  const { format } = input;
  if (!isWireObject(format) || format['type'] !== 'audio/pcm') return session;
  return { ...session, audio: { ...audio, input: { ...input, format: { ...format, rate: inputRateHz } } } };
}

/** A session, or some of its fields, as the beta took it. */
function flatSession(session: WireObject): WireObject {
  const { audio, output_modalities: modalities, max_output_tokens: limit, ...same } = session;
  const { input, output } = isWireObject(audio) ? audio : {};
  const untyped = Object.fromEntries(Object.entries(same).filter(([name]) => name !== 'type'));
  return {
    ...untyped,
    ...present('modalities', flatModalities(modalities)),
    ...present('max_response_output_tokens', limit),
    ...(isWireObject(input) ? flatInput(input) : {}),
    ...(isWireObject(output) ? flatOutput(output) : {}),
  };
}

function flatInput(input: WireObject): WireObject {
  return {
    ...present('input_audio_format', flatFormat(input['format'])),
    ...present('input_audio_transcription', input['transcription']),
    ...present('input_audio_noise_reduction', input['noise_reduction']),
    ...present('turn_detection', input['turn_detection']),
  };
}

function flatOutput({ format, voice, speed }: WireObject): WireObject {
  return {
    ...present('output_audio_format', flatFormat(format)),
    ...present('voice', voice),
    ...present('speed', speed),
  };
}

function flatResponse(response: WireObject): WireObject {
  const { output_modalities: modalities, max_output_tokens: limit, audio, ...same } = response;
  return {
    ...same,
    ...present('modalities', flatModalities(modalities)),
    ...present('max_response_output_tokens', limit),
    ...(isWireObject(audio) && isWireObject(audio['output']) ? flatOutput(audio['output']) : {}),
  };
}

/** What the assistant said was `text` in the beta. */
function flatItem(item: WireObject): WireObject {
  const { content } = item;
  if (!Array.isArray(content)) return item;
  const parts = content.map((part: unknown) =>
    isWireObject(part) && part['type'] === 'output_text' ? { ...part, type: 'text' } : part,
  );
  return { ...item, content: parts };
}

/** The beta asked for text beside audio; the GA form sends the transcript without being asked. */
function flatModalities(modalities: unknown): unknown {
  return Array.isArray(modalities) && modalities.includes('audio') ? ['text', 'audio'] : modalities;
}

function flatFormat(format: unknown): unknown {
  const type = isWireObject(format) ? format['type'] : undefined;
  return typeof type === 'string' && Object.hasOwn(FLAT_FORMATS, type) ? FLAT_FORMATS[type] : undefined;
}

function present(name: string, value: unknown): WireObject {
  return value === undefined ? {} : { [name]: value };
}
