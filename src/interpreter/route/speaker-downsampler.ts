import { type AudioFrame, InputAdapter, StreamingResampler } from '../../../audio/index.js';
import { FrameTiming } from './frame-timing.js';

const TRACK_RATE_HZ = 48_000;
const SESSION_RATE_HZ = 24_000;

/** Takes 24 kHz mono PCM16, valid during the call; `atMs` is the time of the first sample. */
export type OnDownsampled = (pcm: Int16Array, atMs: number) => void;

/**
 * How the interpreter hears one speaker: frames of any rate and channel count in, 24 kHz mono PCM16 out, on time.
 * One speaker's frames;   Needs `loadResampler()` to have resolved.
 */
export class SpeakerDownsampler {
  readonly #adapter = new InputAdapter();
  readonly #resampler = new StreamingResampler(TRACK_RATE_HZ, SESSION_RATE_HZ);
  readonly #onHeard: OnDownsampled;
  readonly #timing = new FrameTiming();
  #nextOutMs = 0;

  constructor(onHeard: OnDownsampled) {
    this.#onHeard = onHeard;
  }

  /** Takes one frame whose first sample belongs to `atMs`. Throws AudioError when its format is not supported. */
  push(frame: AudioFrame, atMs: number): void {
    if (this.#timing.isAfterHole(atMs)) this.flush();
    const pcm = this.#resampler.process(this.#adapter.process(frame));
    const durationMs = (frame.samples.length / frame.channelCount / frame.sampleRateHz) * 1000;
    const movedMs = this.#timing.take(atMs, durationMs);
    if (movedMs === undefined) this.#nextOutMs = atMs - this.#resampler.delayMs;
    else this.#nextOutMs += movedMs;
    this.#hear(pcm);
  }

  /** The frames stop here: what the filters still hold comes out. */
  flush(): void {
    if (!this.#timing.running) return;
    this.#hear(this.#resampler.process(this.#adapter.flush()));
    this.#hear(this.#resampler.flush());
    this.#timing.end();
  }

  /** Frees the filters. */
  close(): void {
    this.#adapter.close();
    this.#resampler.close();
  }

  #hear(pcm: Int16Array): void {
    if (pcm.length === 0) return;
    this.#onHeard(pcm, this.#nextOutMs);
    this.#nextOutMs += (pcm.length * 1000) / SESSION_RATE_HZ;
  }
}
