import { base64OfPcm16 } from '../../../audio/pcm.js';
import { REALTIME_SAMPLES_PER_MS } from '../../../audio/rates.js';

/** Length of the chunks that a speaker's audio is cut into; less where it stops or its time moves. */
export const CHUNK_MS = 20;
/** What is sent of the time before speech: a start is noticed after 30 ms of voice, and breath before it can be far longer. */
export const PRE_ROLL_MS = 600;
/** Two chunks whose times differ by no more follow each other: times are rounded. A hole is longer. */
export const HOLE_MS = 5;

/**
 * A piece of one speaker's audio, 24 kHz mono PCM16, for all who hear the speaker: its samples must not be written to. They can be
 * kept for 10 s of further audio of the speaker, and are to be copied by whoever needs them longer. The event that appends it,
 * with those before it or alone, is made when it is asked for first, and once.
 */
export class AudioChunk {
  readonly pcm: Int16Array;
  /** Time of the first sample, in milliseconds of the meeting's clock. */
  readonly atMs: number;
  /** There is speech in it. */
  readonly voiced: boolean;
  /** How long there has been no voice, at its end; 0 in voice. */
  readonly pauseMs: number;
  #event: { readonly type: AppendType; readonly first: AudioChunk; readonly bytes: Buffer } | undefined;

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

  /** The event that appends chunks that follow each other, of which this is the last, as JSON in UTF-8. */
  event(type: AppendType, chunks: readonly AudioChunk[]): Buffer {
    const first = chunks[0]!;
    if (this.#event?.type !== type || this.#event.first !== first)
      this.#event = { type, first, bytes: appendEvent(type, samplesOf(chunks)) };
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
export type AppendType =
  'input_audio_buffer.append' | 'session.input_audio_buffer.append' | 'session.input_audio.append';

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
    return samplesOf(this.#chunks);
  }

  /** The event with these samples in place of its own; `convert` is given them, and what it returns is copied. */
  map(convert: (pcm: Int16Array) => Int16Array): AudioMessage {
    const pcm = convert(this.pcm).slice();
    return new AudioMessage(this.#type, [new AudioChunk(pcm, 0, false, 0)]);
  }

  /** The event as JSON, in UTF-8; not to be written to. All who send the same chunks of a speaker are given the same bytes. */
  get bytes(): Buffer {
    return this.#chunks.at(-1)!.event(this.#type, this.#chunks);
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
  'session.input_audio.append': '{"type":"session.input_audio.append","audio":"',
};

/** One event, built without JSON.stringify: base64 needs no escaping. */
function appendEvent(type: AppendType, pcm: Int16Array): Buffer {
  const prefix = PREFIXES[type];
  const base64 = base64OfPcm16(pcm);
  const bytes = Buffer.allocUnsafe(prefix.length + base64.length + SUFFIX.length);
  bytes.write(prefix, 0, 'latin1');
  bytes.write(base64, prefix.length, 'latin1');
  bytes.write(SUFFIX, prefix.length + base64.length, 'latin1');
  return bytes;
}

/** The samples of chunks that follow each other: where they lie, or copied where a speaker's ring begins anew between them. */
function samplesOf(chunks: readonly AudioChunk[]): Int16Array {
  const first = chunks[0]!.pcm;
  if (chunks.length === 1) return first;
  let length = 0;
  let adjacent = true;
  for (const { pcm } of chunks) {
    adjacent &&=
      pcm.buffer === first.buffer && pcm.byteOffset === first.byteOffset + length * pcm.BYTES_PER_ELEMENT;
    length += pcm.length;
  }
  if (adjacent) return new Int16Array(first.buffer, first.byteOffset, length);
  const whole = new Int16Array(length);
  let at = 0;
  for (const { pcm } of chunks) {
    whole.set(pcm, at);
    at += pcm.length;
  }
  return whole;
}
