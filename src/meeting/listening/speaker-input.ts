import { REALTIME_RATE_HZ, ROOM_RATE_HZ, ROOM_SAMPLES_PER_MS } from '../../../audio/rates.js';
import {
  type AudioFrame,
  InputAdapter,
  meanPower,
  powerDbfs,
  SpeechDetector,
  StreamingResampler,
} from '../../../audio/index.js';
import { type AudioChunk, HOLE_MS, PRE_ROLL_MS } from '../../realtime/uplink/audio-chunk.js';
import { RecentAudio } from '../../realtime/uplink/recent-audio.js';
import { ChunkCutter } from './chunk-cutter.js';
import type { MicrophoneStage, OnCleaned } from './microphone-stage.js';
import { FrameTiming } from './frame-timing.js';
import type { SpeechSpan } from './interjections.js';

/** Below the last bit of 16. */
const SILENCE_DBFS = -100;

/** What a speaker's input tells of. */
export type SpeakerInputHandlers = {
  /** Speech began or ended; `span` is where it was. Comes before the chunk that it was noticed in. */
  speaking(speaking: boolean, span: SpeechSpan): void;
  /** Again and again, with every frame: how long the present speech has lasted, to its last voiced frame; 0 in silence. */
  heard?(speechMs: number): void;
  /** The next of what every session that hears this speaker is given. */
  chunk(chunk: AudioChunk): void;
};

/**
 * One speaker's audio, once for all sessions that hear it: any frames in; adapted to 48 kHz mono, freed of our own voice,
 * resampled to 24 kHz, judged for speech and cut into chunks. Keeps the last moments before speech was noticed, and the level.
 * Needs `loadResampler()` and `loadSpeechDetector()` to have resolved.
 */
export class SpeakerInput {
  readonly #handlers: SpeakerInputHandlers;
  readonly #adapter = new InputAdapter();
  #detector = new SpeechDetector(REALTIME_RATE_HZ);
  readonly #resampler = new StreamingResampler(ROOM_RATE_HZ, REALTIME_RATE_HZ, { taps: 80 });
  readonly #cutter: ChunkCutter;
  /** The last chunks of this stretch of audio. */
  readonly #recent = new RecentAudio(PRE_ROLL_MS);
  readonly #timing = new FrameTiming();
  readonly #microphone: MicrophoneStage | undefined;
  /** Times of the next sample that comes in, and of the next that was freed of our own voice; undefined before the first. */
  #nextInMs = 0;
  #nextCleanMs: number | undefined;
  /** Time of the next sample at 24 kHz. */
  #nextOutMs = 0;
  #speaking = false;
  /** Of the present speech, or the last one. */
  #span = { startMs: 0, endMs: 0 };
  /** Mean square of the loudest frame since it was asked for. */
  #loudest = 0;

  /** @param guard makes what keeps our own voice out; absent where it cannot come in */
  constructor(handlers: SpeakerInputHandlers, guard?: (onCleaned: OnCleaned) => MicrophoneStage) {
    this.#handlers = handlers;
    this.#cutter = new ChunkCutter((chunk) => {
      handlers.chunk(chunk);
      this.#recent.append(chunk);
    });
    this.#microphone = guard?.((samples, atMs) => {
      this.#hear(samples, atMs);
    });
  }

  /** Speech is going on, pauses that do not end it included. */
  get speaking(): boolean {
    return this.#speaking;
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
    if (this.#nextCleanMs !== undefined) this.#cut(this.#resampler.flush());
    this.#cutter.flush();
    this.#timing.end();
    this.#nextCleanMs = undefined;
    this.#recent.clear();
    this.#detector.close();
    this.#detector = new SpeechDetector(REALTIME_RATE_HZ);
    this.#setSpeaking(false);
  }

  /** Hands over what was heard just before the chunk that comes next, or is being told, oldest first. */
  preRoll(take: (chunk: AudioChunk) => void): void {
    this.#recent.replay(-Infinity, take);
  }

  /** The loudest frame's RMS level since the last call, -100 at least. */
  takeLevelDbfs(): number {
    const levelDbfs = powerDbfs(this.#loudest);
    this.#loudest = 0;
    return Math.max(SILENCE_DBFS, levelDbfs);
  }

  /** Frees filters and detector; nothing may be pushed afterwards. */
  close(): void {
    this.#adapter.close();
    this.#microphone?.close();
    this.#detector.close();
    this.#resampler.close();
  }

  #guard(pcm: Int16Array): void {
    if (pcm.length === 0) return;
    if (this.#microphone === undefined) this.#hear(pcm, this.#nextInMs);
    else this.#microphone.push(pcm, this.#nextInMs);
    this.#nextInMs += pcm.length / ROOM_SAMPLES_PER_MS;
  }

  /** 48 kHz mono without our own voice. */
  #hear(pcm: Int16Array, atMs: number): void {
    this.#loudest = Math.max(this.#loudest, meanPower(pcm));
    const pcm24k = this.#resampler.process(pcm);
    const speaking = this.#detector.push(pcm24k);
    if (speaking) this.#follow(atMs + pcm.length / ROOM_SAMPLES_PER_MS);
    this.#setSpeaking(speaking);
    this.#handlers.heard?.(this.#detector.speechMs);
    const expectedMs = this.#nextCleanMs;
    if (expectedMs === undefined) this.#nextOutMs = atMs - this.#resampler.delayMs;
    else if (Math.abs(atMs - expectedMs) > HOLE_MS) this.#nextOutMs += atMs - expectedMs;
    this.#nextCleanMs = atMs + pcm.length / ROOM_SAMPLES_PER_MS;
    this.#cut(pcm24k);
  }

  #cut(pcm: Int16Array): void {
    const { pauseMs } = this.#detector;
    this.#cutter.push(pcm, this.#nextOutMs, this.#speaking && pauseMs === 0, pauseMs);
    this.#nextOutMs += (pcm.length * 1000) / REALTIME_RATE_HZ;
  }

  /** Speech goes on: until now, at `nowMs` of what was heard. */
  #follow(nowMs: number): void {
    const { speechMs, silentMs, hangoverMs } = this.#detector;
    if (!this.#speaking) this.#span.startMs = nowMs - speechMs - silentMs;
    this.#span.endMs = Math.max(this.#span.startMs, nowMs - silentMs - hangoverMs);
  }

  #setSpeaking(speaking: boolean): void {
    if (speaking === this.#speaking) return;
    this.#speaking = speaking;
    this.#handlers.speaking(speaking, this.#span);
  }
}
