import { SpeechDetector, StreamingResampler } from '../../../audio/index.js';
import { SampleTimeline } from '../uplink/timeline.js';

const INPUT_RATE_HZ = 24_000;
const DETECTOR_RATE_HZ = 16_000;
/** Silence that ends a stretch of speech, as with the conversation engine. */
const PAUSE_MS = 500;
/** libfvad goes on calling audio voiced for so long. */
const VOICED_LATE_MS = 90;

/** Speech began or ended at `atMs` of the meeting. */
export type SpeechBound = { kind: 'started' | 'stopped'; atMs: number };

/**
 * Where one speaker's speech begins and ends, by our own ear: for engines whose servers do not tell.
 * Needs `loadResampler()` and `loadSpeechDetector()` to have resolved.
 */
export class VadSegmenter {
  readonly #resampler = new StreamingResampler(INPUT_RATE_HZ, DETECTOR_RATE_HZ);
  readonly #detector = new SpeechDetector(DETECTOR_RATE_HZ, { hangoverMs: PAUSE_MS });
  readonly #timeline = new SampleTimeline(INPUT_RATE_HZ);
  #closed = false;

  /** Speech is going on, short pauses included. */
  get speaking(): boolean {
    return !this.#closed && this.#detector.speaking;
  }

  /** How long there has been no voice, in milliseconds. */
  get pauseMs(): number {
    return this.#detector.pauseMs;
  }

  /** Takes 24 kHz mono PCM16 whose first sample belongs to `atMs`. */
  push(pcm: Int16Array, atMs: number, onBound: (bound: SpeechBound) => void): void {
    if (this.#closed) return;
    this.#timeline.append(pcm.length, atMs);
    const lateMs = this.#resampler.delayMs;
    this.#detector.push(this.#resampler.process(pcm), ({ kind, atMs: streamMs }) => {
      const bufferMs = streamMs - lateMs - (kind === 'stopped' ? VOICED_LATE_MS : 0);
      onBound({ kind, atMs: this.#timeline.toMeetingMs(bufferMs) });
    });
  }

  /** Frees the detector and the filter; nothing is heard any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#detector.close();
    this.#resampler.close();
  }
}
