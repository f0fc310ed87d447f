import {
  ADAPTED_RATE_HZ,
  type AudioFrame,
  InputAdapter,
  measureLevel,
  SpeechDetector,
} from '../../../audio/index.js';
import { FrameTiming } from '../../interpreter/route/frame-timing.js';
import type { GuardedMicrophone, OnCleaned } from './echo-guard.js';

const SAMPLES_PER_MS = ADAPTED_RATE_HZ / 1000;
/**
 * Audio kept from before speech was noticed. A start is noticed after 30 ms of voice; soft beginnings and breath before
 * them can be several times as long.
 */
export const PRE_ROLL_MS = 600;
/** Below the last bit of 16. */
const SILENCE_DBFS = -100;

/** Whom a speaker tells. Samples are valid during the call. */
export type SpeakerInputHandlers = {
  /** Speech began or ended, by our own ear. Comes before the `audio` that it was noticed in. */
  speaking(speaking: boolean): void;
  /** 48 kHz mono; `atMs` is the time of the first sample. */
  audio(frame: AudioFrame, atMs: number): void;
};

/**
 * One participant's audio as the meeting hears it: any frames in, 48 kHz mono without our own voice out, with our own ear
 * for speech, the level, and the last moments before speech was noticed.
 * Needs `loadResampler()` and `loadSpeechDetector()` to have resolved.
 */
export class SpeakerInput {
  readonly #handlers: SpeakerInputHandlers;
  readonly #adapter = new InputAdapter();
  #detector = new SpeechDetector(ADAPTED_RATE_HZ);
  readonly #frame: AudioFrame = {
    samples: new Int16Array(0),
    sampleRateHz: ADAPTED_RATE_HZ,
    channelCount: 1,
  };
  /** The last {@link PRE_ROLL_MS} of this stretch of audio, as a ring. */
  readonly #ring = new Int16Array(PRE_ROLL_MS * SAMPLES_PER_MS);
  #ringLength = 0;
  #ringNext = 0;
  readonly #timing = new FrameTiming();
  readonly #microphone: GuardedMicrophone | undefined;
  /** Times of the next sample that comes in, and of the next that is handed out. */
  #nextInMs = 0;
  #nextOutMs = 0;
  #speaking = false;
  #levelDbfs = SILENCE_DBFS;

  /** @param guard makes what keeps our own voice out; absent where it cannot come in */
  constructor(handlers: SpeakerInputHandlers, guard?: (onCleaned: OnCleaned) => GuardedMicrophone) {
    this.#handlers = handlers;
    this.#microphone = guard?.((samples, atMs) => {
      this.#hear(samples, atMs);
    });
  }

  get speaking(): boolean {
    return this.#speaking;
  }

  /** How long the present speech has lasted, to its last voiced frame; 0 in silence. */
  get speechMs(): number {
    return this.#detector.speechMs;
  }

  /** How long there has been no voice, shorter pauses than those that end speech included; 0 in voice. */
  get pauseMs(): number {
    return this.#detector.pauseMs;
  }

  /** Takes one frame whose first sample belongs to `atMs`. Throws AudioError when its format is not supported. */
  push(frame: AudioFrame, atMs: number): void {
    if (this.#timing.isAfterHole(atMs)) this.stop();
    const pcm = this.#adapter.process(frame);
    const durationMs = (frame.samples.length / frame.channelCount / frame.sampleRateHz) * 1000;
    const movedMs = this.#timing.take(atMs, durationMs);
    if (movedMs === undefined) {
      this.#nextInMs = atMs;
    } else if (movedMs !== 0) {
      this.#microphone?.flush();
      this.#nextInMs += movedMs;
    }
    this.#guard(pcm);
  }

  /** The frames stop here: what is held back comes out, and speech that went on has ended. */
  stop(): void {
    if (!this.#timing.running) return;
    this.#guard(this.#adapter.flush());
    this.#microphone?.flush();
    this.#timing.end();
    this.#ringLength = 0;
    this.#detector.close();
    this.#detector = new SpeechDetector(ADAPTED_RATE_HZ);
    this.#setSpeaking(false);
  }

  /** A copy of the audio just before what is handed out next, and the time of its first sample. */
  preRoll(): { frame: AudioFrame; atMs: number } {
    const samples = new Int16Array(this.#ringLength);
    const start = (this.#ringNext - this.#ringLength + this.#ring.length) % this.#ring.length;
    const head = this.#ring.subarray(start, Math.min(this.#ring.length, start + this.#ringLength));
    samples.set(head);
    samples.set(this.#ring.subarray(0, this.#ringLength - head.length), head.length);
    return {
      frame: { samples, sampleRateHz: ADAPTED_RATE_HZ, channelCount: 1 },
      atMs: this.#nextOutMs - this.#ringLength / SAMPLES_PER_MS,
    };
  }

  /** The loudest frame's RMS level since the last call, -100 at least. */
  takeLevelDbfs(): number {
    const level = this.#levelDbfs;
    this.#levelDbfs = SILENCE_DBFS;
    return level;
  }

  /** Frees filters and detector; nothing may be pushed afterwards. */
  close(): void {
    this.#adapter.close();
    this.#microphone?.close();
    this.#detector.close();
  }

  #guard(pcm: Int16Array): void {
    if (pcm.length === 0) return;
    if (this.#microphone === undefined) this.#hear(pcm, this.#nextInMs);
    else this.#microphone.push(pcm, this.#nextInMs);
    this.#nextInMs += pcm.length / SAMPLES_PER_MS;
  }

  #hear(pcm: Int16Array, atMs: number): void {
    this.#nextOutMs = atMs;
    this.#levelDbfs = Math.max(this.#levelDbfs, measureLevel(pcm).rmsDbfs);
    this.#setSpeaking(this.#detector.push(pcm));
    this.#frame.samples = pcm;
    this.#handlers.audio(this.#frame, atMs);
    this.#remember(pcm);
    this.#nextOutMs += pcm.length / SAMPLES_PER_MS;
  }

  #remember(pcm: Int16Array): void {
    const ring = this.#ring;
    const kept = pcm.length > ring.length ? pcm.subarray(pcm.length - ring.length) : pcm;
    const head = Math.min(kept.length, ring.length - this.#ringNext);
    ring.set(kept.subarray(0, head), this.#ringNext);
    ring.set(kept.subarray(head), 0);
    this.#ringNext = (this.#ringNext + kept.length) % ring.length;
    this.#ringLength = Math.min(ring.length, this.#ringLength + kept.length);
  }

  #setSpeaking(speaking: boolean): void {
    if (speaking === this.#speaking) return;
    this.#speaking = speaking;
    this.#handlers.speaking(speaking);
  }
}
