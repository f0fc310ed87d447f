import { REALTIME_SAMPLES_PER_MS } from '../../../../audio/rates.js';
import type { Clock } from '../../../clock.js';
import { encodeAudio } from '../input/audio-format.js';
import type { JsonObject } from '../config/checks.js';
import { newId } from '../server/ids.js';
import { type AssistantItem, type AssistantPart, type FunctionCallItem, itemView } from '../items/items.js';
import type { ResponseSettings } from './response-settings.js';
import { partView } from './response-view.js';
import { characterTokens, outputAudioTokens } from './usage.js';

/** An item that a response makes. */
type OutputItem = AssistantItem | FunctionCallItem;

/** What output items need of their session. */
export interface OutputHost {
  readonly clock: Clock;
  send(type: string, fields: JsonObject): void;
  /** Adds an output item to the default conversation; returns the id before it. */
  addOutput(item: OutputItem): string | null;
  previousId(itemId: string): string | null;
  /** An item grew by so much audio. */
  audioSent(samples: number, outOfBand: boolean): void;
}

type Open = { outputIndex: number } & (
  { kind: 'message'; item: AssistantItem; part: AssistantPart } | { kind: 'call'; item: FunctionCallItem }
);

/**
 * The output items of one response: opens, fills and closes them, with the events of each in the documented order.
 */
export class ResponseOutput {
  readonly items: OutputItem[] = [];
  readonly #host: OutputHost;
  readonly #responseId: string;
  readonly #settings: ResponseSettings;
  #open: Open | undefined;
  #textCharacters = 0;
  #audioMs = 0;

  constructor(host: OutputHost, responseId: string, settings: ResponseSettings) {
    this.#host = host;
    this.#responseId = responseId;
    this.#settings = settings;
  }

  /** Milliseconds of audio sent. */
  get audioMs(): number {
    return this.#audioMs;
  }

  /** Tokens written so far. */
  get tokens(): { text: number; audio: number } {
    return { text: characterTokens(this.#textCharacters), audio: outputAudioTokens(this.#audioMs) };
  }

  /** Opens a message of the response's modality. */
  openMessage(): void {
    const { format, modality } = this.#settings;
    const part: AssistantPart =
      modality === 'audio'
        ? { type: 'output_audio', format, pcm24k: undefined, durationMs: 0, transcript: '' }
        : { type: 'output_text', text: '' };
    const item: AssistantItem = {
      kind: 'assistant',
      id: newId(this.#host.clock, 'item'),
      status: 'in_progress',
      seen: false,
      parts: [],
    };
    const outputIndex = this.#add(item);
    item.parts.push(part);
    this.#open = { kind: 'message', item, part, outputIndex };
    this.#host.send('response.content_part.added', {
      ...this.#at(item, outputIndex),
      content_index: 0,
      part: partView(part, ''),
    });
  }

  /** Adds words to the open message: its text, or the transcript of its audio. */
  addText(piece: string): void {
    const open = this.#open;
    if (open?.kind !== 'message') return;
    const { part } = open;
    if (part.type === 'output_text') part.text += piece;
    else if (part.truncated !== true) part.transcript += piece;
    this.#textCharacters += piece.length;
    const type = part.type === 'output_text' ? 'response.output_text' : 'response.output_audio_transcript';
    this.#host.send(`${type}.delta`, {
      ...this.#at(open.item, open.outputIndex),
      content_index: 0,
      delta: piece,
    });
  }

  /** Adds to the audio of the open message the next `pcm` of `whole`. */
  addAudio(pcm: Int16Array, whole: Int16Array): void {
    const open = this.#open;
    if (open?.kind !== 'message' || open.part.type !== 'output_audio') return;
    const { part } = open;
    this.#audioMs += pcm.length / REALTIME_SAMPLES_PER_MS;
    if (part.truncated !== true) {
      part.durationMs = this.#audioMs;
      part.pcm24k = whole.subarray(0, Math.round(this.#audioMs * REALTIME_SAMPLES_PER_MS));
    }
    this.#host.audioSent(pcm.length, this.#settings.outOfBand);
    this.#host.send('response.output_audio.delta', {
      ...this.#at(open.item, open.outputIndex),
      content_index: 0,
      delta: encodeAudio(pcm, part.format),
    });
  }

  /** Opens a function call. */
  openCall(name: string): void {
    const { clock } = this.#host;
    const item: FunctionCallItem = {
      kind: 'function_call',
      id: newId(clock, 'item'),
      status: 'in_progress',
      seen: false,
      name,
      arguments: '',
      callId: newId(clock, 'call'),
    };
    this.#open = { kind: 'call', item, outputIndex: this.#add(item) };
  }

  /** Adds to the arguments of the open call. */
  addArguments(piece: string): void {
    const open = this.#open;
    if (open?.kind !== 'call') return;
    open.item.arguments += piece;
    this.#textCharacters += piece.length;
    this.#host.send('response.function_call_arguments.delta', {
      ...this.#at(open.item, open.outputIndex),
      call_id: open.item.callId,
      delta: piece,
    });
  }

  /** Closes what is open, if anything is. */
  close(status: 'completed' | 'incomplete'): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const { item, outputIndex } = open;
    const at = this.#at(item, outputIndex);
    if (open.kind === 'message') this.#partDone(open.part, { ...at, content_index: 0 });
    else {
      const { callId, name } = open.item;
      const fields = { ...at, call_id: callId, name, arguments: open.item.arguments };
      this.#host.send('response.function_call_arguments.done', fields);
    }
    item.status = status;
    const view = itemView(item);
    if (!this.#settings.outOfBand) {
      const previous = this.#host.previousId(item.id);
      this.#host.send('conversation.item.done', { previous_item_id: previous, item: view });
    }
    this.#host.send('response.output_item.done', {
      response_id: this.#responseId,
      output_index: outputIndex,
      item: view,
    });
  }

  #partDone(part: AssistantPart, at: JsonObject): void {
    const send = (type: string, fields: JsonObject): void => this.#host.send(type, fields);
    if (part.type === 'output_text') {
      send('response.output_text.done', { ...at, text: part.text });
      send('response.content_part.done', { ...at, part: partView(part, part.text) });
      return;
    }
    send('response.output_audio.done', at);
    send('response.output_audio_transcript.done', { ...at, transcript: part.transcript });
    send('response.content_part.done', { ...at, part: partView(part, part.transcript) });
  }

  #add(item: OutputItem): number {
    const outputIndex = this.items.push(item) - 1;
    const view = itemView(item);
    this.#host.send('response.output_item.added', {
      response_id: this.#responseId,
      output_index: outputIndex,
      item: view,
    });
    if (!this.#settings.outOfBand) {
      const previous = this.#host.addOutput(item);
      this.#host.send('conversation.item.added', { previous_item_id: previous, item: view });
    }
    return outputIndex;
  }

  #at(item: OutputItem, outputIndex: number): JsonObject {
    return { response_id: this.#responseId, item_id: item.id, output_index: outputIndex };
  }
}
