import { REALTIME_SAMPLES_PER_MS } from '../../../audio/rates.js';

/** Length of the chunks that a speaker's audio is cut into; less where it stops or its time moves. */
export const CHUNK_MS = 20;
/** What is sent of the time before speech: a start is noticed after 30 ms of voice, and breath before it can be far longer. */
export const PRE_ROLL_MS = 600;
/** Two chunks whose times differ by no more follow each other: times are rounded. A hole is longer. */
export const HOLE_MS = 5;

/** Base64 of so many samples ends without padding, and can be put in front of more base64. */
const WHOLE_BASE64_SAMPLES = 3;

/**
 * A piece of one speaker's audio, 24 kHz mono PCM16, for all who hear the speaker: its samples must not be written to. They can be
 * kept for 10 s of further audio of the speaker, and are to be copied by whoever needs them longer. The event that appends it is made when it is asked for first, and once.
 */
export class AudioChunk {
  readonly pcm: Int16Array;
  /** Time of the first sample, in milliseconds of the meeting's clock. */
  readonly atMs: number;
  /** There is speech in it. */
  readonly voiced: boolean;
  /** How long there has been no voice, at its end; 0 in voice. */
  readonly pauseMs: number;
  #event: { readonly type: AppendType; readonly bytes: Buffer } | undefined;

  constructor(pcm: Int16Array, atMs: number, voiced: boolean, pauseMs: number) {
    this.pcm = pcm;
    this.atMs = atMs;
    this.voiced = voiced;
    this.pauseMs = pauseMs;
  }

  /** Nobody speaks for so long. `pauseMs`: how long nobody has, at its end. */
  static silence(durationMs: number, atMs: number, pauseMs = durationMs): AudioChunk {
    return new AudioChunk(
      new Int16Array(Math.round(durationMs * REALTIME_SAMPLES_PER_MS)),
      atMs,
      false,
      pauseMs,
    );
  }

  get durationMs(): number {
    return this.pcm.length / REALTIME_SAMPLES_PER_MS;
  }

  /** Time just behind the last sample. */
  get endMs(): number {
    return this.atMs + this.durationMs;
  }

  /** The event that appends it and nothing else, as JSON in UTF-8. */
  event(type: AppendType): Buffer {
    if (this.#event?.type !== type) this.#event = { type, bytes: appendEvent(type, this.pcm) };
    return this.#event.bytes;
  }

  /** It has gone out to all who hear it: the event is made anew should it be asked for once more. */
  forgetEvent(): void {
    this.#event = undefined;
  }

  /** It begins where `endMs` is, give or take what times are rounded by. */
  follows(endMs: number): boolean {
    return Math.abs(this.atMs - endMs) <= HOLE_MS;
  }

  /** A part of it, which shares its samples. */
  slice(fromSample: number, toSample = this.pcm.length): AudioChunk {
    if (fromSample === 0 && toSample === this.pcm.length) return this;
    const pcm = this.pcm.subarray(fromSample, toSample);
    return new AudioChunk(pcm, this.atMs + fromSample / REALTIME_SAMPLES_PER_MS, this.voiced, this.pauseMs);
  }
}

/** How a kind of session names the event that appends audio. */
export type AppendType = 'input_audio_buffer.append' | 'session.input_audio_buffer.append';

/** One event that appends audio, made of chunks that follow each other. */
export class AudioMessage {
  readonly #type: AppendType;
  readonly #chunks: readonly AudioChunk[];

  constructor(type: AppendType, chunks: readonly AudioChunk[]) {
    this.#type = type;
    this.#chunks = chunks;
  }

  /** Its samples, 24 kHz mono PCM16; not to be written to. */
  get pcm(): Int16Array {
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only !== undefined ? only.pcm : joined(this.#chunks);
  }

  /** The event with these samples in place of its own; `convert` is given them, and what it returns is copied. */
  map(convert: (pcm: Int16Array) => Int16Array): AudioMessage {
    const pcm = convert(this.pcm).slice();
    return new AudioMessage(this.#type, [new AudioChunk(pcm, 0, false, 0)]);
  }

  /** The event as JSON, in UTF-8; not to be written to. */
  get bytes(): Buffer {
    const chunks = this.#chunks;
    const [only] = chunks;
    if (chunks.length === 1 && only !== undefined) return only.event(this.#type);
    const last = chunks.length - 1;
    if (chunks.some(({ pcm }, index) => index < last && pcm.length % WHOLE_BASE64_SAMPLES !== 0))
      return appendEvent(this.#type, joined(chunks));
    return joinedEvents(this.#type, chunks);
  }

  /** The event as JSON text. */
  get text(): string {
    return this.bytes.toString('latin1');
  }
}

const SUFFIX = '"}';
const PREFIXES: Readonly<Record<AppendType, string>> = {
  'input_audio_buffer.append': '{"type":"input_audio_buffer.append","audio":"',
  'session.input_audio_buffer.append': '{"type":"session.input_audio_buffer.append","audio":"',
};

/** One event, built without JSON.stringify: base64 needs no escaping. */
function appendEvent(type: AppendType, pcm: Int16Array): Buffer {
  const base64 = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
  return Buffer.from(PREFIXES[type] + base64 + SUFFIX, 'latin1');
}

/** The events of several chunks as one: their base64 one behind the other. */
function joinedEvents(type: AppendType, chunks: readonly AudioChunk[]): Buffer {
  const from = PREFIXES[type].length;
  let length = from + SUFFIX.length;
  for (const chunk of chunks) length += chunk.event(type).length - from - SUFFIX.length;
  const bytes = Buffer.allocUnsafe(length);
  let at = bytes.write(PREFIXES[type], 'latin1');
  for (const chunk of chunks) {
    const event = chunk.event(type);
    at += event.copy(bytes, at, from, event.length - SUFFIX.length);
  }
  bytes.write(SUFFIX, at, 'latin1');
  return bytes;
}

function joined(chunks: readonly AudioChunk[]): Int16Array {
  let samples = 0;
  for (const { pcm } of chunks) samples += pcm.length;
  const whole = new Int16Array(samples);
  let at = 0;
  for (const { pcm } of chunks) {
    whole.set(pcm, at);
    at += pcm.length;
  }
  return whole;
}
