/** G.711 (ITU-T) mu-law and A-law, and the step between their 8 kHz and the server's 24 kHz. */

/** Which of the two laws. */
type Law = 'mu' | 'a';

function decodeMuLaw(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 0x07);
  return (bits & 0x80) === 0 ? magnitude - 0x84 : 0x84 - magnitude;
}

function decodeALaw(code: number): number {
  const bits = code ^ 0x55;
  const exponent = (bits >> 4) & 0x07;
  const mantissa = (bits & 0x0f) << 4;
  const magnitude = exponent === 0 ? mantissa + 8 : (mantissa + 0x108) << (exponent - 1);
  return (bits & 0x80) === 0 ? -magnitude : magnitude;
}

const DECODED: Readonly<Record<Law, Int16Array>> = {
  mu: Int16Array.from({ length: 256 }, (_, code) => decodeMuLaw(code)),
  a: Int16Array.from({ length: 256 }, (_, code) => decodeALaw(code)),
};

function encodeMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), 32_635) + 0x84;
  const exponent = 24 - Math.clz32(magnitude >> 0);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

function encodeALaw(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0;
  const magnitude = Math.min(sample >= 0 ? sample : -sample - 1, 32_767);
  const exponent = magnitude < 256 ? 0 : 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent === 0 ? 4 : exponent + 3)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

const RATIO = 3;
const TAPS = 72; // 24 per phase: flat to 3.3 kHz, images and aliases down by more than 50 dB

/** Windowed-sinc low-pass at 3.6 kHz for 24 kHz, unity gain. */
const LOW_PASS = ((): Float64Array => {
  const cutoff = 3_600 / 24_000;
  const taps = Float64Array.from({ length: TAPS }, (_, index) => {
    const x = index - (TAPS - 1) / 2;
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * (index + 0.5)) / TAPS);
    return (Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x)) * window;
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
})();

function toInt16(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}

/** Turns a stream of G.711 bytes (8 kHz) into 24 kHz PCM16, three samples a byte; the filter's state is kept between calls. */
export class G711Decoder {
  readonly #table: Int16Array;
  readonly #history = new Float64Array(TAPS / RATIO);
  #position = 0;

  constructor(law: Law) {
    this.#table = DECODED[law];
  }

  process(bytes: Uint8Array): Int16Array {
    const out = new Int16Array(bytes.length * RATIO);
    const history = this.#history;
    const length = history.length;
    for (let index = 0; index < bytes.length; index++) {
      history[this.#position] = this.#table[bytes[index]!]!;
      for (let phase = 0; phase < RATIO; phase++) {
        let sum = 0;
        for (let tap = 0, at = this.#position; tap < length; tap++) {
          sum += history[at]! * LOW_PASS[tap * RATIO + phase]!;
          at = at === 0 ? length - 1 : at - 1;
        }
        out[index * RATIO + phase] = toInt16(sum * RATIO);
      }
      this.#position = (this.#position + 1) % length;
    }
    return out;
  }
}

/** Encodes a whole stretch of 24 kHz PCM16 as G.711 at 8 kHz: one byte for every three samples. */
export function encodeG711(pcm24k: Int16Array, law: Law): Uint8Array {
  const encode = law === 'mu' ? encodeMuLaw : encodeALaw;
  const out = new Uint8Array(Math.floor(pcm24k.length / RATIO));
  const centre = Math.floor(TAPS / 2);
  for (let index = 0; index < out.length; index++) {
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap++) {
      sum += (pcm24k[index * RATIO + tap - centre] ?? 0) * LOW_PASS[tap]!;
    }
    out[index] = encode(toInt16(sum));
  }
  return out;
}
