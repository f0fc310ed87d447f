import loadSpeex, { type SpeexResamplerModule } from '@echogarden/speex-resampler-wasm/simd';
import { AudioError } from './errors.js';

/** Sample rates, in Hz, that `audio/` converts between. */
export const SUPPORTED_RATES_HZ: readonly number[] = [8000, 16000, 24000, 32000, 44100, 48000, 96000];

/** speexdsp's qualities by their filters' taps for each pair of samples at the lower rate. 7 is the highest in single precision SIMD. */
const QUALITIES = { 128: 7, 80: 5, 32: 2 };
/** Most samples handed to wasm at a time; longer inputs go in slices, which changes nothing in the output. */
const SLICE_SAMPLES = 4800;
/** Most samples that a slice becomes: 8 to 96 kHz, and one for a ratio that does not divide evenly. */
const SLICE_OUTPUT_SAMPLES = SLICE_SAMPLES * 12 + 1;

/** The wasm module and the buffers in its heap that all resamplers of the process take turns with. Byte offsets. */
type Native = {
  readonly wasm: SpeexResamplerModule;
  readonly input: number;
  readonly output: number;
  readonly inputLength: number;
  readonly outputLength: number;
};

let native: Native | undefined;
let loading: Promise<void> | undefined;

/** Loads the resampler's wasm module, once per process. Await it before the first `new StreamingResampler`. */
export function loadResampler(): Promise<void> {
  loading ??= loadSpeex().then((wasm) => {
    native = {
      wasm,
      input: allocate(wasm, SLICE_SAMPLES * 2),
      output: allocate(wasm, SLICE_OUTPUT_SAMPLES * 2),
      inputLength: allocate(wasm, 4),
      outputLength: allocate(wasm, 4),
    };
  });
  return loading;
}

function allocate(wasm: SpeexResamplerModule, byteCount: number): number {
  const pointer = wasm._malloc(byteCount);
  if (pointer === 0) throw new Error('the resampler ran out of wasm memory');
  return pointer;
}

/** @throws AudioError `bad_rate` for a rate outside `SUPPORTED_RATES_HZ` */
export function checkSampleRate(sampleRateHz: number): void {
  if (!SUPPORTED_RATES_HZ.includes(sampleRateHz)) {
    throw new AudioError(
      'bad_rate',
      `sample rate ${sampleRateHz} Hz is not supported: use one of ${SUPPORTED_RATES_HZ.join(', ')}`,
    );
  }
}

/**
 * Converts a mono int16 stream from one constant rate to another, in chunks of any size. The filter's state is kept
 * across calls, so the output does not depend on how the input is cut, not in one bit.
 *
 * After n samples in, ceil(n * ratio) samples are out: 480 at 48 kHz give exactly 240 at 24 kHz on every call, 441 at
 * 44.1 kHz give exactly 480 at 48 kHz. The signal in the output is late by `delayMs`; nothing is held back beyond that.
 * The filter is speexdsp's, linear phase: its delay is half of its taps in samples at the lower rate (with 128, 2.67 ms for 48
 * to 24 kHz and back, 4 ms for 48 to 16 kHz, 8 ms from 8 kHz, 1.45 ms from 44.1 kHz). Equal rates pass through unfiltered.
 *
 * The state lives outside the JavaScript heap: call `close()` when done.
 */
export class StreamingResampler {
  readonly inputRateHz: number;
  readonly outputRateHz: number;
  /** How many input samples the output is late: always a whole number. */
  readonly delayInputSamples: number;
  readonly #native: Native;
  /** How many input samples the filter remembers. */
  readonly #memorySamples: number = 0;
  /** Zeros at the end of all input so far; when the filter remembers nothing else, silence is not filtered. */
  #silentSamples = 0;
  /** speexdsp's state; 0 when the rates are equal, or after close(). */
  #state = 0;
  #closed = false;
  #output = new Int16Array(0);
  #view = this.#output;

  /**
   * @param options.taps length of the filter, which is what a conversion costs; 128 by default. On the way down 80 keep out as
   *   much from 1 kHz past the Nyquist frequency on, and 32 will do for what is measured and never heard
   * @throws AudioError `bad_rate` for rates outside `SUPPORTED_RATES_HZ`, `not_loaded` before `loadResampler()`
   */
  constructor(inputRateHz: number, outputRateHz: number, options: { taps?: keyof typeof QUALITIES } = {}) {
    checkSampleRate(inputRateHz);
    checkSampleRate(outputRateHz);
    if (native === undefined) {
      throw new AudioError('not_loaded', 'await loadResampler() before making a resampler');
    }
    this.inputRateHz = inputRateHz;
    this.outputRateHz = outputRateHz;
    this.#native = native;
    if (inputRateHz === outputRateHz) {
      this.delayInputSamples = 0;
      return;
    }
    const { wasm, inputLength } = native;
    const quality = QUALITIES[options.taps ?? 128];
    this.#state = wasm._speex_resampler_init(1, inputRateHz, outputRateHz, quality, inputLength);
    if (this.#state === 0) throw new Error('the resampler ran out of wasm memory');
    this.delayInputSamples = wasm._speex_resampler_get_input_latency(this.#state);
    this.#memorySamples = 2 * this.delayInputSamples;
    this.#silentSamples = this.#memorySamples;
  }

  /** Group delay in milliseconds: how late the signal is in the output. */
  get delayMs(): number {
    return (this.delayInputSamples * 1000) / this.inputRateHz;
  }

  /**
   * Converts a chunk.
   *
   * @param input mono int16 at `inputRateHz`, any length
   * @returns mono int16 at `outputRateHz`, in memory that the next call on this resampler overwrites: copy it to keep it
   * @throws AudioError `closed`
   */
  process(input: Int16Array): Int16Array {
    if (this.#closed) throw new AudioError('closed', 'this resampler is closed');
    const capacity = Math.ceil((input.length * this.outputRateHz) / this.inputRateHz) + 1;
    if (this.#output.length < capacity) this.#output = new Int16Array(capacity);
    if (this.#state === 0) {
      this.#output.set(input);
      return this.#outputView(input.length);
    }
    if (input.length <= SLICE_SAMPLES) return this.#outputView(this.#convert(input, 0));
    let made = 0;
    for (let start = 0; start < input.length; start += SLICE_SAMPLES) {
      made += this.#convert(input.subarray(start, start + SLICE_SAMPLES), made);
    }
    return this.#outputView(made);
  }

  /**
   * Ends the stream: returns the last `delayMs` of the signal, which the filter still holds, so that with the lead-in of
   * `delayMs` at the front ceil((n + delayInputSamples) * ratio) samples have come out for n samples in. The resampler
   * is then as new. Same memory as `process`.
   *
   * @throws AudioError `closed`
   */
  flush(): Int16Array {
    const tail = this.process(new Int16Array(this.delayInputSamples));
    this.reset();
    return tail;
  }

  /** Forgets the stream so far without returning its tail. */
  reset(): void {
    if (this.#state !== 0) this.#native.wasm._speex_resampler_reset_mem(this.#state);
    this.#silentSamples = this.#memorySamples;
  }

  /** Frees the filter's state. Further calls to `process` and `flush` throw; closing again does nothing. */
  close(): void {
    this.#closed = true;
    if (this.#state !== 0) this.#native.wasm._speex_resampler_destroy(this.#state);
    this.#state = 0;
  }

  /** Converts at most SLICE_SAMPLES samples into `#output` from `outputAt` on; returns how many came out. */
  #convert(input: Int16Array, outputAt: number): number {
    const silent = zerosAtEnd(input);
    if (silent < input.length) this.#silentSamples = silent;
    else if (this.#silentSamples < this.#memorySamples) this.#silentSamples += silent;
    else if ((input.length * this.outputRateHz) % this.inputRateHz === 0) {
      // Silence in, silence out, and both stand where they stood to each other: the state is what it was.
      const made = (input.length * this.outputRateHz) / this.inputRateHz;
      this.#output.fill(0, outputAt, outputAt + made);
      return made;
    }
    const { wasm, input: inputPointer, output: outputPointer, inputLength, outputLength } = this.#native;
    wasm.HEAP16.set(input, inputPointer >> 1);
    wasm.HEAPU32[inputLength >> 2] = input.length;
    wasm.HEAPU32[outputLength >> 2] = SLICE_OUTPUT_SAMPLES;
    wasm._speex_resampler_process_int(this.#state, 0, inputPointer, inputLength, outputPointer, outputLength);
    // Views are read anew each time: the wasm memory may have grown, which detaches the old ones.
    const heap = wasm.HEAP16;
    const made = wasm.HEAPU32[outputLength >> 2]!;
    const output = this.#output;
    for (let i = 0, from = outputPointer >> 1; i < made; i++) output[outputAt + i] = heap[from + i]!;
    return made;
  }

  /** The first `length` samples of `#output`; the view is kept, since nearly every call has the length of the last. */
  #outputView(length: number): Int16Array {
    if (this.#view.length !== length || this.#view.buffer !== this.#output.buffer) {
      this.#view = this.#output.subarray(0, length);
    }
    return this.#view;
  }
}

function zerosAtEnd(samples: Int16Array): number {
  let first = samples.length;
  while (first > 0 && samples[first - 1] === 0) first--;
  return samples.length - first;
}
