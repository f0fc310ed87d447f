import { NoiseFloor } from './echo/noise-floor.js';
import { meanPower, peakOf, powerDbfs } from './pcm.js';

const FULL_SCALE_POWER = 32_768 ** 2;
/** Speech whose louder moments are below this is raised. */
const QUIET_DBFS = -27;
/** More than it lacks: what is quietest is raised most. */
const SLOPE = 1.4;
const MAX_GAIN_DB = 24;
/** The background is never raised above this. */
const MAX_NOISE_DBFS = -48;
/** A block is sound when it is 9 dB above the background, and above -66 dBFS. */
const SOUND_RATIO = 8;
const LEAST_SOUND = FULL_SCALE_POWER * 10 ** -6.6;
/** Digital silence is taken for a background at -120 dBFS. */
const LEAST_NOISE = 1e-3;
/** How fast the level of speech follows louder and quieter blocks. */
const RISE = 0.08;
const FALL = 0.002;
/** Per block of 10 ms: fast for somebody's first words, slow afterwards, and down at once. */
const FIRST_STEP_DB = 1;
const STEP_DB = 0.03;
const DOWN_STEP_DB = 0.1;
const FIRST_BLOCKS = 50;
/** No sample becomes louder than this. */
const PEAK_LIMIT = 29_000;
/** Speech this long tells that a microphone is quiet, and not only somebody's first word. */
const KNOWN_BLOCKS = 200;
/** The gain that tells is a mean over three seconds of speech at most. */
const MEAN_BLOCKS = 300;
/** A microphone that is raised by so much, on average, is very quiet. */
const VERY_QUIET_DB = 8;
/** Nothing is raised before so many blocks: a word may begin quietly. */
const LEAST_BLOCKS = 10;

/**
 * Raises speech of a very quiet microphone, by 24 dB at most, so that it is heard as well as others. It follows the level of
 * speech, not of the background: noise that stands out of nothing is left as it is, and what is there between words is never
 * raised to the level of speech. It never lowers anything but its own gain.
 */
export class AutomaticGain {
  readonly #noise = new NoiseFloor(1, FULL_SCALE_POWER);
  #level = 0;
  #gainDb = 0;
  /** Of the last sample. */
  #gain = 1;
  #soundBlocks = 0;
  /** Of sound, over some seconds. */
  #meanGainDb = 0;

  /** By how much it raises at present. */
  get gainDb(): number {
    return this.#gainDb;
  }

  /** Two seconds of speech were so quiet that they had to be raised by 8 dB or more. */
  get isVeryQuiet(): boolean {
    return this.#soundBlocks >= KNOWN_BLOCKS && this.#meanGainDb >= VERY_QUIET_DB;
  }

  /** Raises a block of about 10 ms, mono int16, in place. Where there is nothing to raise it is left alone. */
  process(samples: Int16Array): void {
    if (samples.length === 0) return;
    this.#follow(meanPower(samples));
    const peak = peakOf(samples);
    const target = Math.min(10 ** (this.#gainDb / 20), PEAK_LIMIT / Math.max(1, peak));
    const to = Math.max(1, target);
    const from = to < this.#gain && peak * this.#gain > PEAK_LIMIT ? to : this.#gain;
    this.#gain = to;
    if (from === 1 && to === 1) return;
    const step = (to - from) / samples.length;
    let gain = from;
    for (let i = 0; i < samples.length; i++) {
      gain += step;
      samples[i] = Math.round(samples[i]! * gain);
    }
  }

  #follow(power: number): void {
    this.#noise.follow(power);
    const isSound = power > Math.max(LEAST_SOUND, SOUND_RATIO * this.#noise.power);
    if (!isSound) return;
    this.#soundBlocks++;
    if (this.#level === 0) this.#level = power;
    else this.#level += (power - this.#level) * (power > this.#level ? RISE : FALL);
    if (this.#soundBlocks < LEAST_BLOCKS) return;
    const wantedDb = this.#wantedDb();
    const upDb = this.#soundBlocks <= FIRST_BLOCKS ? FIRST_STEP_DB : STEP_DB;
    this.#gainDb += Math.max(-DOWN_STEP_DB, Math.min(upDb, wantedDb - this.#gainDb));
    this.#meanGainDb += (this.#gainDb - this.#meanGainDb) / Math.min(this.#soundBlocks, MEAN_BLOCKS);
  }

  #wantedDb(): number {
    const lacksDb = QUIET_DBFS - powerDbfs(this.#level);
    const noiseRoomDb = MAX_NOISE_DBFS - powerDbfs(Math.max(this.#noise.power, LEAST_NOISE));
    return Math.max(0, Math.min(MAX_GAIN_DB, lacksDb * SLOPE, noiseRoomDb));
  }
}
