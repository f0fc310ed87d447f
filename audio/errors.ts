/** What was wrong with a call into `audio/`. */
export type AudioErrorCode =
  | 'bad_rate' // a sample rate, or a pair of rates, that is not supported
  | 'bad_channels' // a channel count outside 1..8, or samples that do not divide by it
  | 'bad_argument' // any other value out of its range
  | 'not_loaded' // a wasm module is used before its load function has resolved
  | 'closed'; // used after close()

/** Every error that `audio/` throws on purpose (reading WAV files has its own). `message` is one line that says what to do. */
export class AudioError extends Error {
  readonly code: AudioErrorCode;

  constructor(code: AudioErrorCode, message: string) {
    super(message);
    this.name = 'AudioError';
    this.code = code;
  }
}
