/**
 * What WebRTC's jitter buffer (NetEq) makes of speech whose packets come late or not at all, after its expand, merge, accelerate
 * and preemptive expand. In its own way: one pitch lag instead of two to choose from, floating point, no background noise.
 */
import { seededRandom } from '../../../src/seeded-random.js';

const SAMPLES_PER_MS = 24;
const PACKET = 20 * SAMPLES_PER_MS;
/** NetEq's lags, in samples of 4 kHz: 2.5 to 15 ms. */
const MIN_LAG = 2.5 * SAMPLES_PER_MS;
const MAX_LAG = 15 * SAMPLES_PER_MS;
/** Samples over which a concealment takes over. */
const OVERLAP = 15;
/** A merge fades over 7.5 ms, and looks 15 ms ahead for the place. */
const MERGE_FADE = 7.5 * SAMPLES_PER_MS;
const MERGE_REACH = 15 * SAMPLES_PER_MS;
/** Where pitch periods are taken out or put in within 40 ms, and how alike they must be where somebody speaks. */
const STRETCH_AT = 15 * SAMPLES_PER_MS;
const STRETCH_CORRELATION = 0.9;
/** How fast what follows a quiet concealment comes up, per sample. */
const UNMUTE_SLOPE = 0.004 / 3;
const NOISE_ORDER = 6;

/** Packets that are not there when they are due. */
export type Outage = {
  /** from which packet of 20 ms on */
  packet: number;
  /** how long the concealment lasts, a multiple of 20 ms */
  durationMs: number;
  /** Lost packets are replaced. Late ones are heard behind the concealment, which is so much more sound. */
  lost: boolean;
};

/** What happens to a phrase on its way. */
export type Course = {
  outages: readonly Outage[];
  /** At this packet: a pitch period is left out (`faster`), put in (`slower`), or neither. */
  stretchAt?: (packet: number) => 'faster' | 'slower' | undefined;
};

/** The sound that the receiver hears. */
export function throughJitterBuffer(pcm: Int16Array, course: Course, seed: number): Int16Array {
  const random = seededRandom(seed);
  const output: number[] = [];
  const packetCount = Math.ceil(pcm.length / PACKET);
  let gain = 1; // what follows a concealment that had become quiet comes up slowly
  const samplesOf = (from: number, to: number): number[] =>
    Array.from({ length: (to - from) * PACKET }, (_, i) => {
      const value = (pcm[from * PACKET + i] ?? 0) * gain;
      gain = Math.min(1, gain + UNMUTE_SLOPE);
      return value;
    });
  for (let packet = 0; packet < packetCount;) {
    const outage = course.outages.find((candidate) => candidate.packet === packet);
    if (outage !== undefined && output.length >= 3 * MAX_LAG) {
      const concealment = new Concealment(output, random);
      concealment.appendTo(output, outage.durationMs * SAMPLES_PER_MS);
      const next = packet + (outage.lost ? outage.durationMs / 20 : 0);
      gain = concealment.gainFor(pcm.subarray(next * PACKET, (next + 1) * PACKET));
      output.push(...concealment.merge(samplesOf(next, next + 1)));
      packet = next + 1;
      continue;
    }
    const stretch = course.stretchAt?.(packet);
    if (stretch === undefined) {
      output.push(...samplesOf(packet, packet + 1));
      packet += 1;
    } else {
      output.push(...stretched(samplesOf(packet, packet + 2), stretch));
      packet += 2;
    }
  }
  return Int16Array.from(output, (value) => Math.max(-32768, Math.min(32767, Math.round(value))));
}

/** A pitch period more or less, cross-faded, where two neighbouring ones are alike. */
function stretched(samples: readonly number[], direction: 'faster' | 'slower'): number[] {
  const { lag, correlation } = bestLag(samples.slice(0, 2 * STRETCH_AT), MAX_LAG);
  const isSpeech = powerOf(samples) > 200 ** 2;
  if (isSpeech && correlation < STRETCH_CORRELATION) return [...samples];
  const before = samples.slice(STRETCH_AT - lag, STRETCH_AT);
  const after = samples.slice(STRETCH_AT, STRETCH_AT + lag);
  return direction === 'faster'
    ? [...samples.slice(0, STRETCH_AT - lag), ...faded(before, after), ...samples.slice(STRETCH_AT + lag)]
    : [...samples.slice(0, STRETCH_AT), ...faded(after, before), ...samples.slice(STRETCH_AT)];
}

/** What is heard while nothing comes: the last pitch period again and again, more and more noise in it, more and more muted. */
class Concealment {
  readonly #lag: number;
  /** the last period, and the one before at the same level */
  readonly #periods: readonly [number[], number[]];
  /** what was heard before the last period: what is heard before each repetition is faded into it */
  readonly #beforePeriod: readonly number[];
  /** how voiced it is: the share of the periods against noise of the same spectrum */
  readonly #voiced: number;
  readonly #noise: () => number;
  #muteSlope: number;
  #periodCount = 0;
  #muted = 1;
  #mix = 1;
  /** made and not yet heard */
  #ahead: number[] = [];

  /** Analyses the end of `history` and takes its last samples over. */
  constructor(history: number[], random: () => number) {
    const recent = history.slice(-3 * MAX_LAG);
    const { lag, correlation } = bestLag(recent, MAX_LAG);
    this.#lag = lag;
    const last = recent.slice(-lag);
    const earlier = recent.slice(-2 * lag, -lag);
    const ratio = Math.sqrt((powerOf(last) + 1) / (powerOf(earlier) + 1));
    this.#periods = [last, earlier.map((value) => value * Math.min(2, ratio))];
    const c = Math.max(0, correlation);
    this.#voiced = Math.max(0, Math.min(1, -1.264 + 4.866 * c - 4.009 * c * c + 1.41 * c ** 3));
    const decay = Math.max(0, 1 - ratio) / lag;
    this.#muteSlope = Math.max(decay, this.#voiced <= 0.8 ? 0.005 / 3 : 0);
    this.#noise = noiseLike(recent, random);
    this.#beforePeriod = recent.slice(-lag - OVERLAP, -lag);
    this.#fadeOver(history);
  }

  appendTo(output: number[], count: number): void {
    while (this.#ahead.length < count + OVERLAP) this.#makePeriod(true);
    output.push(...this.#ahead.splice(0, count));
  }

  /** At which gain the next packet begins: a packet that is louder than the concealment comes up slowly. */
  gainFor(packet: Int16Array): number {
    while (this.#ahead.length < PACKET) this.#makePeriod(false);
    const level = Math.sqrt((powerOf(this.#ahead.slice(0, PACKET)) + 1) / (powerOf(packet) + 1));
    return Math.max(this.#muted, Math.min(1, level));
  }

  /** The next packet, faded in where it fits best. */
  merge(packet: readonly number[]): number[] {
    while (this.#ahead.length < MERGE_REACH + 2 * MERGE_FADE) this.#makePeriod(false);
    const ahead = this.#ahead;
    let best = 0;
    let most = -Infinity;
    for (let shift = 0; shift <= Math.min(MERGE_REACH, this.#lag); shift += 6) {
      let dot = 0;
      for (let i = 0; i < MERGE_FADE; i += 3) dot += packet[i]! * ahead[shift + i]!;
      if (dot > most) {
        most = dot;
        best = shift;
      }
    }
    return [
      ...ahead.slice(0, best),
      ...faded(ahead.slice(best, best + MERGE_FADE), packet.slice(0, MERGE_FADE)),
      ...packet.slice(MERGE_FADE),
    ];
  }

  #makePeriod(mutes: boolean): void {
    // The two periods are mixed 4:0, 3:1, 2:2, 3:1, 4:0 and so on.
    const second = [0, 0.25, 0.5, 0.25][this.#periodCount % 4]!;
    if (this.#periodCount === 3) this.#muteSlope = Math.max(this.#muteSlope, 0.001 / 3);
    if (this.#periodCount === 7) this.#muteSlope = Math.max(this.#muteSlope, 0.002 / 3);
    const [last, earlier] = this.#periods;
    // From the periods alone to the mixture in 8, 16 or 32 ms, longer for longer periods.
    const step = 1 / ((this.#lag < 32 * 3 ? 8 : this.#lag < 64 * 3 ? 16 : 32) * SAMPLES_PER_MS);
    let muted = this.#muted;
    if (this.#periodCount > 0) this.#fadeOver(this.#ahead);
    for (let i = 0; i < this.#lag; i++) {
      const voice = last[i]! * (1 - second) + earlier[i]! * second;
      this.#ahead.push((voice * this.#mix + this.#noise() * (1 - this.#mix)) * muted);
      if (this.#mix > this.#voiced) this.#mix -= step;
      if (mutes) muted = Math.max(0, muted - this.#muteSlope * this.#muted);
    }
    this.#muted = muted;
    this.#periodCount++;
  }

  #fadeOver(samples: number[]): void {
    if (this.#mix <= 0.5) return;
    const start = samples.length - OVERLAP;
    for (let i = 0; i < OVERLAP; i++) {
      const share = (i + 1) / (OVERLAP + 1);
      samples[start + i] = samples[start + i]! * (1 - share) + this.#beforePeriod[i]! * this.#muted * share;
    }
  }
}

/** The lag at which the end of a signal is most like what came before. */
function bestLag(samples: readonly number[], window: number): { lag: number; correlation: number } {
  let lag = MIN_LAG;
  let correlation = -1;
  for (let candidate = MIN_LAG; candidate <= MAX_LAG; candidate += 1) {
    let dot = 0;
    let aa = 1;
    let bb = 1;
    for (let i = samples.length - window; i < samples.length; i += 2) {
      const a = samples[i]!;
      const b = samples[i - candidate] ?? 0;
      dot += a * b;
      aa += a * a;
      bb += b * b;
    }
    const value = dot / Math.sqrt(aa * bb);
    if (value > correlation) {
      correlation = value;
      lag = candidate;
    }
  }
  return { lag, correlation };
}

/** Noise with the spectrum and the level of what linear prediction leaves of a signal. */
function noiseLike(samples: readonly number[], random: () => number): () => number {
  const correlation = Array.from({ length: NOISE_ORDER + 1 }, (_, lag) => {
    let sum = 0;
    for (let i = lag; i < samples.length; i++) sum += samples[i]! * samples[i - lag]!;
    return sum / samples.length;
  });
  correlation[0] = correlation[0]! * 1.0001 + 1;
  let filter = [1];
  let error = correlation[0];
  for (let order = 1; order <= NOISE_ORDER; order++) {
    const sum = filter.reduce((total, tap, k) => total + tap * correlation[order - k]!, 0);
    const reflection = -sum / error;
    const padded = [...filter, 0];
    filter = padded.map((tap, k) => tap + reflection * padded[order - k]!);
    error *= 1 - reflection * reflection;
  }
  const past = samples.slice(-NOISE_ORDER);
  return () => {
    let value = (random() - 0.5) * Math.sqrt(12 * error);
    for (let k = 1; k <= NOISE_ORDER; k++) value -= filter[k]! * past.at(-k)!;
    past.push(value);
    past.shift();
    return value;
  };
}

/** From `a` to `b`, of equal lengths. */
const faded = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((value, i) => value + ((b[i]! - value) * (i + 1)) / (a.length + 1));

function powerOf(samples: ArrayLike<number> & Iterable<number>): number {
  let sum = 0;
  for (const value of samples) sum += value * value;
  return sum / Math.max(1, samples.length);
}
