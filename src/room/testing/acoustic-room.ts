import { seededRandom } from '../../seeded-random.js';
import { ROOM_RATE_HZ } from '../../../audio/rates.js';

/** Most samples that are convolved at a time. */
const BLOCK = 480;

/** How a room sounds. */
export type AcousticRoomOptions = {
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

/**
 * A room with a loudspeaker and a microphone, at the end of a network: what is played comes back later and quieter, with
 * reverberation and in a loudspeaker's band. 48 kHz mono, pushed in blocks of any size.
 */
export class AcousticRoom {
  readonly #delay: Float64Array;
  #delayAt = 0;
  /** Reflections, whose number is a multiple of four: how many samples later, and how loud. */
  readonly #tapsAt: Int32Array;
  readonly #gains: Float64Array;
  /** What went through the loudspeaker before the block, oldest first, and the block behind it. */
  readonly #past: Float64Array;
  /** The last of those samples that is not zero; negative when there is none. */
  #lastSound = -1;
  /** Samples since something was played. */
  #silentFor = 0;
  readonly #band: Biquad[];

  constructor(options: AcousticRoomOptions) {
    const { delayMs, levelDb, fadeMs = 300, reverberationDb = -3, seed = 1 } = options;
    this.#delay = new Float64Array(Math.max(1, Math.round((delayMs * ROOM_RATE_HZ) / 1000)));
    // A few early reflections, then a thinned-out tail that fades exponentially.
    const random = seededRandom(seed);
    const taps: { at: number; gain: number }[] = [];
    const length = Math.round((fadeMs * ROOM_RATE_HZ) / 1000);
    for (let at = 100; at < length; at += 1 + Math.floor(random() * 60)) {
      taps.push({ at, gain: (random() * 2 - 1) * Math.exp((-6.91 * at) / length) });
    }
    const energy = taps.reduce((sum, { gain }) => sum + gain * gain, 0);
    const share = Math.sqrt(10 ** (reverberationDb / 10) / energy);
    const level = 10 ** (levelDb / 20) / Math.sqrt(1 + 10 ** (reverberationDb / 10));
    while ((taps.length + 1) % 4 !== 0) taps.push({ at: length - 1, gain: 0 });
    this.#tapsAt = Int32Array.from([0, ...taps.map(({ at }) => at)]);
    this.#gains = Float64Array.from([level, ...taps.map(({ gain }) => gain * share * level)]);
    this.#past = new Float64Array(length + BLOCK);
    this.#band = [highPass(180), highPass(180), lowPass(7_000), lowPass(7_000)];
  }

  /** The echo of what is played next, as it is in the microphone at the same time; not rounded. */
  play(played: ArrayLike<number>): Float64Array {
    const echo = new Float64Array(played.length);
    for (let from = 0; from < played.length; from += BLOCK) {
      this.#playBlock(played, from, echo.subarray(from, from + BLOCK));
    }
    return echo;
  }

  #playBlock(played: ArrayLike<number>, from: number, echo: Float64Array): void {
    const wasOver = this.#silentFor >= this.#delay.length && this.#lastSound < 0;
    this.#silentFor = isSilent(played, from, echo.length) ? this.#silentFor + echo.length : 0;
    if (wasOver && this.#silentFor > 0) return;
    const past = this.#past;
    const now = past.length - BLOCK;
    for (let i = 0; i < echo.length; i++) {
      let sample = this.#delay[this.#delayAt]!;
      this.#delay[this.#delayAt] = played[from + i]!;
      this.#delayAt = (this.#delayAt + 1) % this.#delay.length;
      for (const filter of this.#band) sample = filter.next(sample);
      past[now + i] = sample;
      if (sample !== 0) this.#lastSound = now + i;
    }
    this.#reflect(echo, now);
    past.copyWithin(0, echo.length, now + echo.length);
    this.#lastSound -= echo.length;
  }

  /** Adds up what each reflection brings of the past, four at a time. Nothing comes of what is silent. */
  #reflect(echo: Float64Array, now: number): void {
    if (this.#lastSound < 0) return;
    const past = this.#past;
    const tapsAt = this.#tapsAt;
    const gains = this.#gains;
    for (let tap = 0; tap < gains.length; tap += 4) {
      const from0 = now - tapsAt[tap]!;
      const from1 = now - tapsAt[tap + 1]!;
      const from2 = now - tapsAt[tap + 2]!;
      const from3 = now - tapsAt[tap + 3]!;
      if (from3 > this.#lastSound) continue;
      const gain0 = gains[tap]!;
      const gain1 = gains[tap + 1]!;
      const gain2 = gains[tap + 2]!;
      const gain3 = gains[tap + 3]!;
      for (let i = 0; i < echo.length; i++) {
        echo[i] =
          echo[i]! +
          gain0 * past[from0 + i]! +
          gain1 * past[from1 + i]! +
          gain2 * past[from2 + i]! +
          gain3 * past[from3 + i]!;
      }
    }
  }
}

function isSilent(played: ArrayLike<number>, from: number, count: number): boolean {
  for (let i = from; i < from + count; i++) if (played[i] !== 0) return false;
  return true;
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
  const omega = (2 * Math.PI * cutoffHz) / ROOM_RATE_HZ;
  return { cos: Math.cos(omega), alpha: Math.sin(omega) / Math.SQRT2 };
}
