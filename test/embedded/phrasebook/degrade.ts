/** What a wire does to speech, harmless or not: the transformations that the recogniser must survive or refuse. */
import { seededRandom } from '../../../src/seeded-random.js';

const RATE_HZ = 24_000;

/** Rounded and clipped to 16 bits. */
function toInt16(values: Float64Array): Int16Array {
  const output = new Int16Array(values.length);
  for (let i = 0; i < values.length; i++)
    output[i] = Math.max(-32768, Math.min(32767, Math.round(values[i]!)));
  return output;
}

export function concat(...parts: Int16Array[]): Int16Array {
  const joined = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export const silence = (durationMs: number): Int16Array => new Int16Array((RATE_HZ * durationMs) / 1000);

export function rmsOf(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, pcm.length));
}

/** Adds white noise of the given RMS (in sample values). */
export function addNoise(pcm: Int16Array, rms: number, seed = 1): Int16Array {
  const random = seededRandom(seed);
  const noisy = new Float64Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) noisy[i] = pcm[i]! + (random() - 0.5) * Math.sqrt(12) * rms;
  return toInt16(noisy);
}

/** White noise at a signal-to-noise ratio, over the RMS of the whole of `pcm`. */
export const addNoiseAtSnr = (pcm: Int16Array, snrDb: number, seed = 1): Int16Array =>
  addNoise(pcm, rmsOf(pcm) / 10 ** (snrDb / 20), seed);

/** A turn as a server commits it: padding before, silence after, background noise of -60 dBFS throughout. */
export function asTurn(
  pcm: Int16Array,
  options: { beforeMs?: number; afterMs?: number; noiseRms?: number } = {},
) {
  const { beforeMs = 300, afterMs = 500, noiseRms = 32.8 } = options;
  return addNoise(concat(silence(beforeMs), pcm, silence(afterMs)), noiseRms, 77);
}

export const gain = (pcm: Int16Array, db: number): Int16Array =>
  toInt16(Float64Array.from(pcm).map((sample) => sample * 10 ** (db / 20)));

const ZERO_CROSSINGS = 24;
const KERNEL_STEPS = 4096;
/** Half of a Hann-windowed sinc, finely sampled. */
const KERNEL = Float64Array.from({ length: (ZERO_CROSSINGS + 1) * KERNEL_STEPS }, (_, i) => {
  const x = i / KERNEL_STEPS;
  if (x > ZERO_CROSSINGS) return 0;
  const sinc = i === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  return sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / ZERO_CROSSINGS));
});

/** Reads the input at `factor` times its rate (band-limited: windowed sinc of 24 zero crossings): a speed or rate error. */
export function playAtSpeed(pcm: Int16Array, factor: number): Int16Array {
  const band = Math.min(1, 1 / factor);
  const reach = ZERO_CROSSINGS / band;
  const output = new Float64Array(Math.floor(pcm.length / factor));
  for (let i = 0; i < output.length; i++) {
    const centre = i * factor;
    let value = 0;
    const to = Math.min(pcm.length - 1, centre + reach);
    for (let j = Math.max(0, Math.ceil(centre - reach)); j <= to; j++) {
      value += pcm[j]! * KERNEL[Math.round(Math.abs(j - centre) * band * KERNEL_STEPS)]!;
    }
    output[i] = value * band;
  }
  return toInt16(output);
}

/** Changes the tempo and keeps the pitch: WSOLA with 60 ms segments, a search of +-12 ms and 15 ms raised-cosine joins. */
export function changeTempo(pcm: Int16Array, factor: number): Int16Array {
  const segment = RATE_HZ * 0.06;
  const search = RATE_HZ * 0.012;
  const overlap = RATE_HZ * 0.015;
  const advance = segment - overlap;
  const output = new Float64Array(Math.ceil(pcm.length / factor) + segment);
  let from = 0;
  let at = 0;
  for (let i = 0; i < segment; i++) output[i] = pcm[i] ?? 0;
  for (let block = 1; at + advance < pcm.length / factor; block++) {
    const continuation = from + advance;
    const ideal = Math.round(block * advance * factor);
    let best = -Infinity;
    let bestAt = ideal;
    for (let shift = -search; shift <= search; shift += 4) {
      let dot = 0;
      let energy = 1;
      for (let i = 0; i < overlap; i += 2) {
        const candidate = pcm[ideal + shift + i] ?? 0;
        dot += candidate * (pcm[continuation + i] ?? 0);
        energy += candidate * candidate;
      }
      if (dot / Math.sqrt(energy) > best) {
        best = dot / Math.sqrt(energy);
        bestAt = ideal + shift;
      }
    }
    at = block * advance;
    for (let i = 0; i < segment; i++) {
      const fade = i < overlap ? 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / overlap) : 1;
      output[at + i] = output[at + i]! * (i < overlap ? 1 - fade : 0) + (pcm[bestAt + i] ?? 0) * fade;
    }
    from = bestAt;
  }
  return toInt16(output.subarray(0, Math.round(pcm.length / factor)));
}

/** Through 8 kHz G.711 mu-law and back to 24 kHz. */
export function throughMuLaw(pcm: Int16Array): Int16Array {
  const narrow = playAtSpeed(pcm, 3);
  const coded = narrow.map((sample) => {
    const magnitude = Math.min(Math.abs(sample), 32_635) + 132;
    const exponent = Math.floor(Math.log2(magnitude)) - 7;
    const step = 2 ** (exponent + 3);
    const decoded = Math.floor(magnitude / step) * step + step / 2 - 132;
    return sample < 0 ? -decoded : decoded;
  });
  return playAtSpeed(coded, 1 / 3);
}

/** Frames of `frameMs` as the wire delivers them: `copies(index)` of each (0 loses it, 2 doubles it). */
export function deliverFrames(
  pcm: Int16Array,
  frameMs: number,
  copies: (index: number) => number,
): Int16Array {
  const size = (RATE_HZ * frameMs) / 1000;
  const parts: Int16Array[] = [];
  for (let index = 0; index * size < pcm.length; index++) {
    for (let copy = copies(index); copy > 0; copy--)
      parts.push(pcm.subarray(index * size, (index + 1) * size));
  }
  return concat(...parts);
}

/** Alternates frames of two speakers, as two streams written into one buffer do. */
export function interleave(a: Int16Array, b: Int16Array, frameMs: number): Int16Array {
  const size = (RATE_HZ * frameMs) / 1000;
  const parts: Int16Array[] = [];
  for (let at = 0; at < Math.max(a.length, b.length); at += size) {
    parts.push(a.subarray(at, at + size), b.subarray(at, at + size));
  }
  return concat(...parts);
}
