/**
 * What a program asks of its session, in the flat words of OpenAI's beta or in those of the GA API, and the session that this is
 * on the wire. Pure.
 */
import { REALTIME_RATE_HZ } from '../../audio/rates.js';
import { isWireObject, type WireObject } from '../realtime/providers/wire-form.js';

/** How the server finds turns; null leaves that to the program. Without any, the server does, with its own defaults. */
export type TurnDetection = { type: 'server_vad' | 'semantic_vad'; [field: string]: unknown } | null;

/** A function that the model may call; `parameters` is a JSON Schema. */
export type ToolDefinition = {
  name: string;
  description?: string;
  parameters?: WireObject;
  type?: 'function';
  [field: string]: unknown;
};

/**
 * Fields of a session. Those of OpenAI's beta are worded as the GA API has them; any others go out as they are, in the GA API's
 * own shape (`output_modalities`, `audio`, `truncation`, `reasoning`, …).
 */
export type RealtimeSessionFields = {
  /** With `audio` among them the session speaks, and its transcript comes along; otherwise it writes. */
  modalities?: readonly ('text' | 'audio')[];
  instructions?: string;
  /** One of the API's voices, such as `marin`. */
  voice?: string;
  /** How fast it speaks, 0.25 to 1.5. */
  speed?: number;
  /** `pcm16` where a room is heard. */
  input_audio_format?: AudioFormatName;
  output_audio_format?: AudioFormatName;
  /** Who writes down what people say, such as `{ model: 'gpt-realtime-whisper' }`; null: nobody. */
  input_audio_transcription?: WireObject | null;
  input_audio_noise_reduction?: WireObject | null;
  turn_detection?: TurnDetection;
  /** Functions that are answered by the program itself, not by a handler of `addTool`. */
  tools?: readonly ToolDefinition[];
  tool_choice?: string | WireObject;
  max_response_output_tokens?: number | 'inf';
  /** The API has it no more: it is left out. */
  temperature?: number;
  [field: string]: unknown;
};

/** Audio formats by their names in the beta: PCM16 at 24 kHz, or G.711 at 8 kHz. */
export type AudioFormatName = 'pcm16' | 'g711_ulaw' | 'g711_alaw';

const PCM: WireObject = { type: 'audio/pcm', rate: REALTIME_RATE_HZ };
const FORMATS: ReadonlyMap<string, WireObject> = new Map([
  ['pcm16', PCM],
  ['g711_ulaw', { type: 'audio/pcmu' }],
  ['g711_alaw', { type: 'audio/pcma' }],
]);
const SPOKEN = ['audio'];
const WRITTEN = ['text'];

/** The session before a program has asked for anything: PCM16 both ways, the server finds turns and answers them. */
export const FIRST_SESSION: WireObject = {
  type: 'realtime',
  output_modalities: SPOKEN,
  audio: {
    input: { format: PCM, turn_detection: { type: 'server_vad' } },
    output: { format: PCM },
  },
};

/** `session` with these fields asked for; `onDropped` is told of those that no session has any more. */
export function withFields(
  session: WireObject,
  fields: RealtimeSessionFields,
  onDropped: (field: string) => void = () => undefined,
): WireObject {
  let result = session;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || name === 'type' || name === 'tools') continue;
    if (name === 'temperature') onDropped(name);
    else result = merged(result, wireOf(name, value));
  }
  return result;
}

/** What of `wanted` is not in `known`, as `session.update` sends it; undefined where nothing is. */
export function sessionChanges(known: WireObject, wanted: WireObject): WireObject | undefined {
  const changes = changesOf(known, wanted, 2);
  return changes === undefined ? undefined : { type: 'realtime', ...changes };
}

/** The format of a session's audio, in or out. */
export function formatOf(session: WireObject, way: 'input' | 'output'): unknown {
  return at(session, 'audio', way, 'format', 'type');
}

/** How the session finds turns; null where that is left to the program. */
export function turnDetectionOf(session: WireObject): WireObject | null {
  const detection = at(session, 'audio', 'input', 'turn_detection');
  return isWireObject(detection) ? detection : null;
}

function wireOf(name: string, value: unknown): WireObject {
  switch (name) {
    case 'modalities':
      return { output_modalities: Array.isArray(value) && value.includes('audio') ? SPOKEN : WRITTEN };
    case 'max_response_output_tokens':
      return { max_output_tokens: value };
    case 'input_audio_format':
      return { audio: { input: { format: formatNamed(value) } } };
    case 'output_audio_format':
      return { audio: { output: { format: formatNamed(value) } } };
    case 'input_audio_transcription':
      return { audio: { input: { transcription: value } } };
    case 'input_audio_noise_reduction':
      return { audio: { input: { noise_reduction: value } } };
    case 'turn_detection':
      return { audio: { input: { turn_detection: value } } };
    case 'voice':
      return { audio: { output: { voice: value } } };
    case 'speed':
      return { audio: { output: { speed: value } } };
    default:
      return { [name]: value };
  }
}

function formatNamed(name: unknown): WireObject {
  const format = typeof name === 'string' ? FORMATS.get(name) : undefined;
  if (format === undefined)
    throw new Error(`There is no audio format "${String(name)}": there are pcm16, g711_ulaw and g711_alaw`);
  return format;
}

/** `audio`, and `input` and `output` in it, are merged; everything else is replaced. */
function merged(session: WireObject, changes: WireObject, depth = 2): WireObject {
  const result = { ...session };
  for (const [name, value] of Object.entries(changes)) {
    const known = result[name];
    const isMerged = depth > 0 && isMergedField(name) && isWireObject(known) && isWireObject(value);
    result[name] = isMerged ? merged(known, value, depth - 1) : value;
  }
  return result;
}

function changesOf(known: WireObject, wanted: WireObject, depth: number): WireObject | undefined {
  const changes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wanted)) {
    const before = known[name];
    if (JSON.stringify(before) === JSON.stringify(value)) continue;
    const isMerged = depth > 0 && isMergedField(name) && isWireObject(before) && isWireObject(value);
    const change = isMerged ? changesOf(before, value, depth - 1) : value;
    if (change !== undefined) changes[name] = change;
  }
  return Object.keys(changes).length === 0 ? undefined : changes;
}

function isMergedField(name: string): boolean {
  return name === 'audio' || name === 'input' || name === 'output';
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) found = isWireObject(found) ? found[name] : undefined;
  return found;
}
