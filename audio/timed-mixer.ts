import { AudioError } from './errors.js';

/** How much is held at most while streams are waited for. */
const CAPACITY_MS = 1_000;
const FRAME_MS = 10;

/** How a timed mixer is made. */
export type TimedMixerOptions = {
  sampleRateHz: number;
  /** How long a stream is waited for before what the others brought is mixed without it. 40 by default. */
  waitMs?: number;
  /** Takes 10 ms, valid during the call; `atMs` is the time of its first sample. */
  onMixed: (samples: Int16Array, atMs: number) => void;
};

/**
 * Adds any number of mono streams, each of whose frames comes with its time, to one stream of 10 ms frames. Streams may
 * begin, pause and end as they like, and be a little out of step; what comes too late is dropped and counted. Sums saturate
 * at the int16 range. Time comes with the frames alone, so that nothing is mixed while none come: {@link TimedMixer.flush}.
 */
export class TimedMixer {
  readonly #samplesPerMs: number;
  readonly #frameSamples: number;
  readonly #waitSamples: number;
  readonly #onMixed: TimedMixerOptions['onMixed'];
  /** Sums by position, as a ring. */
  readonly #sums: Int32Array;
  readonly #frame: Int16Array;
  /** Time of position 0; undefined until something comes. */
  #originMs: number | undefined;
  /** Position of the next frame that is handed out, and behind the newest sample that came. */
  #next = 0;
  #end = 0;
  #lateSamples = 0;

  /** @throws AudioError `bad_rate` for a rate without whole samples per millisecond */
  constructor({ sampleRateHz, waitMs = 40, onMixed }: TimedMixerOptions) {
    if (!Number.isInteger(sampleRateHz / 1000) || sampleRateHz <= 0)
      throw new AudioError('bad_rate', `streams are mixed at whole kHz, not at ${sampleRateHz} Hz: resample`);
    this.#samplesPerMs = sampleRateHz / 1000;
    this.#frameSamples = FRAME_MS * this.#samplesPerMs;
    this.#waitSamples = waitMs * this.#samplesPerMs;
    this.#sums = new Int32Array(CAPACITY_MS * this.#samplesPerMs);
    this.#frame = new Int16Array(this.#frameSamples);
    this.#onMixed = onMixed;
  }

  /** Samples that came after the frame they belong to was handed out. */
  get lateSamples(): number {
    return this.#lateSamples;
  }

  /** Adds samples of one stream, the first of which belongs to `atMs`. */
  push(samples: Int16Array, atMs: number): void {
    this.#originMs ??= atMs;
    let at = Math.round((atMs - this.#originMs) * this.#samplesPerMs);
    // A jump: what came before it is over.
    if (at - this.#next > this.#sums.length) {
      this.flush();
      this.#originMs = atMs;
      at = 0;
    }
    for (const sample of samples) {
      if (at >= this.#next + this.#sums.length) this.#handOut();
      if (at < this.#next) this.#lateSamples++;
      else this.#sums[at % this.#sums.length]! += sample;
      at++;
    }
    this.#end = Math.max(this.#end, at);
    while (this.#next + this.#frameSamples <= this.#end - this.#waitSamples) this.#handOut();
  }

  /** Hands out what waits, the last frame filled up with silence. */
  flush(): void {
    while (this.#next < this.#end) this.#handOut();
    this.#originMs = undefined;
    this.#next = 0;
    this.#end = 0;
  }

  #handOut(): void {
    const frame = this.#frame;
    const from = this.#next % this.#sums.length; // the ring holds whole frames
    for (let index = 0; index < frame.length; index++) {
      frame[index] = Math.max(-32_768, Math.min(32_767, this.#sums[from + index]!));
    }
    this.#sums.fill(0, from, from + frame.length);
    const atMs = this.#originMs! + this.#next / this.#samplesPerMs;
    this.#next += frame.length;
    this.#onMixed(frame, atMs);
  }
}
