/** Samples in a frame: 10 ms at 24 kHz. */
export const FRAME_SAMPLES = 240;
/** Milliseconds in a frame. */
export const FRAME_MS = 10;

const DECIMATION = 6; // the pitch is looked for at 4 kHz
const LOW_PASS_TAPS = 48;
const WINDOW = 128; // 32 ms
const MIN_LAG = 10; // 400 Hz
const MAX_LAG = 66; // 61 Hz
const PER_FRAME = FRAME_SAMPLES / DECIMATION;
const HISTORY = WINDOW + MAX_LAG;

/** Lags that are looked at side by side, since a sum waits for itself; their number is a multiple of it. */
const LAGS_AT_ONCE = 3;

/** Autocorrelation of noise, and of a clear pitch. */
const NOISE = 0.45;
const CLEAR = 0.65;

const SILENCE_DBFS = -75;
const BLOCKS = 8;
const BLOCK_FRAMES = 20; // the floor is the lowest level of the last 1.6 s

const LOW_PASS = ((): Float64Array => {
  const cutoff = 1_400 / 24_000;
  const taps = Float64Array.from({ length: LOW_PASS_TAPS }, (_, index) => {
    const x = index - (LOW_PASS_TAPS - 1) / 2;
    const window = 0.54 - 0.46 * Math.cos((2 * Math.PI * index) / (LOW_PASS_TAPS - 1));
    return (Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x)) * window;
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / (sum * 32_768));
})();

/** Products of the newest window with what lies so many samples before it, for a lag and the two after it. */
function multiplyAtLags(x: Float64Array, lag: number, products: Float64Array): void {
  let product0 = 0;
  let product1 = 0;
  let product2 = 0;
  for (let index = MAX_LAG; index < HISTORY; index++) {
    const value = x[index]!;
    product0 += value * x[index - lag]!;
    product1 += value * x[index - lag - 1]!;
    product2 += value * x[index - lag - 2]!;
  }
  products[0] = product0;
  products[1] = product1;
  products[2] = product2;
}

function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

/** The features of the frame last pushed; the object is reused. */
type FrameActivity = {
  /** RMS level without DC, in dB below full scale (a full-scale square wave is 0). */
  levelDbfs: number;
  noiseFloorDbfs: number;
  /** 0 (noise) to 1 (a clear pitch between 60 and 400 Hz). */
  voicing: number;
  /** 0 to 1, to be held against the `threshold` of server VAD. */
  probability: number;
};

/**
 * How much a 10 ms frame sounds like a voice: its level above a tracked noise floor, times how periodic it is. Noise,
 * however loud, has no pitch; silence has no level; so neither is taken for speech.
 */
export class VoiceActivity {
  readonly #frame: FrameActivity = {
    levelDbfs: SILENCE_DBFS,
    noiseFloorDbfs: SILENCE_DBFS,
    voicing: 0,
    probability: 0,
  };
  readonly #filterMemory = new Float64Array(LOW_PASS_TAPS + FRAME_SAMPLES);
  readonly #pitchHistory = new Float64Array(HISTORY);
  readonly #products = new Float64Array(LAGS_AT_ONCE);
  readonly #blockMinima = new Float64Array(BLOCKS).fill(Infinity);
  #block = 0;
  #blockAge = 0;
  #smoothedDbfs = Number.NaN;
  #unvoicedFrames = 0;
  #dcIn = 0;
  #dcOut = 0;
  #lastDecimated = 0;

  /**
   * The features of the next frame of {@link FRAME_SAMPLES} samples. While somebody speaks (`speaking`) the noise floor
   * rises slowly at most, so that a phrase without a pause does not become its own background.
   */
  push(pcm: Int16Array, speaking: boolean): FrameActivity {
    const frame = this.#frame;
    frame.levelDbfs = this.#measureLevel(pcm);
    this.#extendPitchHistory();
    frame.voicing =
      frame.levelDbfs > Math.max(SILENCE_DBFS + 5, frame.noiseFloorDbfs + 2) ? this.#measureVoicing() : 0;
    this.#trackFloor(frame, speaking);
    const low = Math.max(-65, frame.noiseFloorDbfs + 3);
    const high = Math.max(-35, Math.min(low + 20, -20));
    frame.probability = clamp01((frame.levelDbfs - low) / (high - low)) * frame.voicing;
    return frame;
  }

  /** The level of the frame without its DC; leaves the blocked samples in the filter memory. */
  #measureLevel(pcm: Int16Array): number {
    const memory = this.#filterMemory;
    memory.copyWithin(0, FRAME_SAMPLES);
    let energy = 0;
    let x1 = this.#dcIn;
    let y1 = this.#dcOut;
    for (let index = 0; index < FRAME_SAMPLES; index++) {
      const x = pcm[index]!;
      y1 = x - x1 + 0.985 * y1; // a DC blocker: -3 dB at about 58 Hz
      x1 = x;
      energy += y1 * y1;
      memory[LOW_PASS_TAPS + index] = y1;
    }
    this.#dcIn = x1;
    this.#dcOut = Math.abs(y1) < 1e-9 ? 0 : y1;
    const rms = Math.sqrt(energy / FRAME_SAMPLES) / 32_768;
    return Math.max(-100, 20 * Math.log10(rms + 1e-9));
  }

  /** Adds the frame to the pitch history at 4 kHz, whitened so that coloured noise does not look periodic. */
  #extendPitchHistory(): void {
    const memory = this.#filterMemory;
    const history = this.#pitchHistory;
    history.copyWithin(0, PER_FRAME);
    // Two samples side by side, since a sum waits for itself.
    for (let index = 0; index < PER_FRAME; index += 2) {
      let sum0 = 0;
      let sum1 = 0;
      const from = index * DECIMATION + DECIMATION;
      for (let tap = 0; tap < LOW_PASS_TAPS; tap++) {
        const weight = LOW_PASS[tap]!;
        sum0 += memory[from + tap]! * weight;
        sum1 += memory[from + DECIMATION + tap]! * weight;
      }
      history[HISTORY - PER_FRAME + index] = sum0 - 0.9 * this.#lastDecimated;
      history[HISTORY - PER_FRAME + index + 1] = sum1 - 0.9 * sum0;
      this.#lastDecimated = sum1;
    }
  }

  /** The highest normalised autocorrelation over the lags of a voice, mapped so that noise gives 0. */
  #measureVoicing(): number {
    const x = this.#pitchHistory;
    let energy = 0;
    for (let index = MAX_LAG; index < HISTORY; index++) energy += x[index]! * x[index]!;
    if (energy < 1e-12) return 0;
    let best = 0;
    let lagged = 0;
    for (let index = MAX_LAG - MIN_LAG; index < HISTORY - MIN_LAG; index++) lagged += x[index]! * x[index]!;
    const products = this.#products;
    for (let lag = MIN_LAG; lag <= MAX_LAG && best < CLEAR; lag++) {
      const ahead = (lag - MIN_LAG) % LAGS_AT_ONCE;
      if (ahead === 0) multiplyAtLags(x, lag, products);
      const product = products[ahead]!;
      if (product > 0) best = Math.max(best, product / Math.sqrt(energy * lagged + 1e-24));
      const next = MAX_LAG - lag - 1;
      if (next >= 0) lagged += x[next]! * x[next]! - x[HISTORY - lag - 1]! * x[HISTORY - lag - 1]!;
    }
    return clamp01((best - NOISE) / (CLEAR - NOISE));
  }

  #trackFloor(frame: FrameActivity, speaking: boolean): void {
    if (frame.voicing > 0.5) {
      // A hum has a pitch too: what goes on without a pause slowly becomes background.
      frame.noiseFloorDbfs = Math.min(frame.noiseFloorDbfs + 0.015, frame.levelDbfs);
      this.#smoothedDbfs = Number.NaN;
      return;
    }
    this.#unvoicedFrames++;
    this.#smoothedDbfs = Number.isNaN(this.#smoothedDbfs)
      ? frame.levelDbfs
      : this.#smoothedDbfs + 0.2 * (frame.levelDbfs - this.#smoothedDbfs);
    if (++this.#blockAge > BLOCK_FRAMES) {
      this.#blockAge = 0;
      this.#block = (this.#block + 1) % BLOCKS;
      this.#blockMinima[this.#block] = Infinity;
    }
    this.#blockMinima[this.#block] = Math.min(this.#blockMinima[this.#block]!, this.#smoothedDbfs);
    let lowest = Infinity;
    for (const minimum of this.#blockMinima) lowest = Math.min(lowest, minimum);
    if (this.#unvoicedFrames < BLOCK_FRAMES) lowest = Math.min(lowest, -60); // nothing to compare with yet
    const target = Math.max(SILENCE_DBFS, lowest);
    frame.noiseFloorDbfs = speaking ? Math.min(target, frame.noiseFloorDbfs + 0.03) : target;
  }
}
