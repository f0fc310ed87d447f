import { base64OfPcm16 } from '../../../../audio/pcm.js';
import { REALTIME_SAMPLES_PER_MS } from '../../../../audio/rates.js';
import { concatAudio, samplesOf } from '../input/audio-format.js';
import type { JsonObject } from '../config/checks.js';
import { InputBuffer } from '../input/input-buffer.js';
import { textPieces } from '../responses/reply-plan.js';
import type { Responder } from '../responses/responder.js';
import { DEFAULT_SERVER_VAD } from '../config/session-config.js';
import { TurnDetector } from '../input/turn-detector.js';
import { FRAME_SAMPLES } from '../input/voice-activity.js';

/** The engine's frame (RealtimeTranslationClientEvent, openai@7.55.0). */
export const STEP_MS = 200;
const STEP_SAMPLES = samplesOf(STEP_MS);
/** A pause this long ends what is translated in one piece; in long speech a dip does, and the longest is cut where it is. */
const PHRASE = { ...DEFAULT_SERVER_VAD, silence_duration_ms: 300 };
const LONG_SPEECH = { ...DEFAULT_SERVER_VAD, silence_duration_ms: 150 };
const LONG_SAMPLES = samplesOf(5_000);
const LONGEST_SAMPLES = samplesOf(10_000);
/** Translated with a phrase of what is around it, as with server VAD: soft beginnings are noticed late. */
const PADDING_SAMPLES = samplesOf(DEFAULT_SERVER_VAD.prefix_padding_ms);
/** Kept of what nobody has spoken in: speech is noticed late. */
const LOOK_BACK_SAMPLES = samplesOf(1_000);
/** Words of a text sent per step: the transcript is ahead of the voice. */
const PIECES_PER_STEP = 4;

const LANGUAGE_NAMES = new Intl.DisplayNames('en', { type: 'language' });

/** An event of the engine, without its id. */
type EngineEvent = { type: string; fields: JsonObject };

/** What the stand-in is made of. */
type SimultaneousOptions = {
  responder: Responder;
  /** Audio sent per step; with 400 ms, as the API was seen to, twice what time passes. */
  frameMs: number;
  language: () => string;
  transcribes: () => boolean;
  failed: (error: unknown) => void;
};

/**
 * The stand-in for a simultaneous interpreter: audio in, frame by frame, and for each frame of 200 ms what is said
 * meanwhile. It hears a phrase to its end before it speaks, as it has a {@link Responder} in place of a model, and says
 * everything in order; while there is nothing to say, it sends zeros. Its time is that of its input.
 */
export class Simultaneous {
  readonly #options: SimultaneousOptions;
  readonly #detector = new TurnDetector();
  readonly #input = new InputBuffer();
  #judgedSample = 0;
  /** Where the phrase that is being heard begins; undefined in silence. */
  #phraseFrom: number | undefined;
  /** Where what was translated last ended. */
  #translatedTo = 0;
  #steps = 0;
  readonly #voice: Int16Array[] = []; // to be said, oldest first
  readonly #output: string[] = [];
  readonly #source: string[] = [];

  constructor(options: SimultaneousOptions) {
    this.#options = options;
  }

  /** Takes 24 kHz mono PCM16; what is short of a whole step waits for more. */
  append(pcm: Int16Array): void {
    this.#input.append(pcm);
  }

  /** Works off the next step of the input; undefined when there is none. */
  step(): EngineEvent[] | undefined {
    const toSample = (this.#steps + 1) * STEP_SAMPLES;
    if (this.#input.endSample < toSample) return undefined;
    this.#judge(toSample);
    this.#input.dropBefore(Math.min(this.#phraseFrom ?? toSample, toSample - LOOK_BACK_SAMPLES));
    return this.#said();
  }

  /** No more input comes: what is being heard is translated as it is. */
  finish(): void {
    const left = this.#input.endSample % STEP_SAMPLES;
    if (left > 0) this.#input.append(new Int16Array(STEP_SAMPLES - left));
    this.#judge(this.#input.endSample);
    if (this.#phraseFrom !== undefined) this.#translate(this.#phraseFrom, this.#input.endSample);
    this.#phraseFrom = undefined;
  }

  /** After {@link Simultaneous.finish}: what is still to be said, a step at a time; undefined when nothing is. */
  drainStep(): EngineEvent[] | undefined {
    const pending = this.#voice.length + this.#output.length + this.#source.length > 0;
    return pending ? this.#said() : undefined;
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
    this.#translatedTo = toSample;
    const { responder, language, failed } = this.#options;
    try {
      const reply = responder.respondToAudio({
        pcm24k: this.#input.slice(fromSample, toSample),
        instructions: `Translate into ${LANGUAGE_NAMES.of(language()) ?? language()}.`,
      });
      this.#source.push(...spaced(reply.sourceText));
      this.#output.push(...spaced(reply.text));
      if (reply.pcm24k.length > 0) this.#voice.push(reply.pcm24k);
    } catch (error) {
      failed(error);
    }
  }

  /** The events of one step: texts, and one piece of audio, filled up with zeros. */
  #said(): EngineEvent[] {
    const elapsed_ms = ++this.#steps * STEP_MS;
    const events: EngineEvent[] = [];
    const source = this.#source.splice(0, PIECES_PER_STEP).join('');
    if (source !== '' && this.#options.transcribes()) {
      events.push({ type: 'session.input_transcript.delta', fields: { delta: source, elapsed_ms } });
    }
    const output = this.#output.splice(0, PIECES_PER_STEP).join('');
    if (output !== '') {
      events.push({ type: 'session.output_transcript.delta', fields: { delta: output, elapsed_ms } });
    }
    const pcm = this.#nextFrame();
    const delta = base64OfPcm16(pcm);
    const format = { format: 'pcm16', sample_rate: REALTIME_SAMPLES_PER_MS * 1_000, channels: 1 };
    events.push({ type: 'session.output_audio.delta', fields: { delta, ...format, elapsed_ms } });
    return events;
  }

  #nextFrame(): Int16Array {
    const frame = new Int16Array(samplesOf(this.#options.frameMs));
    if (this.#voice.length === 0) return frame;
    const waiting = concatAudio(this.#voice);
    frame.set(waiting.subarray(0, frame.length));
    this.#voice.length = 0;
    if (waiting.length > frame.length) this.#voice.push(waiting.subarray(frame.length));
    return frame;
  }
}

/** The pieces of a text; a space goes before it, since clients put none between deltas. */
function spaced(text: string): string[] {
  const [first, ...others] = textPieces(text);
  return first === undefined ? [] : [` ${first}`, ...others];
}
