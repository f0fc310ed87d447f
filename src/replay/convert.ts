import { InputAdapter, loadResampler, StreamingResampler } from '../../audio/index.js';
import { ROOM_RATE_HZ } from '../../audio/rates.js';

/** Rates that a recording can be converted to: what tracks (48), Realtime (24) and recognisers (16 kHz) take. */
export const CONVERT_RATES_HZ = [16_000, 24_000, 48_000] as const;
/** One of {@link CONVERT_RATES_HZ}. */
export type ConvertRateHz = (typeof CONVERT_RATES_HZ)[number];

/**
 * The live streaming path and nothing else: input adapter to 48 kHz, then the streaming resampler. What comes out is mono, as
 * long as what went in to the nearest sample and aligned with it: the resampler's delay (2.67 ms to 24 kHz, 4 ms to 16 kHz) is
 * cut off at the front once its tail is out. Close it in every case.
 */
export class LivePathConverter {
  readonly #sampleRateHz: number;
  readonly #rateHz: ConvertRateHz;
  readonly #adapter = new InputAdapter();
  readonly #resampler: StreamingResampler;
  #skip: number;
  #samplesIn = 0;
  #samplesOut = 0;

  private constructor(sampleRateHz: number, rateHz: ConvertRateHz) {
    this.#sampleRateHz = sampleRateHz;
    this.#rateHz = rateHz;
    this.#resampler = new StreamingResampler(ROOM_RATE_HZ, rateHz);
    this.#skip = Math.round((this.#resampler.delayInputSamples * rateHz) / ROOM_RATE_HZ);
  }

  /** From mono at `sampleRateHz`, a rate that the live path takes. */
  static async of(sampleRateHz: number, rateHz: ConvertRateHz): Promise<LivePathConverter> {
    await loadResampler();
    return new LivePathConverter(sampleRateHz, rateHz);
  }

  /** Converts a chunk of any length; the result is valid until the next call. @throws AudioError for another rate */
  push(samples: Int16Array): Int16Array {
    this.#samplesIn += samples.length;
    const frame = { samples, sampleRateHz: this.#sampleRateHz, channelCount: 1 };
    return this.#out(this.#resampler.process(this.#adapter.process(frame)));
  }

  /** What is left once all was pushed, in two parts that are valid until the next is asked for. */
  *end(): Generator<Int16Array, void> {
    yield this.#out(this.#resampler.process(this.#adapter.flush()));
    const length = Math.round((this.#samplesIn / this.#sampleRateHz) * this.#rateHz);
    const missing = length - this.#samplesOut;
    yield this.#out(this.#resampler.flush()).subarray(0, missing);
  }

  close(): void {
    this.#adapter.close();
    this.#resampler.close();
  }

  #out(pcm: Int16Array): Int16Array {
    const skipped = Math.min(this.#skip, pcm.length);
    this.#skip -= skipped;
    const rest = pcm.subarray(skipped);
    this.#samplesOut += rest.length;
    return rest;
  }
}
