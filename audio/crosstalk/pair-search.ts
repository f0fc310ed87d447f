import { END_BIN, FIRST_BIN, windowFft, WINDOW_SAMPLES, type MicrophoneTrace } from './microphone-trace.js';

/** Two microphones' sound may come apart by as much, either way: networks differ. In samples at 8 kHz: 400 ms. */
const MAX_LAG_SAMPLES = 3_200;
/** Share of earlier comparisons in the present one. */
const MEMORY = 0.5;

/** The likeliest lag, and how far it stands out. */
export type PairMatch = {
  /** By how much the second microphone's sound comes later than the first one's, in samples at 8 kHz. */
  lagSamples: number;
  /** Height of the correlation there, in standard deviations of what chance gives. */
  score: number;
};

const correlation = new Float32Array(WINDOW_SAMPLES);

/**
 * Whether two microphones hear the same voice: the generalised cross-correlation with phase transform over all lags up to
 * 400 ms either way. Loudness and colour do not matter to it.
 */
export class PairSearch {
  readonly #re = new Float32Array(WINDOW_SAMPLES / 2 + 1);
  readonly #im = new Float32Array(WINDOW_SAMPLES / 2 + 1);
  readonly #found: PairMatch = { lagSamples: 0, score: 0 };
  #weight = 0;

  /** Starts over. */
  clear(): void {
    this.#re.fill(0);
    this.#im.fill(0);
    this.#weight = 0;
  }

  /** Compares the windows that end before sample `end`. Returns one object that the next comparison overwrites. */
  compare(first: MicrophoneTrace, second: MicrophoneTrace, end: number): PairMatch {
    first.whiten(end);
    second.whiten(end);
    this.#weight = this.#weight * MEMORY * MEMORY + 1;
    const [re, im] = [this.#re, this.#im];
    const { re: a, im: b } = first;
    const { re: c, im: d } = second;
    for (let k = FIRST_BIN; k < END_BIN; k++) {
      re[k] = re[k]! * MEMORY + a[k]! * c[k]! + b[k]! * d[k]!;
      im[k] = im[k]! * MEMORY + a[k]! * d[k]! - b[k]! * c[k]!;
    }
    windowFft.inverse(re, im, correlation);
    let best = 0;
    let bestAt = 0;
    for (let lag = -MAX_LAG_SAMPLES; lag <= MAX_LAG_SAMPLES; lag++) {
      const height = correlation[lag < 0 ? WINDOW_SAMPLES + lag : lag]!;
      if (height > best) [best, bestAt] = [height, lag];
    }
    const chance = Math.sqrt(2 * (END_BIN - FIRST_BIN) * this.#weight) / WINDOW_SAMPLES;
    this.#found.lagSamples = bestAt;
    this.#found.score = best / chance;
    return this.#found;
  }
}
