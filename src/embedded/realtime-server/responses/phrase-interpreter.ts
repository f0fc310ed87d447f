import { InputBuffer } from '../input/input-buffer.js';
import { samplesOf } from '../input/audio-format.js';
import { TurnDetector } from '../input/turn-detector.js';
import { FRAME_SAMPLES } from '../input/voice-activity.js';
import { DEFAULT_SERVER_VAD } from '../config/session-config.js';
import type { Reply, Responder } from './responder.js';

/** A pause this long ends what is translated in one piece; in long speech a dip does, and the longest is cut where it is. */
const PHRASE = { ...DEFAULT_SERVER_VAD, silence_duration_ms: 300 };
const LONG_SPEECH = { ...DEFAULT_SERVER_VAD, silence_duration_ms: 150 };
const LONG_SAMPLES = samplesOf(5_000);
const LONGEST_SAMPLES = samplesOf(10_000);
/** Translated with a phrase of what is around it, as with server VAD: soft beginnings are noticed late. */
const PADDING_SAMPLES = samplesOf(DEFAULT_SERVER_VAD.prefix_padding_ms);
/** Kept of what nobody has spoken in: speech is noticed late. */
const LOOK_BACK_SAMPLES = samplesOf(1_000);

/** What is said to one phrase, whose sound lay between these samples of the input. */
export type PhraseReply = { readonly reply: Reply; readonly fromSample: number; readonly toSample: number };

/** Quieter than the loudest moment by this much is none of the sound of a phrase. */
const SOUND_RATIO = 10 ** (-40 / 20);
const QUIETEST_SOUND = 33;

/** What hears phrases. */
type PhraseInterpreterOptions = {
  responder: Responder;
  instructions: () => string;
  replied: (said: PhraseReply) => void;
  failed: (error: unknown) => void;
};

/**
 * What takes the place of a model that interprets without end: it hears a phrase to its end, as it has a {@link Responder}, and
 * then says it. Its time is that of its input.
 */
export class PhraseInterpreter {
  readonly #options: PhraseInterpreterOptions;
  readonly #detector = new TurnDetector();
  readonly #input = new InputBuffer();
  #judgedSample = 0;
  /** Where the phrase that is being heard begins; undefined in silence. */
  #phraseFrom: number | undefined;
  /** Where what was translated last ended. */
  #translatedTo = 0;

  constructor(options: PhraseInterpreterOptions) {
    this.#options = options;
  }

  /** Samples taken so far. */
  get endSample(): number {
    return this.#input.endSample;
  }

  /** Takes 24 kHz mono PCM16; it is heard with {@link PhraseInterpreter.hear}. */
  append(pcm: Int16Array): void {
    this.#input.append(pcm);
  }

  /** Hears the input up to there. */
  hear(toSample: number): void {
    this.#judge(toSample);
    this.#input.dropBefore(Math.min(this.#phraseFrom ?? toSample, toSample - LOOK_BACK_SAMPLES));
  }

  /** No more input comes: what is being heard is translated as it is. */
  finish(): void {
    this.#judge(this.#input.endSample);
    if (this.#phraseFrom !== undefined) this.#translate(this.#phraseFrom, this.#input.endSample);
    this.#phraseFrom = undefined;
  }

  #judge(toSample: number): void {
    for (; this.#judgedSample + FRAME_SAMPLES <= toSample; this.#judgedSample += FRAME_SAMPLES) {
      const frame = this.#input.view(this.#judgedSample, this.#judgedSample + FRAME_SAMPLES);
      const lastedSamples = this.#judgedSample - (this.#phraseFrom ?? this.#judgedSample);
      const boundary = this.#detector.push(frame, lastedSamples >= LONG_SAMPLES ? LONG_SPEECH : PHRASE);
      if (boundary?.kind === 'started') {
        this.#phraseFrom = Math.max(
          this.#translatedTo,
          boundary.onsetSample - PADDING_SAMPLES,
          this.#input.startSample,
        );
      } else if (boundary?.kind === 'stopped' && this.#phraseFrom !== undefined) {
        this.#translate(this.#phraseFrom, Math.min(boundary.endSample + PADDING_SAMPLES, this.#judgedSample));
        this.#phraseFrom = undefined;
      } else if (this.#phraseFrom !== undefined && lastedSamples >= LONGEST_SAMPLES) {
        this.#translate(this.#phraseFrom, this.#judgedSample);
        this.#phraseFrom = this.#judgedSample;
      }
    }
  }

  #translate(fromSample: number, toSample: number): void {
    const { responder, instructions, replied, failed } = this.#options;
    this.#translatedTo = toSample;
    try {
      const pcm24k = this.#input.slice(fromSample, toSample);
      const sound = soundBounds(pcm24k);
      const reply = responder.respondToAudio({ pcm24k, instructions: instructions() });
      replied({ reply, fromSample: fromSample + sound.from, toSample: fromSample + sound.to });
    } catch (error) {
      failed(error);
    }
  }
}

/** The pieces of a text; a space goes before it, since clients put none between deltas. */
export function spaced([first, ...others]: readonly string[]): string[] {
  return first === undefined ? [] : [` ${first}`, ...others];
}

/** Between which samples there is something to hear; all of them where there is nothing. */
export function soundBounds(pcm: Int16Array): { from: number; to: number } {
  const loudest = pcm.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
  const heard = (sample: number): boolean =>
    Math.abs(sample) > Math.max(QUIETEST_SOUND, loudest * SOUND_RATIO);
  const from = pcm.findIndex(heard);
  return from < 0 ? { from: 0, to: pcm.length } : { from, to: pcm.findLastIndex(heard) + 1 };
}
