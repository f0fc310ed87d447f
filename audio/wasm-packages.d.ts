/* Types of the two wasm packages, which ship none. Only what Parley calls; pointers are byte offsets into the heap. */

declare module '@echogarden/speex-resampler-wasm/simd' {
  /** C API of speexdsp's resampler (speex_resampler.h). `HEAP*` are replaced when the wasm memory grows. */
  export type SpeexResamplerModule = {
    readonly HEAP16: Int16Array;
    readonly HEAPU32: Uint32Array;
    _malloc(byteCount: number): number;
    _free(pointer: number): void;
    _speex_resampler_init(
      channelCount: number,
      inputRateHz: number,
      outputRateHz: number,
      quality: number,
      errorPointer: number,
    ): number;
    _speex_resampler_destroy(state: number): void;
    _speex_resampler_reset_mem(state: number): number;
    _speex_resampler_get_input_latency(state: number): number;
    _speex_resampler_process_int(
      state: number,
      channelIndex: number,
      input: number,
      inputLengthPointer: number,
      output: number,
      outputLengthPointer: number,
    ): number;
  };
  const load: () => Promise<SpeexResamplerModule>;
  // eslint-disable-next-line import-x/no-default-export -- the package has nothing else
  export default load;
}

declare module '@echogarden/fvad-wasm' {
  /** C API of libfvad (fvad.h). `HEAP16` is replaced when the wasm memory grows. */
  export type FvadModule = {
    readonly HEAP16: Int16Array;
    _malloc(byteCount: number): number;
    _free(pointer: number): void;
    _fvad_new(): number;
    _fvad_free(detector: number): void;
    _fvad_reset(detector: number): void;
    _fvad_set_mode(detector: number, mode: number): number;
    _fvad_set_sample_rate(detector: number, sampleRateHz: number): number;
    _fvad_process(detector: number, frame: number, frameSamples: number): number;
  };
  const load: () => Promise<FvadModule>;
  // eslint-disable-next-line import-x/no-default-export -- the package has nothing else
  export default load;
}
