import { REALTIME_RATE_HZ } from '../../../../audio/rates.js';
import { anything, arrayOf, isJsonObject, type JsonObject, object, oneOf } from '../config/checks.js';
import { invalidValue } from './client-error.js';

/**
 * How the server words its sessions and events: as the API does, or as compatible servers do. Everything behind it keeps to
 * the API's form. Flat sessions and older event names are those of the API's retired beta.
 */
export type ServerForm = {
  sessionShape: 'nested' | 'flat';
  /** Rate of the PCM that the server takes; what it sends is 24 kHz. */
  inputRateHz: number;
  /** Types of events, in the server's own words, that it never sends. */
  omits: readonly string[];
};

/** The API's own form. */
export const API_FORM: ServerForm = { sessionShape: 'nested', inputRateHz: 24_000, omits: [] };

const BETA_NAMES: Readonly<Record<string, string>> = {
  'conversation.item.added': 'conversation.item.created',
  'response.output_audio.delta': 'response.audio.delta',
  'response.output_audio.done': 'response.audio.done',
  'response.output_audio_transcript.delta': 'response.audio_transcript.delta',
  'response.output_audio_transcript.done': 'response.audio_transcript.done',
  'response.output_text.delta': 'response.text.delta',
  'response.output_text.done': 'response.text.done',
};
/** The GA form has two events where the beta had one. */
const NOT_IN_BETA = 'conversation.item.done';

/** What the beta reported unless it was told otherwise; nothing depends on it. */
const BETA_TEMPERATURE = 0.8;
const FORMATS = { pcm16: 'audio/pcm', g711_ulaw: 'audio/pcmu', g711_alaw: 'audio/pcma' } as const;
const flatFormat = oneOf('pcm16', 'g711_ulaw', 'g711_alaw');
const modalities = arrayOf(oneOf('text', 'audio'), 2);

const flatSession = object({
  modalities,
  instructions: anything,
  voice: anything,
  speed: anything,
  input_audio_format: flatFormat,
  output_audio_format: flatFormat,
  input_audio_transcription: anything,
  input_audio_noise_reduction: anything,
  turn_detection: anything,
  tools: anything,
  tool_choice: anything,
  temperature: anything, // clients of the beta send it; models of today have none
  max_response_output_tokens: anything,
});

/** The name under which an event goes out; undefined for one that does not. */
export function shownType(type: string, form: ServerForm): string | undefined {
  if (form.sessionShape === 'flat' && type === NOT_IN_BETA) return undefined;
  const shown = form.sessionShape === 'flat' && Object.hasOwn(BETA_NAMES, type) ? BETA_NAMES[type]! : type;
  return form.omits.includes(shown) ? undefined : shown;
}

/**
 * The `session` of a client's update in the API's form.
 * @throws ClientEventError for fields of the other shape, and for another rate.
 */
export function takenSession(session: unknown, form: ServerForm): unknown {
  return form.sessionShape === 'flat' ? nested(session) : atApiRate(session, form);
}

/** The session that is reported, from the API's form. */
export function shownSession(session: JsonObject, form: ServerForm): JsonObject {
  const audio = session['audio'] as { input: JsonObject; output: JsonObject };
  if (form.sessionShape === 'flat') return flat(session, audio);
  const { format } = audio.input;
  return {
    ...session,
    audio: { ...audio, input: { ...audio.input, format: withRate(format, form.inputRateHz) } },
  };
}

/** The `response` of a client's request in the API's form. */
export function takenResponse(response: unknown, form: ServerForm): unknown {
  if (form.sessionShape === 'nested' || !isJsonObject(response)) return response;
  const { modalities: asked, max_response_output_tokens: limit, voice, ...others } = response;
  const same = Object.fromEntries(Object.entries(others).filter(([name]) => name !== 'temperature'));
  return {
    ...same,
    ...(asked === undefined
      ? {}
      : { output_modalities: outputModalities(modalities(asked, 'response.modalities')) }),
    ...(limit === undefined ? {} : { max_output_tokens: limit }),
    ...(voice === undefined ? {} : { audio: { output: { voice } } }),
  };
}

/** The `item` of a client's request in the API's form: what the assistant said was `text` in the beta. */
export function takenItem(item: unknown, form: ServerForm): unknown {
  if (form.sessionShape === 'nested' || !isJsonObject(item) || item['role'] !== 'assistant') return item;
  const { content } = item;
  if (!Array.isArray(content)) return item;
  const part = (each: unknown): unknown =>
    isJsonObject(each) && each['type'] === 'text' ? { ...each, type: 'output_text' } : each;
  return { ...item, content: content.map(part) };
}

function nested(value: unknown): JsonObject {
  const given = flatSession(value, 'session');
  const has = (name: string): boolean => Object.hasOwn(given, name);
  const input = {
    ...(given.input_audio_format === undefined ? {} : { format: nestedFormat(given.input_audio_format) }),
    ...(has('input_audio_transcription') ? { transcription: given.input_audio_transcription } : {}),
    ...(has('input_audio_noise_reduction') ? { noise_reduction: given.input_audio_noise_reduction } : {}),
    ...(has('turn_detection') ? { turn_detection: given.turn_detection } : {}),
  };
  const output = {
    ...(given.output_audio_format === undefined ? {} : { format: nestedFormat(given.output_audio_format) }),
    ...(has('voice') ? { voice: given.voice } : {}),
    ...(has('speed') ? { speed: given.speed } : {}),
  };
  return {
    type: 'realtime',
    audio: { input, output },
    ...(given.modalities === undefined ? {} : { output_modalities: outputModalities(given.modalities) }),
    ...(has('instructions') ? { instructions: given.instructions } : {}),
    ...(has('tools') ? { tools: given.tools } : {}),
    ...(has('tool_choice') ? { tool_choice: given.tool_choice } : {}),
    ...(has('max_response_output_tokens') ? { max_output_tokens: given.max_response_output_tokens } : {}),
  };
}

function flat(session: JsonObject, { input, output }: { input: JsonObject; output: JsonObject }): JsonObject {
  const { output_modalities: shown, max_output_tokens: limit } = session;
  const { id, object: kind, model, expires_at, instructions, tools, tool_choice } = session;
  return {
    ...{ id, object: kind, model, expires_at, instructions, tools, tool_choice },
    modalities: (shown as string[]).includes('audio') ? ['text', 'audio'] : ['text'],
    temperature: BETA_TEMPERATURE,
    max_response_output_tokens: limit,
    input_audio_format: flatFormatOf(input['format']),
    input_audio_transcription: input['transcription'] ?? null,
    input_audio_noise_reduction: input['noise_reduction'] ?? null,
    turn_detection: input['turn_detection'],
    output_audio_format: flatFormatOf(output['format']),
    voice: output['voice'],
    speed: output['speed'],
  };
}

function atApiRate(session: unknown, { inputRateHz }: ServerForm): unknown {
  if (inputRateHz === REALTIME_RATE_HZ || !isJsonObject(session)) return session;
  const { audio } = session;
  if (!isJsonObject(audio) || !isJsonObject(audio['input'])) return session;
  const { input } = audio;
  const { format } = input;
  if (!isJsonObject(format) || format['type'] !== 'audio/pcm') return session;
  const rate = format['rate'];
  if (rate !== inputRateHz) throw invalidValue('session.audio.input.format.rate', rate, [inputRateHz]);
  return { ...session, audio: { ...audio, input: { ...input, format: withRate(format, REALTIME_RATE_HZ) } } };
}

function withRate(format: unknown, rate: number): unknown {
  return isJsonObject(format) && format['type'] === 'audio/pcm' ? { ...format, rate } : format;
}

function nestedFormat(format: keyof typeof FORMATS): JsonObject {
  return format === 'pcm16' ? { type: FORMATS[format], rate: REALTIME_RATE_HZ } : { type: FORMATS[format] };
}

function flatFormatOf(format: unknown): string {
  const type = (format as { type: string }).type;
  return type === 'audio/pcm' ? 'pcm16' : type === 'audio/pcmu' ? 'g711_ulaw' : 'g711_alaw';
}

function outputModalities(asked: readonly ('text' | 'audio')[]): ('text' | 'audio')[] {
  return asked.includes('audio') ? ['audio'] : ['text'];
}
