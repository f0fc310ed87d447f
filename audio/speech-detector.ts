import loadFvad, { type FvadModule } from '@echogarden/fvad-wasm';
import { AudioError } from './errors.js';
import { StreamingResampler } from './resampler.js';

/** Rates that a detector takes. */
const RATES_HZ = [16_000, 24_000, 48_000] as const;
/** libfvad does not take 24 kHz. It looks at nothing above 4 kHz, and its own way down from 48 kHz costs ten times its judgement. */
const LIBFVAD_RATE_HZ = { 16_000: 16_000, 24_000: 8_000, 48_000: 48_000 };
const FRAME_MS = 10;
/** How long libfvad goes on calling audio voiced after speech ended, by its aggressiveness. */
const LIBFVAD_HANGOVER_MS = [140, 140, 90, 90] as const;

/** How a detector decides. */
export type SpeechDetectorOptions = {
  /** libfvad's mode: 0 finds the most speech, 3 is the most careful to call something speech. 2 by default. */
  aggressiveness?: 0 | 1 | 2 | 3;
  /** Voiced audio in a row that makes a start, a multiple of 10. 30 by default. */
  onsetMs?: number;
  /** Unvoiced audio in a row that makes an end, a multiple of 10. 200 by default. */
  hangoverMs?: number;
};

/** Speech began or ended. `atMs` counts from the stream's start: the first voiced sample, or the one after the last. */
export type SpeechChange = { kind: 'started' | 'stopped'; atMs: number };

let wasm: FvadModule | undefined;
let framePointer = 0;
let loading: Promise<void> | undefined;

/** Loads the detector's wasm module, once per process. Await it before the first `new SpeechDetector`. */
export function loadSpeechDetector(): Promise<void> {
  loading ??= loadFvad().then((loaded) => {
    framePointer = loaded._malloc((48_000 / 1000) * FRAME_MS * 2);
    if (framePointer === 0) throw new Error('the speech detector ran out of wasm memory');
    wasm = loaded;
  });
  return loading;
}

/**
 * Tells speech from silence and steady noise in a mono int16 stream: the WebRTC voice activity detector (libfvad, in 10 ms
 * frames) with a hysteresis of our own. It needs no model weights. Times are backdated: a start is reported once
 * `onsetMs` of voice were heard, with the time at which they began. libfvad goes on calling audio voiced for 90 ms after
 * speech ended (140 ms at aggressiveness 0 and 1), so the times of ends are late by that much. It costs least at 24 kHz.
 */
export class SpeechDetector {
  readonly sampleRateHz: (typeof RATES_HZ)[number];
  /** Makes what libfvad takes of 24 kHz. */
  readonly #down: StreamingResampler | undefined;
  readonly #wasm: FvadModule;
  readonly #frameSamples: number;
  readonly #onsetFrames: number;
  readonly #hangoverFrames: number;
  #detector: number;
  /** Samples of the frame being filled, written straight to the detector's heap when it is whole. */
  readonly #frame: Int16Array;
  #held = 0;
  #frames = 0;
  #speaking = false;
  /** Frames in a row that contradict the present state. */
  #against = 0;
  /** Unvoiced frames in a row. */
  #unvoiced = 0;
  readonly #libfvadHangoverMs: number;
  /** The first voiced frame of the present speech. */
  #startFrame = 0;

  /**
   * @param sampleRateHz 16000, 24000 or 48000
   * @throws AudioError `bad_rate`, `bad_argument`, or `not_loaded` before `loadSpeechDetector()`, and at 24 kHz before
   *   `loadResampler()`
   */
  constructor(sampleRateHz: (typeof RATES_HZ)[number], options: SpeechDetectorOptions = {}) {
    const { aggressiveness = 2, onsetMs = 30, hangoverMs = 200 } = options;
    if (!RATES_HZ.includes(sampleRateHz)) {
      throw new AudioError(
        'bad_rate',
        `speech is detected at 16000, 24000 or 48000 Hz, not ${String(sampleRateHz)}: resample`,
      );
    }
    if (![0, 1, 2, 3].includes(aggressiveness)) {
      throw new AudioError('bad_argument', `aggressiveness must be 0 to 3, got ${String(aggressiveness)}`);
    }
    this.sampleRateHz = sampleRateHz;
    this.#libfvadHangoverMs = LIBFVAD_HANGOVER_MS[aggressiveness];
    this.#onsetFrames = countFrames('onsetMs', onsetMs);
    this.#hangoverFrames = countFrames('hangoverMs', hangoverMs);
    if (wasm === undefined) {
      throw new AudioError('not_loaded', 'await loadSpeechDetector() before making a detector');
    }
    this.#wasm = wasm;
    const rateHz = LIBFVAD_RATE_HZ[sampleRateHz];
    if (rateHz < 16_000) this.#down = new StreamingResampler(sampleRateHz, rateHz, { taps: 32 });
    this.#frameSamples = (rateHz / 1000) * FRAME_MS;
    this.#frame = new Int16Array(this.#frameSamples);
    this.#detector = wasm._fvad_new();
    if (this.#detector === 0) throw new Error('the speech detector ran out of wasm memory');
    wasm._fvad_set_sample_rate(this.#detector, rateHz);
    wasm._fvad_set_mode(this.#detector, aggressiveness);
  }

  /** Speech is going on, as of the last whole 10 ms. */
  get speaking(): boolean {
    return this.#speaking;
  }

  /** From the first voiced sample of the present speech to its last so far, in milliseconds; 0 in silence. */
  get speechMs(): number {
    return this.#speaking ? (this.#frames - this.#against - this.#startFrame) * FRAME_MS : 0;
  }

  /** Audio since the last voiced sample, in milliseconds, 0 in voice. */
  get silentMs(): number {
    return this.#unvoiced * FRAME_MS;
  }

  /** For how long audio is still taken for voice after it ended, in milliseconds. */
  get hangoverMs(): number {
    return this.#libfvadHangoverMs;
  }

  /** How long there has been no voice, in milliseconds, shorter pauses than those that end speech included; 0 in voice. */
  get pauseMs(): number {
    return this.#unvoiced === 0 ? 0 : this.#unvoiced * FRAME_MS + this.#libfvadHangoverMs;
  }

  /**
   * Takes a chunk of any length.
   *
   * @param samples mono int16 at the detector's rate
   * @param onChange called for each start and end that the chunk brought out, in order
   * @returns whether speech is going on at the end of it
   * @throws AudioError `closed`
   */
  push(samples: Int16Array, onChange?: (change: SpeechChange) => void): boolean {
    if (this.#detector === 0) throw new AudioError('closed', 'this speech detector is closed');
    const pcm = this.#down?.process(samples) ?? samples;
    if (this.#held === 0 && pcm.length === this.#frameSamples) {
      this.#judge(pcm, onChange); // frames of a meeting: nothing is copied twice
      return this.#speaking;
    }
    const frame = this.#frame;
    for (let read = 0; read < pcm.length;) {
      const end = Math.min(pcm.length, read + this.#frameSamples - this.#held);
      while (read < end) frame[this.#held++] = pcm[read++]!;
      if (this.#held < this.#frameSamples) break;
      this.#held = 0;
      this.#judge(frame, onChange);
    }
    return this.#speaking;
  }

  /** Frees the detector's state. Pushing afterwards throws; closing again does nothing. */
  close(): void {
    if (this.#detector !== 0) this.#wasm._fvad_free(this.#detector);
    this.#detector = 0;
    this.#down?.close();
  }

  #judge(frame: Int16Array, onChange: ((change: SpeechChange) => void) | undefined): void {
    this.#wasm.HEAP16.set(frame, framePointer >> 1);
    const voiced = this.#wasm._fvad_process(this.#detector, framePointer, this.#frameSamples) === 1;
    this.#frames++;
    this.#unvoiced = voiced ? 0 : this.#unvoiced + 1;
    if (voiced === this.#speaking) {
      this.#against = 0;
      return;
    }
    this.#against++;
    if (this.#against < (this.#speaking ? this.#hangoverFrames : this.#onsetFrames)) return;
    if (voiced) this.#startFrame = this.#frames - this.#against;
    const atMs = (this.#frames - this.#against) * FRAME_MS;
    this.#speaking = voiced;
    this.#against = 0;
    onChange?.({ kind: voiced ? 'started' : 'stopped', atMs });
  }
}

function countFrames(name: string, durationMs: number): number {
  if (!(durationMs >= FRAME_MS) || durationMs % FRAME_MS !== 0) {
    throw new AudioError('bad_argument', `${name} must be a multiple of ${FRAME_MS}, got ${durationMs}`);
  }
  return durationMs / FRAME_MS;
}
