/** Audio as it travels (base64 of PCM16 or G.711) and as the server holds it (24 kHz mono PCM16). */
import { base64OfPcm16 } from '../../../../audio/pcm.js';
import { REALTIME_RATE_HZ, REALTIME_SAMPLES_PER_MS } from '../../../../audio/rates.js';
import { StreamingResampler } from '../../../../audio/resampler.js';
import { ClientEventError } from '../server/client-error.js';
import { encodeG711, G711Decoder } from './g711.js';
import type { AudioFormat } from '../config/session-config.js';

/** The most audio one event may carry, decoded. */
const MAX_APPEND_BYTES = 15 * 1024 * 1024;

/**
 * The bytes of a base64 field.
 * @throws ClientEventError for anything that is not base64, or more than 15 MiB.
 */
export function decodeBase64(text: string, path: string): Uint8Array {
  if (text.length > Math.ceil(MAX_APPEND_BYTES / 3) * 4) {
    throw new ClientEventError(
      'invalid_value',
      `Invalid '${path}': audio too large. At most 15 MiB of audio may be sent in one event.`,
      path,
    );
  }
  const bytes = Buffer.from(text, 'base64');
  if (!isBase64(text, bytes.length)) {
    throw new ClientEventError(
      'invalid_value',
      `Invalid '${path}'. Expected base64-encoded audio bytes but got an invalid value.`,
      path,
    );
  }
  return bytes;
}

/** Decoders leave out what is not base64 and take its URL form for the same: by the length, and by its own two letters. */
function isBase64(text: string, decodedBytes: number): boolean {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const wholeBytes = (text.length / 4) * 3 - padding;
  return text.length % 4 === 0 && decodedBytes === wholeBytes && !text.includes('-') && !text.includes('_');
}

/**
 * Decodes one session's incoming audio, PCM at `inputRateHz`; a sample cut in two by a chunk's end is put together again.
 * After `close` nothing can be decoded.
 */
export class AudioDecoder {
  readonly format: AudioFormat;
  readonly #g711: G711Decoder | undefined;
  readonly #resampler: StreamingResampler | undefined;
  #oddByte: number | undefined;

  constructor(format: AudioFormat, inputRateHz = REALTIME_RATE_HZ) {
    this.format = format;
    if (format.type === 'audio/pcm' && inputRateHz !== REALTIME_RATE_HZ) {
      this.#resampler = new StreamingResampler(inputRateHz, REALTIME_RATE_HZ);
    }
    if (format.type !== 'audio/pcm') this.#g711 = new G711Decoder(format.type === 'audio/pcmu' ? 'mu' : 'a');
  }

  process(bytes: Uint8Array): Int16Array {
    if (this.#g711 !== undefined) return this.#g711.process(bytes);
    let whole = bytes;
    if (this.#oddByte !== undefined) {
      whole = new Uint8Array(bytes.length + 1);
      whole[0] = this.#oddByte;
      whole.set(bytes, 1);
    }
    this.#oddByte = whole.length % 2 === 1 ? whole[whole.length - 1] : undefined;
    const aligned = whole.byteOffset % 2 === 0 ? whole : Uint8Array.from(whole);
    const pcm = new Int16Array(aligned.buffer, aligned.byteOffset, whole.length >> 1);
    return this.#resampler === undefined ? pcm : this.#resampler.process(pcm).slice();
  }

  close(): void {
    this.#resampler?.close();
  }
}

/** Encodes a stretch of held audio for the wire, as base64. */
export function encodeAudio(pcm24k: Int16Array, format: AudioFormat): string {
  if (format.type !== 'audio/pcm') {
    return Buffer.from(encodeG711(pcm24k, format.type === 'audio/pcmu' ? 'mu' : 'a')).toString('base64');
  }
  return base64OfPcm16(pcm24k);
}

/** Whole milliseconds of `samples`, rounded to the nearest. */
export function msOf(samples: number): number {
  return Math.round(samples / REALTIME_SAMPLES_PER_MS);
}

/** Samples in `durationMs`. */
export function samplesOf(durationMs: number): number {
  return Math.round(durationMs * REALTIME_SAMPLES_PER_MS);
}

/** Several stretches of audio as one. */
export function concatAudio(parts: readonly Int16Array[]): Int16Array {
  if (parts.length === 1) return parts[0]!;
  const out = new Int16Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
