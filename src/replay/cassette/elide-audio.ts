import { hash } from 'node:crypto';

/** Base64 shorter than this is found by walking the parsed event. */
const SPLICE_FROM_CHARACTERS = 200;

/** Event types whose `delta` is audio. */
const AUDIO_DELTA_TYPES: ReadonlySet<string> = new Set([
  'response.output_audio.delta',
  'response.audio.delta',
  'session.output_audio.delta',
]);

/** A JSON object that came over a wire, its audio replaced. */
export type ElidedEvent = Record<string, unknown>;

/** What stands for audio in logs and reports: `<N bytes sha256 ...>`, both over the decoded bytes. */
export function describeAudio(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  return described(bytes);
}

const described = (bytes: Buffer): string => `<${bytes.length} bytes sha256 ${hash('sha256', bytes)}>`;

/** How the event begins that appends audio, as sessions write it: nothing but its type and the audio. */
const APPEND = /^\{"type":"(?:(?:session\.)?input_audio_buffer|session\.input_audio)\.append","audio":"/;
const APPEND_END = '"}';

/**
 * The JSON of an event that appends audio, the audio replaced, without parsing it: nearly all of a run's messages are such.
 * `undefined` for every other text, and where the audio is not plain base64.
 */
export function appendWithoutAudio(text: string): string | undefined {
  const opening = APPEND.exec(text)?.[0];
  if (opening === undefined || !text.endsWith(APPEND_END)) return undefined;
  const base64 = text.slice(opening.length, -APPEND_END.length);
  const bytes = Buffer.from(base64, 'base64');
  // What is no base64 is passed over by the decoder: the length shows it.
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  if ((base64.length / 4) * 3 - padding !== bytes.length) return undefined;
  return opening + described(bytes) + APPEND_END;
}

/**
 * Parses the text of one event with every audio string replaced by {@link describeAudio}: `audio` wherever it is a
 * string (append events, parts of items) and the `delta` of audio deltas. `undefined` when the text is not a JSON object.
 *
 * A long value is cut out of the text before parsing, which makes up nearly all of a run's traffic; should the
 * type show that the value was no audio after all, the whole text is parsed instead.
 */
export function parseWithoutAudio(text: string): ElidedEvent | undefined {
  const spliced = spliceAudio(text);
  if (spliced !== undefined) {
    const event = parseObject(spliced.text);
    if (event !== undefined && (spliced.key === 'audio' || isAudioDelta(event))) return elide(event);
  }
  const event = parseObject(text);
  return event === undefined ? undefined : elide(event);
}

function spliceAudio(text: string): { key: string; text: string } | undefined {
  if (text.length < SPLICE_FROM_CHARACTERS) return undefined;
  for (const key of ['audio', 'delta']) {
    const opening = `"${key}":"`;
    const start = text.indexOf(opening) + opening.length;
    if (start < opening.length) continue;
    const before = text[start - opening.length - 1];
    if (before !== '{' && before !== ',') continue;
    const end = text.indexOf('"', start);
    if (end - start < SPLICE_FROM_CHARACTERS) continue;
    const value = text.slice(start, end);
    if (value.includes('\\')) continue;
    return { key, text: text.slice(0, start) + describeAudio(value) + text.slice(end) };
  }
  return undefined;
}

function parseObject(text: string): ElidedEvent | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is ElidedEvent {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAudioDelta(event: ElidedEvent): boolean {
  return typeof event['type'] === 'string' && AUDIO_DELTA_TYPES.has(event['type']);
}

const DESCRIBED = /^<\d+ bytes sha256 [0-9a-f]{64}>$/;

function elide(event: ElidedEvent): ElidedEvent {
  if (isAudioDelta(event)) replaceAudio(event, 'delta');
  walk(event, 0);
  return event;
}

function walk(node: unknown, depth: number): void {
  if (depth > 32) return; // deeper than any event; a hostile one must not exhaust the stack
  if (Array.isArray(node)) {
    for (const entry of node) walk(entry, depth + 1);
  } else if (isObject(node)) {
    replaceAudio(node, 'audio');
    for (const key in node) {
      const value = node[key];
      if (typeof value === 'object') walk(value, depth + 1);
    }
  }
}

function replaceAudio(node: ElidedEvent, key: string): void {
  const value = node[key];
  if (typeof value === 'string' && !DESCRIBED.test(value)) node[key] = describeAudio(value);
}
