import { StreamingResampler } from '../resampler.js';
import { BLOCK_SAMPLES, BLOCK_SAMPLES_48K, ECHO_RATE_HZ, powerOf, SILENCE_POWER } from './echo-grid.js';
import { RealFft } from './real-fft.js';
import { makePhases, type Phases, Whitener, WINDOW_SAMPLES } from './whitener.js';
import { ROOM_RATE_HZ } from '../rates.js';

/** Spectra are of two blocks, the one that counts last. */
export const SPECTRUM_SAMPLES = 2 * BLOCK_SAMPLES;
export const BIN_COUNT = BLOCK_SAMPLES + 1;
/** Blocks that are remembered: 1.02 s. */
const REMEMBERED_BLOCKS = 64;
const REMEMBERED_SAMPLES = REMEMBERED_BLOCKS * BLOCK_SAMPLES;
/** The resampler has given all that it held after so many silent samples at 48 kHz. */
const DRAINED_SAMPLES = 960;

/** The spectrum of a block and the one before it. */
type BlockSpectrum = {
  readonly re: Float32Array;
  readonly im: Float32Array;
  /** Squared magnitudes. */
  readonly powers: Float32Array;
};

type Block = BlockSpectrum & {
  readonly phases: Phases;
  /** Mean square. */
  power: number;
  /** It and the one before are digital silence: there is no spectrum. */
  silent: boolean;
  /** `phases` are filled in. */
  whitened: boolean;
};

/**
 * What was published, as microphones are compared with it: the last second in blocks of 16 ms, with spectra that are made
 * once for everyone who hears this voice. While nothing is published it only counts.
 *
 * Needs `loadResampler()` to have resolved.
 */
export class EchoReference {
  readonly #fft = new RealFft(SPECTRUM_SAMPLES);
  readonly #whitener = new Whitener();
  readonly #resampler = new StreamingResampler(ROOM_RATE_HZ, ECHO_RATE_HZ);
  readonly #ring: Block[] = Array.from({ length: REMEMBERED_BLOCKS }, () => ({
    re: new Float32Array(BIN_COUNT),
    im: new Float32Array(BIN_COUNT),
    powers: new Float32Array(BIN_COUNT),
    phases: makePhases(),
    power: 0,
    silent: true,
    whitened: false,
  }));
  /** The samples of the same blocks. */
  readonly #past = new Float32Array(REMEMBERED_SAMPLES);
  readonly #noPhases = makePhases();
  readonly #pair = new Float32Array(SPECTRUM_SAMPLES);
  readonly #window = new Float32Array(WINDOW_SAMPLES);
  /** Samples at 16 kHz so far. */
  #made = 0;
  #lastActiveBlock = -Infinity;
  /** Samples at 48 kHz taken in; the position of the first of them. */
  #taken = 0;
  #origin: number | undefined;
  #silentSamples = DRAINED_SAMPLES;

  /** Index of the next block. */
  get blockCount(): number {
    return Math.floor(this.#made / BLOCK_SAMPLES);
  }

  /** Index of the last block that was not silent; -Infinity when there was none. */
  get lastActiveBlock(): number {
    return this.#lastActiveBlock;
  }

  /**
   * Takes what is published next.
   *
   * @param samples mono int16 at 48 kHz, a multiple of 3 samples
   * @param position of the first sample, in samples at 48 kHz of a timeline that microphones share. A hole is filled with
   *   silence.
   */
  push(samples: Int16Array, position: number): void {
    this.#origin ??= position;
    const missing = Math.round((position - this.#origin - this.#taken) / 3) * 3;
    if (missing > 0 && missing <= REMEMBERED_BLOCKS * BLOCK_SAMPLES_48K) this.#takeSilence(missing);
    else if (missing !== 0) this.#origin += missing;
    if (isSilent(samples)) this.#silentSamples += samples.length;
    else this.#silentSamples = 0;
    if (this.#silentSamples > DRAINED_SAMPLES) {
      this.#takeSilence(samples.length);
      return;
    }
    this.#taken += samples.length;
    for (const sample of this.#resampler.process(samples)) this.#add(sample);
  }

  /** Where a position of the timeline is, in samples at 48 kHz since the first block began. */
  locate(position: number): number {
    return position - (this.#origin ?? position);
  }

  /** Mean square of a block; 0 when it is not made yet, or forgotten. */
  powerAt(index: number): number {
    return this.#at(index)?.power ?? 0;
  }

  /** Spectrum of a block and the one before it; undefined when it is not made yet, or forgotten, or silent. */
  spectrumAt(index: number): BlockSpectrum | undefined {
    const block = this.#at(index);
    return block === undefined || block.silent ? undefined : block;
  }

  /** Phases of the window that ends with a block; none when it is not made yet, or forgotten. */
  phasesAt(index: number): Phases {
    const block = this.#at(index);
    if (block === undefined) return this.#noPhases;
    if (!block.whitened) {
      const end = (index + 1) * BLOCK_SAMPLES;
      for (let i = 0; i < WINDOW_SAMPLES; i++) {
        const at = end - WINDOW_SAMPLES + i;
        this.#window[i] = at < 0 ? 0 : this.#past[at % REMEMBERED_SAMPLES]!;
      }
      this.#whitener.whiten(this.#window, block.phases);
      block.whitened = true;
    }
    return block.phases;
  }

  /** Frees the filter. Nothing may be pushed afterwards. */
  close(): void {
    this.#resampler.close();
  }

  #at(index: number): Block | undefined {
    const { blockCount } = this;
    if (index < 0 || index >= blockCount || index <= blockCount - REMEMBERED_BLOCKS) return undefined;
    return this.#ring[index % REMEMBERED_BLOCKS];
  }

  #takeSilence(sampleCount: number): void {
    this.#taken += sampleCount;
    for (let n = 0; n < sampleCount; n += 3) this.#add(0);
  }

  #add(sample: number): void {
    this.#past[this.#made++ % REMEMBERED_SAMPLES] = sample;
    if (this.#made % BLOCK_SAMPLES === 0) this.#finishBlock(this.#made / BLOCK_SAMPLES - 1);
  }

  #finishBlock(index: number): void {
    const block = this.#ring[index % REMEMBERED_BLOCKS]!;
    const pair = this.#pair;
    const at = (index % REMEMBERED_BLOCKS) * BLOCK_SAMPLES;
    pair.copyWithin(0, BLOCK_SAMPLES);
    pair.set(this.#past.subarray(at, at + BLOCK_SAMPLES), BLOCK_SAMPLES);
    block.power = powerOf(pair.subarray(BLOCK_SAMPLES));
    block.whitened = false;
    block.silent = block.power === 0 && this.powerAt(index - 1) === 0;
    if (!block.silent) this.#transform(block);
    if (block.power > SILENCE_POWER) this.#lastActiveBlock = index;
  }

  #transform({ re, im, powers }: BlockSpectrum): void {
    this.#fft.forward(this.#pair, re, im);
    for (let k = 0; k < BIN_COUNT; k++) powers[k] = re[k]! * re[k]! + im[k]! * im[k]!;
  }
}

function isSilent(samples: Int16Array): boolean {
  for (const sample of samples) if (sample !== 0) return false;
  return true;
}
