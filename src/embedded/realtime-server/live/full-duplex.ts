import { samplesOf } from '../input/audio-format.js';
import type { LiveSentEvent } from './sent-events.js';
import { textPieces } from '../responses/reply-plan.js';
import { PhraseInterpreter, soundBounds, spaced } from '../responses/phrase-interpreter.js';
import { placeholderSpeech } from '../responses/placeholder-speech.js';
import type { Reply, Responder } from '../responses/responder.js';

/** Audio comes in pieces of this length, one for each of the input. */
export const STEP_MS = 100;
const STEP_SAMPLES = samplesOf(STEP_MS);
/** Words come in windows of this length, so long after their end (both measured with the service). */
const WINDOW_MS = 200;
const TRANSCRIPT_LATE_MS = 600;

/** What comes of one step: words that are due, and audio, which is left out where silence is. */
export type DuplexStep = {
  readonly words: readonly TranscriptDelta[];
  /** 24 kHz mono PCM16; `times` where audio has them. */
  readonly audio:
    { readonly pcm: Int16Array; readonly times: { start_ms?: number; end_ms?: number } } | undefined;
};

/** What a phrase is answered with in place of its translation, or beside it. */
export type Misbehaviour = {
  /** Said in place of the translation. */
  answer?: string | undefined;
  /** It is said twice. */
  repeats?: boolean;
  /** Its words are not written. */
  unwritten?: boolean;
};

type TranscriptDelta = Extract<
  LiveSentEvent,
  { type: 'session.input_transcript.delta' | 'session.output_transcript.delta' }
>;
type Voice = { pcm: Int16Array; readonly fromMs: number };

/** What the stand-in is made of. */
type FullDuplexOptions = {
  responder: Responder;
  instructions: () => string;
  /** From the end of a phrase as it is heard to its translation. */
  lagMs: number;
  /** Audio has times, and silence is left out: as reported of Azure. */
  timed: boolean;
  /** Asked for each phrase. */
  misbehaviour: () => Misbehaviour;
  failed: (error: unknown) => void;
};

/**
 * The stand-in for a full-duplex model that interprets: for every 100 ms that it hears it sends 100 ms of audio, zeros while
 * it says nothing, and never more. Its clock is its input. It hears a phrase to its end before it speaks, which the service does
 * not; words are told in windows, late, on the clock of the audio.
 */
export class FullDuplex {
  readonly #options: FullDuplexOptions;
  readonly #interpreter: PhraseInterpreter;
  #steps = 0;
  readonly #voice: Voice[] = []; // to be said, in order
  /** Where what is to be said ends. */
  #voiceToMs = 0;
  readonly #words: TranscriptDelta[] = []; // to be told

  constructor(options: FullDuplexOptions) {
    this.#options = options;
    const { responder, instructions, failed } = options;
    this.#interpreter = new PhraseInterpreter({
      responder,
      instructions,
      replied: ({ reply, fromSample, toSample }) => {
        this.#plan(reply, fromSample / samplesOf(1), toSample / samplesOf(1));
      },
      failed,
    });
  }

  /** The session's time, in milliseconds of audio heard. */
  get clockMs(): number {
    return this.#steps * STEP_MS;
  }

  /** Something is still to be said or told. */
  get pending(): boolean {
    return this.#voice.length > 0 || this.#words.length > 0;
  }

  /** Takes 24 kHz mono PCM16; what is short of a whole step waits for more. */
  append(pcm: Int16Array): void {
    this.#interpreter.append(pcm);
  }

  /** Works off the next step of the input; undefined when there is none. */
  step(): DuplexStep | undefined {
    const toSample = (this.#steps + 1) * STEP_SAMPLES;
    if (this.#interpreter.endSample < toSample) return undefined;
    this.#interpreter.hear(toSample);
    return this.#said();
  }

  /** No more input comes: the phrase that was begun is translated as it is. */
  finish(): void {
    this.#interpreter.finish();
  }

  /** After {@link FullDuplex.finish}: the next step of what is still to be said; undefined when nothing is. */
  drainStep(): DuplexStep | undefined {
    return this.pending ? this.#said() : undefined;
  }

  /** Says 24 kHz mono PCM16 now; what was being said is not said. */
  play(pcm: Int16Array): void {
    this.#voice.splice(0, Infinity, { pcm, fromMs: this.clockMs });
    this.#voiceToMs = this.clockMs + pcm.length / samplesOf(1);
  }

  #plan(heard: Reply, fromMs: number, toMs: number): void {
    const { answer, repeats = false, unwritten = false } = this.#options.misbehaviour();
    const reply =
      answer === undefined ? heard : { ...heard, text: answer, pcm24k: placeholderSpeech(answer) };
    this.#write('session.input_transcript.delta', reply.sourceText, fromMs, toMs);
    for (let times = repeats ? 2 : 1; times > 0; times--) {
      const pcm = reply.pcm24k;
      const startMs = Math.max(this.clockMs + this.#options.lagMs, this.#voiceToMs);
      const endMs = startMs + pcm.length / samplesOf(1);
      if (pcm.length > 0) this.#voice.push({ pcm, fromMs: startMs });
      this.#voiceToMs = endMs;
      const sound = soundBounds(pcm);
      const fromMs = startMs + sound.from / samplesOf(1);
      if (!unwritten)
        this.#write('session.output_transcript.delta', reply.text, fromMs, startMs + sound.to / samplesOf(1));
    }
  }

  /** The words of a text, laid over a stretch of time by their length, in windows. */
  #write(type: TranscriptDelta['type'], text: string, fromMs: number, toMs: number): void {
    const pieces = spaced(textPieces(text));
    let window: { delta: string; index: number } | undefined;
    const close = (): void => {
      if (window === undefined) return;
      const startMs = window.index * WINDOW_MS;
      this.#words.push({ type, delta: window.delta, start_ms: startMs, end_ms: startMs + WINDOW_MS });
    };
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    let before = 0;
    pieces.forEach((piece) => {
      const atMs = fromMs + ((before + piece.length / 2) / length) * (toMs - fromMs);
      before += piece.length;
      const index = Math.floor(atMs / WINDOW_MS);
      if (window?.index === index) {
        window.delta += piece;
        return;
      }
      close();
      window = { delta: piece, index };
    });
    close();
  }

  #said(): DuplexStep {
    const startMs = this.#steps * STEP_MS;
    const endMs = ++this.#steps * STEP_MS;
    const words = this.#due(endMs - TRANSCRIPT_LATE_MS);
    const pcm = this.#frame(startMs);
    const { timed } = this.#options;
    const isLeftOut = timed && pcm.every((sample) => sample === 0);
    const times = timed ? { start_ms: startMs, end_ms: endMs } : {};
    return { words, audio: isLeftOut ? undefined : { pcm, times } };
  }

  #due(endedByMs: number): TranscriptDelta[] {
    const due = this.#words.filter(({ end_ms: endMs }) => endMs <= endedByMs);
    if (due.length > 0) {
      const left = this.#words.filter(({ end_ms: endMs }) => endMs > endedByMs);
      this.#words.splice(0, Infinity, ...left);
    }
    return due.sort((a, b) => a.start_ms - b.start_ms);
  }

  #frame(startMs: number): Int16Array {
    const frame = new Int16Array(STEP_SAMPLES);
    for (let filled = 0; filled < STEP_SAMPLES;) {
      const next = this.#voice[0];
      if (next === undefined) break;
      const at = Math.max(filled, samplesOf(next.fromMs - startMs));
      if (at >= STEP_SAMPLES) break;
      const now = next.pcm.subarray(0, STEP_SAMPLES - at);
      frame.set(now, at);
      filled = at + now.length;
      next.pcm = next.pcm.subarray(now.length);
      if (next.pcm.length === 0) this.#voice.shift();
    }
    return frame;
  }
}
