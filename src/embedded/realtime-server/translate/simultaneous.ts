import { base64OfPcm16 } from '../../../../audio/pcm.js';
import { REALTIME_SAMPLES_PER_MS } from '../../../../audio/rates.js';
import { concatAudio, samplesOf } from '../input/audio-format.js';
import type { JsonObject } from '../config/checks.js';
import { textPieces } from '../responses/reply-plan.js';
import { PhraseInterpreter, spaced } from '../responses/phrase-interpreter.js';
import type { Responder } from '../responses/responder.js';

/** The engine's frame (RealtimeTranslationClientEvent, openai@7.55.0). */
export const STEP_MS = 200;
const STEP_SAMPLES = samplesOf(STEP_MS);
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
  readonly #interpreter: PhraseInterpreter;
  #steps = 0;
  readonly #voice: Int16Array[] = []; // to be said, oldest first
  readonly #output: string[] = [];
  readonly #source: string[] = [];

  constructor(options: SimultaneousOptions) {
    this.#options = options;
    const { responder, language, failed } = options;
    this.#interpreter = new PhraseInterpreter({
      responder,
      instructions: () => `Translate into ${LANGUAGE_NAMES.of(language()) ?? language()}.`,
      replied: ({ reply }) => {
        this.#source.push(...spaced(textPieces(reply.sourceText)));
        this.#output.push(...spaced(textPieces(reply.text)));
        if (reply.pcm24k.length > 0) this.#voice.push(reply.pcm24k);
      },
      failed,
    });
  }

  /** Takes 24 kHz mono PCM16; what is short of a whole step waits for more. */
  append(pcm: Int16Array): void {
    this.#interpreter.append(pcm);
  }

  /** Works off the next step of the input; undefined when there is none. */
  step(): EngineEvent[] | undefined {
    const toSample = (this.#steps + 1) * STEP_SAMPLES;
    if (this.#interpreter.endSample < toSample) return undefined;
    this.#interpreter.hear(toSample);
    return this.#said();
  }

  /** No more input comes: what is being heard is translated as it is. */
  finish(): void {
    const left = this.#interpreter.endSample % STEP_SAMPLES;
    if (left > 0) this.#interpreter.append(new Int16Array(STEP_SAMPLES - left));
    this.#interpreter.finish();
  }

  /** After {@link Simultaneous.finish}: what is still to be said, a step at a time; undefined when nothing is. */
  drainStep(): EngineEvent[] | undefined {
    const pending = this.#voice.length + this.#output.length + this.#source.length > 0;
    return pending ? this.#said() : undefined;
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
