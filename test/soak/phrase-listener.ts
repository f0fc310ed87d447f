import { StreamingResampler } from '../../audio/index.js';
import type { Recogniser } from '../../src/embedded/phrasebook/recogniser.js';

/** A sample below this is silence (-72 dBFS). */
const SILENT = 8;
/** So many silent frames of 10 ms end a stretch of speech: 300 ms are between two speakers' words. */
const PAUSE_FRAMES = 25;
/** Longer speech is heard in pieces, so that a voice that never pauses is not kept in memory. */
const MAX_FRAMES = 6_000;
/** Silence on either side, as a listener with a turn detector would hear it. */
const PADDING_SAMPLES = 48 * 300;

/** A phrase that was heard, or with `phraseId: undefined` sound in which none was understood. Times are the clock's. */
export type HeardPhrase = {
  phraseId: string | undefined;
  language: string;
  fromMs: number;
  toMs: number;
};

/**
 * What a listener understands of one voice of the interpreter: its sound, cut at its pauses, and the phrases in it.
 * Needs `loadResampler()` to have resolved.
 */
export class PhraseListener {
  readonly #recogniser: Recogniser;
  readonly #onHeard: (heard: HeardPhrase) => void;
  readonly #downsampler = new StreamingResampler(48_000, 24_000);
  #frames: Int16Array[] = []; // of the present stretch, silence at its end included
  #fromMs = 0;
  #soundingFrames = 0;
  #ends = false;

  constructor(recogniser: Recogniser, onHeard: (heard: HeardPhrase) => void) {
    this.#recogniser = recogniser;
    this.#onHeard = onHeard;
  }

  /** A translation ends with the frame that comes next: another one may follow it without a pause. */
  translationEnds(): void {
    this.#ends = true;
  }

  /** The next 10 ms at 48 kHz, heard from `atMs` on. */
  hear(samples: Int16Array, atMs: number): void {
    const sounds = samples.some((sample) => sample > SILENT || sample < -SILENT);
    if (sounds || this.#frames.length > 0) {
      if (this.#frames.length === 0) this.#fromMs = atMs;
      this.#frames.push(samples.slice());
      if (sounds) this.#soundingFrames = this.#frames.length;
    }
    const paused = this.#frames.length - this.#soundingFrames >= PAUSE_FRAMES;
    if (paused || this.#ends || this.#frames.length >= MAX_FRAMES) this.#understand();
    this.#ends = false;
  }

  close(): void {
    this.#understand();
    this.#downsampler.close();
  }

  #understand(): void {
    const count = this.#soundingFrames;
    const frames = this.#frames.slice(0, count);
    this.#frames = [];
    this.#soundingFrames = 0;
    if (count === 0) return;
    const pcm = new Int16Array(2 * PADDING_SAMPLES + count * 480);
    frames.forEach((frame, index) => {
      pcm.set(frame, PADDING_SAMPLES + index * 480);
    });
    this.#downsampler.reset();
    const times = { fromMs: this.#fromMs, toMs: this.#fromMs + count * 10 };
    const heard = this.#recogniser.recognise(this.#downsampler.process(pcm)) ?? [];
    for (const { phraseId, language } of heard) this.#onHeard({ phraseId, language, ...times });
    if (heard.length === 0) this.#onHeard({ phraseId: undefined, language: '', ...times });
  }
}
