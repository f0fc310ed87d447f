import { NoiseFloor } from '../echo/noise-floor.js';
import { RealFft } from '../echo/real-fft.js';

/** Microphones are compared at 8 kHz: speech has its energy below 4 kHz. */
const TRACE_RATE_HZ = 8_000;
/** Samples that are transformed together: 1.02 s. */
export const WINDOW_SAMPLES = 8_192;
/** Levels are kept of blocks of 10 ms. */
export const BLOCK_SAMPLES = 80;
/** Samples at 48 kHz that make one. */
const DECIMATION = 6;
const REMEMBERED_SAMPLES = 2 * WINDOW_SAMPLES;
const REMEMBERED_BLOCKS = 256;
/** The band that counts: 200 Hz to 3.6 kHz. */
export const FIRST_BIN = Math.ceil((200 * WINDOW_SAMPLES) / TRACE_RATE_HZ);
export const END_BIN = Math.floor((3_600 * WINDOW_SAMPLES) / TRACE_RATE_HZ);
/** A block is sound when it is 9 dB above the background, and above -60 dBFS. */
const SOUND_RATIO = 8;
const LEAST_SOUND = 32_768 ** 2 * 1e-6;
/** It may be sound when it is 3 dB above it. */
const HEARD_RATIO = 2;
/** Sound with shorter pauses is one stretch. */
const STRETCH_PAUSE_BLOCKS = 30;
const PRE_EMPHASIS = 0.9;
/** Ends of a window are faded over 64 ms. */
const FADE_SAMPLES = 512;

/** What all traces of a process share: one transform, and a window's shape. */
export const windowFft = new RealFft(WINDOW_SAMPLES);
const windowed = new Float32Array(WINDOW_SAMPLES);
const shape = Float32Array.from({ length: WINDOW_SAMPLES }, (_, i) => {
  const fromEdge = Math.min(i, WINDOW_SAMPLES - 1 - i) + 0.5;
  return fromEdge >= FADE_SAMPLES ? 1 : 0.5 - 0.5 * Math.cos((Math.PI * fromEdge) / FADE_SAMPLES);
});

/**
 * The last two seconds of one microphone on a timeline that all microphones share: samples at 8 kHz, the power of each 10 ms,
 * and the phases of the last second, made once for everyone it is compared with.
 */
export class MicrophoneTrace {
  readonly re = new Float32Array(WINDOW_SAMPLES / 2 + 1);
  readonly im = new Float32Array(WINDOW_SAMPLES / 2 + 1);
  readonly #past = new Float32Array(REMEMBERED_SAMPLES);
  readonly #powers = new Float32Array(REMEMBERED_BLOCKS);
  /** Index of the next sample. */
  #next: number | undefined;
  #whitenedTo = -1;
  #sum = 0;
  #summed = 0;
  #blockEnergy = 0;
  readonly #noise = new NoiseFloor(1, 32_768 ** 2 * 1e-3);
  #lastSound = -Infinity;
  #stretchFrom = -Infinity;

  /** The last block that was sound, and the first of the stretch that it belongs to; -Infinity before any. */
  get lastSound(): number {
    return this.#lastSound;
  }

  get stretchFrom(): number {
    return this.#stretchFrom;
  }

  /** Whether a power is clearly above this microphone's background. */
  isSound(power: number): boolean {
    return power > Math.max(LEAST_SOUND, SOUND_RATIO * this.#noise.power);
  }

  /** Whether a power may be sound: in reverberation the background seems louder than it is. */
  isHeard(power: number): boolean {
    return power > Math.max(LEAST_SOUND, HEARD_RATIO * this.#noise.power);
  }

  /** Index of the next sample at 8 kHz; undefined before the first. */
  get end(): number | undefined {
    return this.#next;
  }

  /** Index of the last whole block of 10 ms. */
  get lastBlock(): number {
    return Math.floor((this.#next ?? 0) / BLOCK_SAMPLES) - 1;
  }

  /** Takes what came next: mono int16 at 48 kHz, `position` of its first sample at 48 kHz. A hole is filled with silence. */
  push(samples: Int16Array, position: number): void {
    const at = Math.round(position / DECIMATION);
    if (this.#next === undefined || Math.abs(at - this.#next) > REMEMBERED_SAMPLES) {
      this.#past.fill(0);
      this.#powers.fill(0);
      this.#next = at;
      this.#blockEnergy = 0;
    }
    if (at < this.#next - BLOCK_SAMPLES) this.#next = at; // time was set back
    for (let missing = at - this.#next; missing > 1; missing--) this.#add(0);
    for (const sample of samples) {
      this.#sum += sample;
      if (++this.#summed < DECIMATION) continue;
      this.#add(this.#sum / DECIMATION);
      this.#sum = 0;
      this.#summed = 0;
    }
  }

  /** Mean square of a block of 10 ms; 0 of one that is not there. */
  powerAt(block: number): number {
    const { lastBlock } = this;
    return block > lastBlock || block <= lastBlock - REMEMBERED_BLOCKS || block < 0
      ? 0
      : this.#powers[block % REMEMBERED_BLOCKS]!;
  }

  /** Makes `re` and `im` the phases of the window that ends before sample `end`. */
  whiten(end: number): void {
    if (end === this.#whitenedTo || this.#next === undefined) return;
    this.#whitenedTo = end;
    const from = end - WINDOW_SAMPLES;
    let before = this.#at(from - 1);
    for (let i = 0; i < WINDOW_SAMPLES; i++) {
      const sample = this.#at(from + i);
      windowed[i] = (sample - PRE_EMPHASIS * before) * shape[i]!;
      before = sample;
    }
    const { re, im } = this;
    windowFft.forward(windowed, re, im);
    for (let k = FIRST_BIN; k < END_BIN; k++) {
      const scale = 1 / (Math.sqrt(re[k]! * re[k]! + im[k]! * im[k]!) + 1e-3);
      re[k] = re[k]! * scale;
      im[k] = im[k]! * scale;
    }
  }

  #at(index: number): number {
    const next = this.#next!;
    return index >= next || index < next - REMEMBERED_SAMPLES || index < 0
      ? 0
      : this.#past[index % REMEMBERED_SAMPLES]!;
  }

  #add(sample: number): void {
    const index = this.#next!;
    this.#past[index % REMEMBERED_SAMPLES] = sample;
    this.#blockEnergy += sample * sample;
    this.#next = index + 1;
    if (this.#next % BLOCK_SAMPLES !== 0) return;
    const block = this.#next / BLOCK_SAMPLES - 1;
    const power = this.#blockEnergy / BLOCK_SAMPLES;
    this.#blockEnergy = 0;
    this.#powers[block % REMEMBERED_BLOCKS] = power;
    this.#noise.follow(power);
    if (!this.isSound(power)) return;
    if (block - this.#lastSound > STRETCH_PAUSE_BLOCKS) this.#stretchFrom = block;
    this.#lastSound = block;
  }
}
