import { AudioError } from './errors.js';
import { MAX_CHANNELS } from './pcm.js';

/** What the channels of a recording turned out to be. */
export type ChannelFindings = {
  /** Most of the sound had one of two channels inverted, which was turned round. */
  inverted: boolean;
  /** The two channels have sound of their own: two speakers, probably. */
  different: boolean;
};

/** Levels are taken, and gains set, once in so long. */
const BLOCK_MS = 10;
/** A channel that falls silent keeps its share so long: gains do not follow single syllables. */
const RELEASE_MS = 200;
/** How much louder than it is a centre counts. */
const CENTRE_WEIGHT = 4;
/** What two channels have in common is taken over so long. */
const CORRELATION_MS = 300;
/** From here on one channel counts as the other one inverted, and from there on no more. */
const INVERTED_BELOW = -0.7;
const UPRIGHT_ABOVE = -0.2;
/** Channels that have less than this in common are not one sound. */
const DIFFERENT_BELOW = 0.3;
/** A channel that much quieter than the other has nothing of its own to say (in power: 20 dB). */
const SAME_RANGE = 0.01;
/** Below this a block counts as silence, in squares of samples: -60 dBFS. */
const SILENCE = 32.768 ** 2;

/**
 * Mixes channels to mono so that nobody gets lost: each channel's gain is its share of the level, so that one who speaks on
 * one channel alone keeps their full level (Dugan's automatic mixer), equal channels come out as they are, and the sum cannot
 * clip. Of two channels one that is the other inverted is turned round instead of cancelling it. Channels without speech by
 * their nature, such as low-frequency effects, are left out by `ignored`; a `centre`, where speech is by its nature, counts as
 * much louder than it is, so that music beside it does not bury it.
 */
export class ChannelMixer {
  readonly channelCount: number;
  readonly #blockFrames: number;
  readonly #release: number;
  readonly #forget: number;
  readonly #ignored: readonly boolean[];
  readonly #centre: number | undefined;
  readonly #heardCount: number;
  /** Of this block, sums of squares. */
  readonly #energies: Float64Array;
  readonly #levels: Float64Array;
  /** Gains at the end of the last block, and of this one. */
  readonly #gains: Float64Array;
  readonly #targets: Float64Array;
  readonly #steps: Float64Array;
  #begun = false;
  /** Of two channels, lately and in all: power of each, and what they have in common. */
  #recent = { left: 0, right: 0, both: 0 };
  readonly #total = { left: 0, right: 0, both: 0 };
  #isInverted = false;
  #invertedEnergy = 0;

  /** @throws AudioError `bad_channels` */
  constructor(options: {
    channelCount: number;
    sampleRateHz: number;
    ignored?: readonly number[];
    centre?: number | undefined;
  }) {
    const { channelCount, sampleRateHz, ignored = [], centre } = options;
    if (!Number.isInteger(channelCount) || channelCount < 1 || channelCount > MAX_CHANNELS)
      throw new AudioError('bad_channels', `channel count must be 1 to ${MAX_CHANNELS}, got ${channelCount}`);
    this.channelCount = channelCount;
    this.#blockFrames = Math.max(1, Math.round((sampleRateHz * BLOCK_MS) / 1000));
    this.#release = Math.exp(-BLOCK_MS / RELEASE_MS);
    this.#forget = Math.exp(-BLOCK_MS / CORRELATION_MS);
    this.#ignored = Array.from({ length: channelCount }, (_, channel) => ignored.includes(channel));
    this.#centre = centre;
    this.#heardCount = channelCount - this.#ignored.filter(Boolean).length;
    this.#energies = new Float64Array(channelCount);
    this.#levels = new Float64Array(channelCount);
    this.#gains = new Float64Array(channelCount);
    this.#targets = new Float64Array(channelCount);
    this.#steps = new Float64Array(channelCount);
  }

  /** So far. */
  get findings(): ChannelFindings {
    const { left, right, both } = this.#total;
    const loudest = Math.max(left, right);
    const inRange = loudest > 0 && Math.min(left, right) > loudest * SAME_RANGE;
    const inverted = inRange && this.#invertedEnergy > (left + right) / 2;
    const different = inRange && !inverted && Math.abs(both) < DIFFERENT_BELOW * Math.sqrt(left * right);
    return { inverted, different };
  }

  /**
   * Mixes a chunk of any length.
   *
   * @param samples interleaved int16, whole frames
   * @returns mono int16 in memory of its own
   */
  process(samples: Int16Array): Int16Array {
    const { channelCount } = this;
    if (channelCount === 1) return samples.slice();
    const frames = samples.length / channelCount;
    const out = new Int16Array(frames);
    for (let from = 0; from < frames; from += this.#blockFrames)
      this.#mixBlock(samples, from, Math.min(frames, from + this.#blockFrames), out);
    return out;
  }

  #mixBlock(samples: Int16Array, from: number, to: number, out: Int16Array): void {
    this.#setTargets(samples, from, to);
    const { channelCount } = this;
    const gains = this.#gains;
    const targets = this.#targets;
    const steps = this.#steps;
    let steady = true;
    for (let channel = 0; channel < channelCount; channel++) {
      const step = (targets[channel]! - gains[channel]!) / (to - from);
      steps[channel] = step;
      if (step !== 0) steady = false;
    }
    if (channelCount === 2 && steady && gains[0] === 0.5 && gains[1] === 0.5) {
      for (let frame = from, at = from * 2; frame < to; frame++, at += 2)
        out[frame] = (samples[at]! + samples[at + 1]! + 1) >> 1;
      return;
    }
    for (let frame = from, at = from * channelCount; frame < to; frame++) {
      let sum = 0;
      for (let channel = 0; channel < channelCount; channel++) {
        const gain = gains[channel]! + steps[channel]!;
        gains[channel] = gain;
        sum += gain * samples[at++]!;
      }
      out[frame] = Math.round(sum);
    }
    gains.set(targets);
  }

  /** The gains that a block ends with. */
  #setTargets(samples: Int16Array, from: number, to: number): void {
    const { channelCount } = this;
    if (channelCount === 2) this.#compare(samples, from, to);
    else this.#measure(samples, from, to);
    const levels = this.#levels;
    let sum = 0;
    for (let channel = 0; channel < channelCount; channel++) {
      if (this.#ignored[channel]) continue;
      const weight = channel === this.#centre ? CENTRE_WEIGHT : 1;
      const level = weight * Math.sqrt(this.#energies[channel]! / (to - from));
      levels[channel] = Math.max(level, levels[channel]! * this.#release);
      sum += levels[channel]!;
    }
    for (let channel = 0; channel < channelCount; channel++) {
      const even = this.#ignored[channel] ? 0 : 1 / this.#heardCount;
      this.#targets[channel] = sum < 1 ? even : levels[channel]! / sum;
    }
    if (this.#isInverted) this.#targets[1] = -this.#targets[1]!;
    if (this.#begun) return;
    this.#begun = true;
    this.#gains.set(this.#targets);
  }

  #measure(samples: Int16Array, from: number, to: number): void {
    const { channelCount } = this;
    for (let channel = 0; channel < channelCount; channel++) {
      let energy = 0;
      for (let at = from * channelCount + channel; at < to * channelCount; at += channelCount)
        energy += samples[at]! * samples[at]!;
      this.#energies[channel] = energy;
    }
  }

  /** Measures two channels, and what they have in common. */
  #compare(samples: Int16Array, from: number, to: number): void {
    let left = 0;
    let right = 0;
    let both = 0;
    for (let at = from * 2; at < to * 2; at += 2) {
      const a = samples[at]!;
      const b = samples[at + 1]!;
      left += a * a;
      right += b * b;
      both += a * b;
    }
    this.#energies[0] = left;
    this.#energies[1] = right;
    const recent = this.#recent;
    recent.left = recent.left * this.#forget + left;
    recent.right = recent.right * this.#forget + right;
    recent.both = recent.both * this.#forget + both;
    if (left + right < SILENCE * (to - from)) return;
    const total = this.#total;
    total.left += left;
    total.right += right;
    total.both += both;
    const inCommon = recent.both / Math.sqrt(recent.left * recent.right);
    if (inCommon < INVERTED_BELOW) this.#isInverted = true;
    else if (inCommon > UPRIGHT_ABOVE) this.#isInverted = false;
    if (this.#isInverted) this.#invertedEnergy += left + right;
  }
}
