/**
 * A room with a loudspeaker and a microphone, at the end of a network: what is played comes back later and quieter, with
 * reverberation and in a loudspeaker's band. 48 kHz mono, pushed in blocks of any size.
 */
const RATE_HZ = 48_000;

/** How a room sounds. */
export type SimulatedRoomOptions = {
  /** From what is played to its first sound in the microphone: network, buffers and air. */
  delayMs: number;
  /** Level of the echo relative to what is played, over speech. */
  levelDb: number;
  /** Time in which reverberation fades by 60 dB. */
  fadeMs?: number;
  /** Energy of the reverberation relative to the direct sound. */
  reverberationDb?: number;
  seed?: number;
};

/** See the file's comment. */
export class SimulatedRoom {
  readonly #delay: Float64Array;
  #delayAt = 0;
  readonly #taps: { at: number; gain: number }[];
  /** What went through the loudspeaker, as a ring. */
  readonly #past: Float64Array;
  #pastAt = 0;
  readonly #band: Biquad[];

  constructor(options: SimulatedRoomOptions) {
    const { delayMs, levelDb, fadeMs = 300, reverberationDb = -3, seed = 1 } = options;
    this.#delay = new Float64Array(Math.max(1, Math.round((delayMs * RATE_HZ) / 1000)));
    // A few early reflections, then a thinned-out tail that fades exponentially.
    const random = seededRandom(seed);
    const taps: { at: number; gain: number }[] = [];
    const length = Math.round((fadeMs * RATE_HZ) / 1000);
    for (let at = 100; at < length; at += 1 + Math.floor(random() * 60)) {
      taps.push({ at, gain: (random() * 2 - 1) * Math.exp((-6.91 * at) / length) });
    }
    const energy = taps.reduce((sum, { gain }) => sum + gain * gain, 0);
    const share = Math.sqrt(10 ** (reverberationDb / 10) / energy);
    const level = 10 ** (levelDb / 20) / Math.sqrt(1 + 10 ** (reverberationDb / 10));
    this.#taps = [
      { at: 0, gain: level },
      ...taps.map(({ at, gain }) => ({ at, gain: gain * share * level })),
    ];
    this.#past = new Float64Array(2 ** Math.ceil(Math.log2(length + 1)));
    this.#band = [highPass(180), highPass(180), lowPass(7_000), lowPass(7_000)];
  }

  /** The echo of what is played next, as it is in the microphone at the same time; not rounded. */
  play(played: ArrayLike<number>): Float64Array {
    const echo = new Float64Array(played.length);
    const mask = this.#past.length - 1;
    for (let i = 0; i < played.length; i++) {
      let sample = this.#delay[this.#delayAt]!;
      this.#delay[this.#delayAt] = played[i]!;
      this.#delayAt = (this.#delayAt + 1) % this.#delay.length;
      for (const filter of this.#band) sample = filter.next(sample);
      this.#past[this.#pastAt] = sample;
      let sum = 0;
      for (const { at, gain } of this.#taps) sum += gain * this.#past[(this.#pastAt - at) & mask]!;
      this.#pastAt = (this.#pastAt + 1) & mask;
      echo[i] = sum;
    }
    return echo;
  }
}

class Biquad {
  readonly #b: readonly [number, number, number];
  readonly #a: readonly [number, number];
  #x1 = 0;
  #x2 = 0;
  #y1 = 0;
  #y2 = 0;

  constructor(b: readonly [number, number, number], a: readonly [number, number]) {
    this.#b = b;
    this.#a = a;
  }

  next(x: number): number {
    const [b0, b1, b2] = this.#b;
    const [a1, a2] = this.#a;
    const y = b0 * x + b1 * this.#x1 + b2 * this.#x2 - a1 * this.#y1 - a2 * this.#y2;
    this.#x2 = this.#x1;
    this.#x1 = x;
    this.#y2 = this.#y1;
    this.#y1 = Math.abs(y) < 1e-12 ? 0 : y;
    return y;
  }
}

/** Second order, Butterworth. */
function lowPass(cutoffHz: number): Biquad {
  const { cos, alpha } = shape(cutoffHz);
  const a0 = 1 + alpha;
  const b = (1 - cos) / 2 / a0;
  return new Biquad([b, 2 * b, b], [(-2 * cos) / a0, (1 - alpha) / a0]);
}

function highPass(cutoffHz: number): Biquad {
  const { cos, alpha } = shape(cutoffHz);
  const a0 = 1 + alpha;
  const b = (1 + cos) / 2 / a0;
  return new Biquad([b, -2 * b, b], [(-2 * cos) / a0, (1 - alpha) / a0]);
}

function shape(cutoffHz: number): { cos: number; alpha: number } {
  const omega = (2 * Math.PI * cutoffHz) / RATE_HZ;
  return { cos: Math.cos(omega), alpha: Math.sin(omega) / Math.SQRT2 };
}

/** Uniform numbers in [0, 1) (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
