/** Signals that benchmarks send through a meeting, and the detection of their beginning. */

/** A sample beyond this is sound, one below {@link QUIET} is none; between them anything may be. */
const LOUD = 3_000;
const QUIET = 600;
/** A beginning has at least this much quiet before it. */
const QUIET_MS = 250;

/** A sine that begins at full level with its first sample. */
export function tone(frequencyHz: number, durationMs: number, sampleRateHz: number): Int16Array {
  const step = (2 * Math.PI * frequencyHz) / sampleRateHz;
  return Int16Array.from({ length: (durationMs * sampleRateHz) / 1000 }, (_, n) =>
    Math.round(12_000 * Math.cos(n * step)),
  );
}

/** Rate of {@link speechShapedNoise}. */
export const NOISE_RATE_HZ = 24_000;

/**
 * Noise with the band (about 150 to 1800 Hz) and the syllables of speech, without pauses: every stretch of it is unlike
 * every other, so that one can tell which part of it was heard. The same for each call.
 */
export function speechShapedNoise(durationMs: number): Int16Array {
  const samples = new Int16Array((durationMs * NOISE_RATE_HZ) / 1000);
  const low = Math.exp((-2 * Math.PI * 1_800) / NOISE_RATE_HZ);
  const high = Math.exp((-2 * Math.PI * 150) / NOISE_RATE_HZ);
  let state = 1;
  let first = 0;
  let second = 0;
  let slow = 0;
  for (let n = 0; n < samples.length; n++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const white = state / 2 ** 31 - 1;
    first = (1 - low) * white + low * first;
    second = (1 - low) * first + low * second;
    slow = (1 - high) * second + high * slow;
    const syllable = 0.6 + 0.4 * Math.sin((2 * Math.PI * 4 * n) / NOISE_RATE_HZ);
    samples[n] = Math.round(20_000 * syllable * (second - slow));
  }
  return samples;
}

/** Tells the chunk in which sound begins after quiet. */
export class OnsetDetector {
  #quietMs = 0;

  /** Takes the next chunk of a signal; true when sound begins in it. */
  begins(samples: Int16Array, sampleRateHz: number): boolean {
    const durationMs = (samples.length * 1000) / sampleRateHz;
    let peak = 0;
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
    if (peak > LOUD) {
      const begins = this.#quietMs >= QUIET_MS;
      this.#quietMs = 0;
      return begins;
    }
    this.#quietMs = peak < QUIET ? this.#quietMs + durationMs : 0;
    return false;
  }
}
