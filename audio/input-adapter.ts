import { countSampleFrames, downmixToMono } from './pcm.js';
import { ROOM_RATE_HZ } from './rates.js';
import { checkSampleRate, StreamingResampler } from './resampler.js';
import { Seam, SEAM_LOOKAHEAD } from './seam.js';

/** Interleaved int16 as a track delivers it. Each frame says its own rate and channel count: both may change. */
export type AudioFrame = { samples: Int16Array; sampleRateHz: number; channelCount: number };

/** Least common multiple of the supported rates: every sample begins on a whole tick. */
const TICKS_PER_SECOND = 14_112_000;
const TICKS_PER_OUTPUT_SAMPLE = TICKS_PER_SECOND / ROOM_RATE_HZ;
/** Input samples remembered for a change of rate: longer than any filter's delay and the seam's reach. */
const HISTORY_SAMPLES = 260;
/** Output samples read from the seam at least, after a change of rate. */
const MIN_SEAM_SAMPLES = 64;

/** How frames of one rate become 48 kHz: through a resampler and its alignment, or as they are. */
type Converter = {
  readonly sampleRateHz: number;
  /** Distance of two input samples, in output samples. */
  readonly spacing: number;
  readonly resampler: StreamingResampler | undefined;
  /** Zeros fed first, so that resampled positions fall on whole output samples. */
  readonly lead: Int16Array;
  /** Output samples of lead and filter delay, before the one that belongs to the first input sample. */
  readonly skip: number;
  /** Output samples at the start of a run that the resampler cannot give, knowing only the run. */
  readonly settleSamples: number;
};

/**
 * Takes frames of any supported rate and 1 to 8 channels, which may change from frame to frame, and returns one continuous
 * mono stream at 48 kHz, in which sample n belongs to input time n / 48000: nothing is lost, repeated or shifted. A frame
 * at 48 kHz passes through unfiltered (only mixed down). Other rates are resampled, so their audio comes out later by the
 * filter's delay: the first frame of such a run returns less, the one that ends it (or `flush`) returns the rest.
 *
 * Around a change of rate, where a filter would need samples of its own rate from the other side, the output is read from
 * a polynomial through the samples on both sides (`Seam`). A change at a time that is not on the 48 kHz grid, which frames
 * of 10 ms never make, moves what follows onto it: by 10 microseconds at most, and never adding up.
 *
 * `await loadResampler()` before the first frame that is not 48 kHz.
 */
export class InputAdapter {
  readonly #converters = new Map<number, Converter>();
  readonly #seam = new Seam();
  #converter: Converter | undefined;
  /** Input time taken in. */
  #ticks = 0;
  /** Output samples returned: also the position of the next one. */
  #emitted = 0;
  /** Position of the current run's first sample. */
  #runStart = 0;
  /** Input samples of the current run. */
  #runSamples = 0;
  /** From here on the converter's output is right; before it, the seam is asked. */
  #settledFrom = 0;
  /** Position of the next sample that the resampler will give. */
  #resampledTo = 0;
  /** The last input samples of the current run. */
  readonly #history = new Int16Array(HISTORY_SAMPLES);
  #historyLength = 0;
  #mono = new Int16Array(0);
  #output = new Int16Array(0);
  #view = this.#output;

  /**
   * Takes a frame of any length.
   *
   * @returns mono int16 at 48 kHz, valid until the next call: either the frame's own samples or memory that is reused
   *   the refused frame
   */
  process(frame: AudioFrame): Int16Array {
    const sampleCount = countSampleFrames(frame.samples.length, frame.channelCount);
    if (frame.sampleRateHz !== this.#converter?.sampleRateHz) {
      const converter = this.#converterFor(frame.sampleRateHz);
      if (sampleCount === 0) return this.#outputView(0);
      this.#beginRun(converter);
    }
    const mono = this.#downmix(frame, sampleCount);
    if (this.#passesThrough()) {
      this.#remember(mono);
      this.#emitted += mono.length;
      return mono;
    }
    return this.#convert(mono, Infinity);
  }

  /**
   * Ends the stream: returns what the filter still holds, so that the output is exactly as long as the input (to the
   * nearest sample). The adapter is then as new.
   */
  flush(): Int16Array {
    const converter = this.#converter;
    if (converter === undefined) return this.#outputView(0);
    const end = Math.round(this.#ticks / TICKS_PER_OUTPUT_SAMPLE);
    const silence = new Int16Array((converter.resampler?.delayInputSamples ?? 0) + 2 * SEAM_LOOKAHEAD + 2);
    const tail = this.#convert(silence, end);
    this.#converter = undefined;
    this.#ticks = 0;
    this.#emitted = 0;
    this.#runStart = 0;
    this.#settledFrom = 0;
    this.#seam.clear();
    return tail;
  }

  /** Frees the resamplers. The adapter cannot be used afterwards. */
  close(): void {
    for (const converter of this.#converters.values()) converter.resampler?.close();
  }

  #passesThrough(): boolean {
    return this.#converter?.resampler === undefined && this.#emitted >= this.#settledFrom;
  }

  #converterFor(sampleRateHz: number): Converter {
    let converter = this.#converters.get(sampleRateHz);
    if (converter === undefined) {
      checkSampleRate(sampleRateHz);
      converter = makeConverter(sampleRateHz);
      this.#converters.set(sampleRateHz, converter);
    }
    return converter;
  }

  #downmix(frame: AudioFrame, sampleCount: number): Int16Array {
    if (frame.channelCount === 1) return frame.samples;
    if (this.#mono.length !== sampleCount) this.#mono = new Int16Array(sampleCount);
    return downmixToMono(frame.samples, frame.channelCount, this.#mono);
  }

  /** Starts a run of another rate (or the first) at the present input time. */
  #beginRun(converter: Converter): void {
    const previous = this.#converter;
    this.#converter = converter;
    if (previous !== undefined) {
      if (this.#emitted >= this.#settledFrom) this.#openSeam(previous);
      this.#runStart = Math.round(this.#ticks / TICKS_PER_OUTPUT_SAMPLE);
      this.#settledFrom = this.#runStart + converter.settleSamples;
      this.#seam.beginRun();
    }
    this.#runSamples = 0;
    this.#historyLength = 0;
    this.#resampledTo = this.#runStart - converter.skip;
    if (converter.resampler !== undefined) {
      converter.resampler.reset();
      this.#resampledTo += converter.resampler.process(converter.lead).length;
    }
  }

  /** Gives the seam the run that ends here, as far as it is remembered. */
  #openSeam(ending: Converter): void {
    this.#seam.clear();
    this.#seam.beginRun();
    for (let i = 0; i < this.#historyLength; i++) {
      const index = this.#runSamples - this.#historyLength + i;
      this.#seam.append(this.#positionOf(index, ending), this.#history[i]!, ending.spacing);
    }
  }

  /** Position of a sample of the current run, exact where it is a whole number. */
  #positionOf(index: number, converter: Converter): number {
    return this.#runStart + (index * ROOM_RATE_HZ) / converter.sampleRateHz;
  }

  /** Takes samples of the current run; returns what is certain now, up to position `end`. */
  #convert(mono: Int16Array, end: number): Int16Array {
    const converter = this.#converter!;
    const firstIndex = this.#runSamples;
    const converted = converter.resampler?.process(mono) ?? mono;
    const convertedAt = converter.resampler ? this.#resampledTo : this.#runStart + firstIndex;
    this.#resampledTo += converted.length;
    this.#remember(mono);

    const known = Math.ceil(this.#positionOf(this.#runSamples, converter));
    const capacity = Math.max(0, known - this.#emitted) + 1;
    if (this.#output.length < capacity) this.#output = new Int16Array(capacity);
    const output = this.#output;
    let at = this.#emitted;
    let written = 0;
    if (at < this.#settledFrom) {
      this.#extendSeam(converter, mono, firstIndex);
      for (const until = Math.min(this.#settledFrom, end); at < until; at++) {
        const value = this.#seam.valueAt(at);
        if (value === undefined) break;
        output[written++] = value;
      }
      this.#seam.forgetBefore(at);
    }
    if (at >= this.#settledFrom) {
      const stop = Math.min(end, convertedAt + converted.length);
      for (; at < stop; at++) output[written++] = converted[at - convertedAt]!;
    }
    this.#emitted = at;
    return this.#outputView(written);
  }

  /** Appends new samples to the seam, as far as it can need them before the run is settled. */
  #extendSeam(converter: Converter, mono: Int16Array, firstIndex: number): void {
    const enough = this.#runStart + 2 * converter.settleSamples + SEAM_LOOKAHEAD;
    for (let i = 0; i < mono.length; i++) {
      const position = this.#positionOf(firstIndex + i, converter);
      if (position > enough) break;
      this.#seam.append(position, mono[i]!, converter.spacing);
    }
  }

  /** Counts new samples of the run, and keeps the last of them for a change of rate. */
  #remember(mono: Int16Array): void {
    const history = this.#history;
    const fresh = Math.min(mono.length, HISTORY_SAMPLES);
    const kept = Math.min(this.#historyLength, HISTORY_SAMPLES - fresh);
    if (kept > 0) history.copyWithin(0, this.#historyLength - kept, this.#historyLength);
    history.set(mono.subarray(mono.length - fresh), kept);
    this.#historyLength = kept + fresh;
    this.#runSamples += mono.length;
    this.#ticks += mono.length * (TICKS_PER_SECOND / this.#converter!.sampleRateHz);
  }

  #outputView(length: number): Int16Array {
    if (this.#view.length !== length || this.#view.buffer !== this.#output.buffer) {
      this.#view = this.#output.subarray(0, length);
    }
    return this.#view;
  }
}

function makeConverter(sampleRateHz: number): Converter {
  const spacing = ROOM_RATE_HZ / sampleRateHz;
  if (sampleRateHz === ROOM_RATE_HZ) {
    const lead = new Int16Array(0);
    return { sampleRateHz, spacing, resampler: undefined, lead, skip: 0, settleSamples: MIN_SEAM_SAMPLES };
  }
  const resampler = new StreamingResampler(sampleRateHz, ROOM_RATE_HZ);
  const delay = resampler.delayInputSamples;
  let leadSamples = 0;
  while (((delay + leadSamples) * ROOM_RATE_HZ) % sampleRateHz !== 0) leadSamples++;
  return {
    sampleRateHz,
    spacing,
    resampler,
    lead: new Int16Array(leadSamples),
    skip: ((delay + leadSamples) * ROOM_RATE_HZ) / sampleRateHz,
    settleSamples: Math.max(MIN_SEAM_SAMPLES, Math.ceil(delay * spacing)),
  };
}
