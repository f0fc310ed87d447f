/**
 * One response from `response.created` to `response.done`. Its events come out in the documented order, on the clock: the
 * first audio after a modelled delay, then faster than real time. Cut short, it still closes everything it opened.
 *
 * A reply with nothing to say is a completed response whose `output` is empty.
 */
import type { Clock, TimerHandle } from '../../clock.js';
import { encodeAudio, SAMPLES_PER_MS, samplesOf } from './audio-format.js';
import type { JsonObject } from './checks.js';
import { newId } from './ids.js';
import { type AssistantItem, type AssistantPart, type FunctionCallItem, itemView } from './items.js';
import { type FunctionCall, textPieces } from './reply-plan.js';
import type { Speech } from './reply-plan.js';
import type { ResponseSettings } from './response-settings.js';
import { partView, type ResponseStatus, responseView } from './response-view.js';
import { type InputCount, characterTokens, outputAudioTokens, usageView } from './usage.js';

export type ResponseTiming = {
  /** From `response.created` to the first audio or text. */
  firstAudioDelayMs: number;
  /** How many times faster than real time audio is sent. */
  audioSpeed: number;
};

/** Audio in one delta. */
export const DELTA_MS = 100;
const TEXT_DELTA_MS = 20;

export type ResponseFailure = { type: string; code: string; message: string };

/** What a response says and what it reads. */
export type ResponsePlan = {
  speech: Speech | undefined;
  calls: readonly FunctionCall[];
  /** The output limit cuts the speech short. */
  cutByLimit: boolean;
  input: InputCount;
  /** Fails after the delay instead of answering. */
  failure: ResponseFailure | undefined;
};

/** What a response needs of its session. */
export interface ResponseHost {
  readonly clock: Clock;
  readonly timing: ResponseTiming;
  readonly conversationId: string;
  send(type: string, fields: JsonObject): void;
  /** Adds an output item to the default conversation; returns the id before it. */
  addOutput(item: AssistantItem | FunctionCallItem): string | null;
  previousId(itemId: string): string | null;
  /** An item grew by so much audio. */
  audioSent(samples: number, outOfBand: boolean): void;
  /** Called once, before `response.done` goes out. */
  ended(run: ResponseRun): void;
  /** Called once, after `response.done`. */
  afterDone(run: ResponseRun): void;
}

type OpenMessage = { item: AssistantItem; part: AssistantPart; outputIndex: number };

export class ResponseRun {
  readonly id: string;
  readonly settings: ResponseSettings;
  readonly plan: ResponsePlan;
  readonly #host: ResponseHost;
  readonly #output: (AssistantItem | FunctionCallItem)[] = [];
  #status: ResponseStatus = 'in_progress';
  #statusDetails: JsonObject | undefined;
  #open: OpenMessage | undefined;
  #steps: Generator<number, void> | undefined;
  #timer: TimerHandle | undefined;
  #dueMs = 0;
  #textCharacters = 0;
  #audioMs = 0;

  constructor(host: ResponseHost, settings: ResponseSettings, plan: ResponsePlan) {
    this.#host = host;
    this.id = newId(host.clock, 'resp');
    this.settings = settings;
    this.plan = plan;
  }

  get status(): ResponseStatus {
    return this.#status;
  }

  /** Anything was said: its items are in the conversation. */
  get producedOutput(): boolean {
    return this.#output.length > 0;
  }

  /** Milliseconds of audio sent. */
  get audioMs(): number {
    return this.#audioMs;
  }

  /** Tokens read and written so far. */
  get totalTokens(): number {
    const { all } = this.plan.input;
    return all.text + all.audio + all.image + this.#outputTokens().text + this.#outputTokens().audio;
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
    if (this.#open !== undefined) this.#closeMessage('incomplete');
    this.#finish('cancelled', { type: 'cancelled', reason });
  }

  /** Stops without a word: the line is gone. */
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
    if (failure !== undefined) {
      yield delayMs / 2;
      this.#finish('failed', { type: 'failed', error: failure });
      return;
    }
    if (speech !== undefined) {
      const message = this.#openMessage();
      yield delayMs / 2;
      if (message.part.type === 'output_audio') yield* this.#speak(message, speech);
      else yield* this.#write(message, speech.text);
      this.#closeMessage(cutByLimit ? 'incomplete' : 'completed');
    } else {
      yield delayMs / 2;
    }
    if (cutByLimit) {
      this.#finish('incomplete', { type: 'incomplete', reason: 'max_output_tokens' });
      return;
    }
    for (const call of calls) yield* this.#call(call);
    this.#finish('completed', { type: 'completed' });
  }

  *#speak(message: OpenMessage, speech: Speech): Generator<number, void> {
    const pieces = textPieces(speech.text);
    const chunkSamples = samplesOf(DELTA_MS);
    const chunks = Math.max(1, Math.ceil(speech.pcm24k.length / chunkSamples));
    let said = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      if (chunk > 0) yield DELTA_MS / this.#host.timing.audioSpeed;
      const until = Math.ceil((pieces.length * (chunk + 1)) / chunks);
      if (until > said) this.#sendText(message, pieces.slice(said, until).join(''));
      said = until;
      const pcm = speech.pcm24k.subarray(chunk * chunkSamples, (chunk + 1) * chunkSamples);
      if (pcm.length > 0) this.#sendAudio(message, pcm, speech.pcm24k);
    }
  }

  *#write(message: OpenMessage, text: string): Generator<number, void> {
    for (const [index, piece] of textPieces(text).entries()) {
      if (index > 0) yield TEXT_DELTA_MS;
      this.#sendText(message, piece);
    }
  }

  *#call(call: FunctionCall): Generator<number, void> {
    const { clock } = this.#host;
    const item: FunctionCallItem = {
      kind: 'function_call',
      id: newId(clock, 'item'),
      status: 'in_progress',
      seen: false,
      name: call.name,
      arguments: '',
      callId: newId(clock, 'call'),
    };
    const outputIndex = this.#addItem(item);
    const at = {
      response_id: this.id,
      item_id: item.id,
      output_index: outputIndex,
      call_id: item.callId,
    };
    for (const piece of call.arguments.match(/[^]{1,16}/gu) ?? []) {
      yield TEXT_DELTA_MS;
      item.arguments += piece;
      this.#textCharacters += piece.length;
      this.#host.send('response.function_call_arguments.delta', { ...at, delta: piece });
    }
    this.#closeCall(item, outputIndex, 'completed');
  }

  #closeCall(item: FunctionCallItem, outputIndex: number, status: 'completed' | 'incomplete'): void {
    this.#host.send('response.function_call_arguments.done', {
      response_id: this.id,
      item_id: item.id,
      output_index: outputIndex,
      call_id: item.callId,
      name: item.name,
      arguments: item.arguments,
    });
    item.status = status;
    this.#itemDone(item, outputIndex);
  }

  #openMessage(): OpenMessage {
    const { settings } = this;
    const part: AssistantPart =
      settings.modality === 'audio'
        ? {
            type: 'output_audio',
            format: settings.format,
            pcm24k: undefined,
            durationMs: 0,
            transcript: '',
          }
        : { type: 'output_text', text: '' };
    const item: AssistantItem = {
      kind: 'assistant',
      id: newId(this.#host.clock, 'item'),
      status: 'in_progress',
      seen: false,
      parts: [],
    };
    const outputIndex = this.#addItem(item);
    item.parts.push(part);
    this.#open = { item, part, outputIndex };
    this.#host.send('response.content_part.added', { ...this.#at(this.#open), part: partView(part, '') });
    return this.#open;
  }

  #sendText(message: OpenMessage, piece: string): void {
    const { part } = message;
    if (part.type === 'output_text') part.text += piece;
    else if (part.truncated !== true) part.transcript += piece;
    this.#textCharacters += piece.length;
    const type = part.type === 'output_text' ? 'response.output_text' : 'response.output_audio_transcript';
    this.#host.send(`${type}.delta`, { ...this.#at(message), delta: piece });
  }

  #sendAudio(message: OpenMessage, pcm: Int16Array, whole: Int16Array): void {
    const { part } = message;
    if (part.type !== 'output_audio') return;
    this.#audioMs += pcm.length / SAMPLES_PER_MS;
    if (part.truncated !== true) {
      part.durationMs = this.#audioMs;
      part.pcm24k = whole.subarray(0, Math.round(this.#audioMs * SAMPLES_PER_MS));
    }
    this.#host.audioSent(pcm.length, this.settings.outOfBand);
    this.#host.send('response.output_audio.delta', {
      ...this.#at(message),
      delta: encodeAudio(pcm, part.format),
    });
  }

  #closeMessage(status: 'completed' | 'incomplete'): void {
    const message = this.#open;
    if (message === undefined) return;
    this.#open = undefined;
    const { item, part, outputIndex } = message;
    const at = this.#at(message);
    const send = (type: string, fields: JsonObject): void => this.#host.send(type, fields);
    if (part.type === 'output_text') {
      send('response.output_text.done', { ...at, text: part.text });
      send('response.content_part.done', { ...at, part: partView(part, part.text) });
    } else {
      send('response.output_audio.done', at);
      send('response.output_audio_transcript.done', { ...at, transcript: part.transcript });
      send('response.content_part.done', { ...at, part: partView(part, part.transcript) });
    }
    item.status = status;
    this.#itemDone(item, outputIndex);
  }

  #addItem(item: AssistantItem | FunctionCallItem): number {
    const outputIndex = this.#output.push(item) - 1;
    const view = itemView(item);
    this.#host.send('response.output_item.added', {
      response_id: this.id,
      output_index: outputIndex,
      item: view,
    });
    if (!this.settings.outOfBand) {
      const previous = this.#host.addOutput(item);
      this.#host.send('conversation.item.added', { previous_item_id: previous, item: view });
    }
    return outputIndex;
  }

  #itemDone(item: AssistantItem | FunctionCallItem, outputIndex: number): void {
    const view = itemView(item);
    if (!this.settings.outOfBand) {
      const previous = this.#host.previousId(item.id);
      this.#host.send('conversation.item.done', { previous_item_id: previous, item: view });
    }
    this.#host.send('response.output_item.done', {
      response_id: this.id,
      output_index: outputIndex,
      item: view,
    });
  }

  #at(message: OpenMessage): JsonObject {
    return {
      response_id: this.id,
      item_id: message.item.id,
      output_index: message.outputIndex,
      content_index: 0,
    };
  }

  #finish(status: Exclude<ResponseStatus, 'in_progress'>, details: JsonObject): void {
    const last = this.#output.at(-1);
    if (last?.kind === 'function_call' && last.status === 'in_progress') {
      this.#closeCall(last, this.#output.length - 1, 'incomplete');
    }
    this.#status = status;
    this.#statusDetails = details;
    this.#host.ended(this);
    this.#host.send('response.done', { response: this.#view() });
    this.#host.afterDone(this);
  }

  #outputTokens(): { text: number; audio: number } {
    return {
      text: characterTokens(this.#textCharacters),
      audio: outputAudioTokens(this.#audioMs),
    };
  }

  #view(): JsonObject {
    return responseView({
      id: this.id,
      conversationId: this.settings.outOfBand ? undefined : this.#host.conversationId,
      status: this.#status,
      statusDetails: this.#statusDetails,
      output: this.#output,
      settings: this.settings,
      usage: usageView(this.plan.input, this.#outputTokens()),
    });
  }
}
