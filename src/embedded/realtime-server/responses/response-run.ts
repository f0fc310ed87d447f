import type { TimerHandle } from '../../../clock.js';
import { samplesOf } from '../input/audio-format.js';
import { newId } from '../server/ids.js';
import type { JsonObject } from '../config/checks.js';
import { type FunctionCall, type Speech, textPieces } from './reply-plan.js';
import { type OutputHost, ResponseOutput } from './response-output.js';
import type { ResponseSettings } from './response-settings.js';
import { type ResponseStatus, responseView } from './response-view.js';
import { type InputCount, usageView } from './usage.js';

/** How a response is paced. */
export type ResponseTiming = {
  /** From `response.created` to the first audio or text. */
  firstAudioDelayMs: number;
  /** How many times faster than real time audio is sent. */
  audioSpeed: number;
};

const AUDIO_DELTA_MS = 100; // of audio
const TEXT_DELTA_MS = 20; // between two deltas
const ARGUMENT_CHARACTERS = 16;

/** The `error` of a failed response. */
export type ResponseFailure = { type: string; code: string; message: string };

/** What a response says and what it reads. */
type ResponsePlan = {
  speech: Speech | undefined;
  calls: readonly FunctionCall[];
  /** The output limit cuts the speech short. */
  cutByLimit: boolean;
  input: InputCount;
  /** Fails after the delay instead of answering. */
  failure: ResponseFailure | undefined;
};

/** What a response needs of its session. */
export interface ResponseHost extends OutputHost {
  readonly timing: ResponseTiming;
  readonly conversationId: string;
  /** Called once, before `response.done` goes out. */
  ended(run: ResponseRun): void;
  /** Called once, after `response.done`. */
  afterDone(run: ResponseRun): void;
}

/**
 * One response from `response.created` to `response.done`. Its events come out in the documented order, on the clock: the
 * first audio after a modelled delay, then faster than real time. Cut short, it still closes everything it opened.
 *
 * A reply with nothing to say is a completed response whose `output` is empty.
 */
export class ResponseRun {
  readonly id: string;
  readonly settings: ResponseSettings;
  readonly plan: ResponsePlan;
  readonly #host: ResponseHost;
  readonly #output: ResponseOutput;
  #status: ResponseStatus = 'in_progress';
  #statusDetails: JsonObject | undefined;
  #steps: Generator<number, void> | undefined;
  #timer: TimerHandle | undefined;
  #dueMs = 0;

  constructor(host: ResponseHost, settings: ResponseSettings, plan: ResponsePlan) {
    this.#host = host;
    this.id = newId(host.clock, 'resp');
    this.settings = settings;
    this.plan = plan;
    this.#output = new ResponseOutput(host, this.id, settings);
  }

  get status(): ResponseStatus {
    return this.#status;
  }

  /** Anything was said: its items are in the conversation. */
  get producedOutput(): boolean {
    return this.#output.items.length > 0;
  }

  /** Milliseconds of audio sent. */
  get audioMs(): number {
    return this.#output.audioMs;
  }

  /** Tokens read and written so far. */
  get totalTokens(): number {
    const { all } = this.plan.input;
    const { text, audio } = this.#output.tokens;
    return all.text + all.audio + all.image + text + audio;
  }

  start(): void {
    this.#host.send('response.created', { response: this.#view() });
    this.#dueMs = this.#host.clock.nowMs();
    this.#steps = this.#play();
    this.#step();
  }

  /** Ends the response early; what it opened is closed as incomplete. */
  cancel(reason: 'turn_detected' | 'client_cancelled'): void {
    if (this.#status !== 'in_progress') return;
    this.#timer?.cancel();
    this.#output.close('incomplete');
    this.#finish('cancelled', { type: 'cancelled', reason });
  }

  /** Stops without a word: the connection is gone. */
  abandon(): void {
    this.#timer?.cancel();
  }

  #step(): void {
    const next = this.#steps?.next();
    if (next === undefined || next.done === true) return;
    this.#dueMs += next.value;
    this.#timer = this.#host.clock.setTimer(() => this.#step(), this.#dueMs - this.#host.clock.nowMs());
  }

  /** Yields the milliseconds to wait. */
  *#play(): Generator<number, void> {
    const { speech, calls, cutByLimit, failure } = this.plan;
    const delayMs = this.#host.timing.firstAudioDelayMs;
    yield delayMs / 2;
    if (speech !== undefined) this.#output.openMessage();
    yield delayMs / 2;
    if (failure !== undefined) {
      this.#finish('failed', { type: 'failed', error: failure });
      return;
    }
    if (speech !== undefined) {
      if (this.settings.modality === 'audio') yield* this.#speak(speech);
      else yield* this.#write(speech.text);
      this.#output.close(cutByLimit ? 'incomplete' : 'completed');
    }
    if (cutByLimit) {
      this.#finish('incomplete', { type: 'incomplete', reason: 'max_output_tokens' });
      return;
    }
    for (const call of calls) yield* this.#call(call);
    this.#finish('completed', { type: 'completed' });
  }

  /** Words go out with the audio in which they are spoken, evenly spread. */
  *#speak(speech: Speech): Generator<number, void> {
    const pieces = textPieces(speech.text);
    const chunkSamples = samplesOf(AUDIO_DELTA_MS);
    const chunks = Math.max(1, Math.ceil(speech.pcm24k.length / chunkSamples));
    let said = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      if (chunk > 0) yield AUDIO_DELTA_MS / this.#host.timing.audioSpeed;
      const until = Math.ceil((pieces.length * (chunk + 1)) / chunks);
      if (until > said) this.#output.addText(pieces.slice(said, until).join(''));
      said = until;
      const pcm = speech.pcm24k.subarray(chunk * chunkSamples, (chunk + 1) * chunkSamples);
      if (pcm.length > 0) this.#output.addAudio(pcm, speech.pcm24k);
    }
  }

  *#write(text: string): Generator<number, void> {
    for (const [index, piece] of textPieces(text).entries()) {
      if (index > 0) yield TEXT_DELTA_MS;
      this.#output.addText(piece);
    }
  }

  *#call(call: FunctionCall): Generator<number, void> {
    this.#output.openCall(call.name);
    for (let at = 0; at < call.arguments.length; at += ARGUMENT_CHARACTERS) {
      yield TEXT_DELTA_MS;
      this.#output.addArguments(call.arguments.slice(at, at + ARGUMENT_CHARACTERS));
    }
    this.#output.close('completed');
  }

  #finish(status: Exclude<ResponseStatus, 'in_progress'>, details: JsonObject): void {
    this.#status = status;
    this.#statusDetails = details;
    this.#host.ended(this);
    this.#host.send('response.done', { response: this.#view() });
    this.#host.afterDone(this);
  }

  #view(): JsonObject {
    return responseView({
      id: this.id,
      conversationId: this.settings.outOfBand ? undefined : this.#host.conversationId,
      status: this.#status,
      statusDetails: this.#statusDetails,
      output: this.#output.items,
      settings: this.settings,
      usage: usageView(this.plan.input, this.#output.tokens),
    });
  }
}
