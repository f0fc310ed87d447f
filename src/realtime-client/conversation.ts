import { REALTIME_SAMPLES_PER_MS } from '../../audio/rates.js';
import { BoundedMap } from '../bounded-map.js';
import { decodeAudioDelta } from '../realtime/conversation/turns/output-items.js';
import type { RealtimeServerEvent, ServerEventOf } from '../realtime/protocol/server-events.js';
import { ItemAudio } from './item-audio.js';
import type { FormattedItem, ItemContent, ItemDelta, RealtimeItem } from './items.js';

/** Items that are kept; the oldest are forgotten. */
const MAX_ITEMS = 2_000;
/** Speech and transcripts whose items have not come yet. */
const MAX_QUEUED = 64;
const TEXTS: ReadonlySet<string> = new Set(['text', 'input_text', 'output_text']);

/** What an event made of the conversation. */
export type ConversationChange = {
  readonly item: RealtimeItem;
  readonly delta: ItemDelta | null;
  /** The item is new. */
  readonly appended: boolean;
  /** It is complete from now on, which is told once. */
  readonly completed: boolean;
};

type Kept = { readonly item: RealtimeItem; oddByte: number | undefined; completed: boolean };
type Speech = { readonly startMs: number; audio: Int16Array };

/** What `conversation.item.added` and its like bring. */
type PlacedItem = ServerEventOf<'conversation.item.added'>['item'];

/** The conversation as the events of the server tell it: its items, and what was gathered of each. */
export class Conversation {
  readonly #kept = new Map<string, Kept>(); // oldest first
  readonly #audio = new ItemAudio((itemId) => {
    const item = this.#kept.get(itemId)?.item;
    if (item !== undefined) item.formatted.audio = new Int16Array(0);
  });
  readonly #speech = new BoundedMap<Speech>(MAX_QUEUED);
  readonly #transcripts = new BoundedMap<string>(MAX_QUEUED);
  #committed: Int16Array | undefined;
  #unknownItems = 0;

  /** Events about items that are not known, or not any more. */
  get unknownItems(): number {
    return this.#unknownItems;
  }

  /** The item of this id; null where there is none. */
  getItem(id: string): RealtimeItem | null {
    return this.#kept.get(id)?.item ?? null;
  }

  /** All items that are kept, oldest first. */
  getItems(): RealtimeItem[] {
    return [...this.#kept.values()].map(({ item }) => item);
  }

  /** This was committed by hand: it is the sound of the user's next item. */
  queueInputAudio(audio: Int16Array): void {
    this.#committed = audio;
  }

  /** The sound of speech that the server has found, once it is over. */
  queueSpeech(itemId: string, audio: Int16Array): void {
    const startMs = this.#speech.get(itemId)?.startMs ?? 0;
    this.#speech.set(itemId, { startMs, audio });
  }

  /** When speech that is not over began, in milliseconds of the connection's audio; undefined where that is not known. */
  speechStartMs(itemId: string): number | undefined {
    return this.#speech.get(itemId)?.startMs;
  }

  /** Forgets everything. */
  clear(): void {
    this.#kept.clear();
    this.#audio.clear();
    this.#speech.clear();
    this.#transcripts.clear();
    this.#committed = undefined;
  }

  /** Items that were being made when their connection was lost stay as they are. */
  abandonUnfinished(): void {
    for (const { item } of this.#kept.values()) if (item.status === 'in_progress') item.status = 'incomplete';
  }

  /** Takes an event. Returns what it changed; undefined where that is nothing that is told. */
  process(event: RealtimeServerEvent): ConversationChange | undefined {
    switch (event.type) {
      case 'conversation.item.added':
      case 'conversation.item.created':
        return this.#kept.has(event.item.id) ? undefined : this.#append(event.item);
      case 'conversation.item.done':
        return this.#itemDone(event.item);
      case 'conversation.item.truncated':
        return this.#change(event.item_id, ({ item }) => {
          item.formatted.transcript = '';
          const length = Math.floor(event.audio_end_ms * REALTIME_SAMPLES_PER_MS);
          item.formatted.audio = this.#audio.truncate(item.id, length);
          return null;
        });
      case 'conversation.item.deleted':
        return this.#change(event.item_id, ({ item }) => {
          this.#kept.delete(item.id);
          this.#audio.delete(item.id);
          return null;
        });
      case 'conversation.item.input_audio_transcription.completed':
        return this.#transcribed(event);
      case 'input_audio_buffer.speech_started':
        this.#speech.set(event.item_id, { startMs: event.audio_start_ms, audio: new Int16Array(0) });
        return undefined;
      case 'response.content_part.added':
        this.#change(event.item_id, ({ item }) => {
          Object.assign(partOf(item, event.content_index, 'output_text'), event.part);
          return null;
        });
        return undefined;
      case 'response.output_audio_transcript.delta':
        return this.#change(event.item_id, ({ item }) => {
          const part = partOf(item, event.content_index, 'output_audio');
          part.transcript = (part.transcript ?? '') + event.delta;
          item.formatted.transcript += event.delta;
          return { transcript: event.delta };
        });
      case 'response.output_text.delta':
        return this.#change(event.item_id, ({ item }) => {
          const part = partOf(item, event.content_index, 'output_text');
          part.text = (part.text ?? '') + event.delta;
          item.formatted.text += event.delta;
          return { text: event.delta };
        });
      case 'response.output_audio.delta':
        return this.#change(event.item_id, (kept) => {
          partOf(kept.item, event.content_index, 'output_audio');
          const audio = decodeAudioDelta(kept, event.delta);
          kept.item.formatted.audio = this.#audio.append(kept.item.id, audio);
          return { audio };
        });
      case 'response.function_call_arguments.delta':
        return this.#change(event.item_id, ({ item }) => {
          item.arguments = (item.arguments ?? '') + event.delta;
          if (item.formatted.tool !== undefined) item.formatted.tool.arguments += event.delta;
          return { arguments: event.delta };
        });
      case 'response.output_item.done':
        return this.#outputDone(event.item);
      default:
        return undefined;
    }
  }

  #append(placed: PlacedItem): ConversationChange {
    const formatted: FormattedItem = { audio: new Int16Array(0), text: '', transcript: '' };
    const item = { ...structuredClone(placed), formatted } as RealtimeItem;
    const { id } = item;
    for (const { type, text } of item.content ?? []) if (TEXTS.has(type)) formatted.text += text ?? '';
    formatted.transcript = this.#transcripts.get(id) ?? '';
    this.#transcripts.delete(id);
    let audio = this.#speech.get(id)?.audio;
    this.#speech.delete(id);
    let completed = true;
    if (item.type === 'message' && item.role === 'user') {
      audio = this.#committed ?? audio;
      this.#committed = undefined;
    } else if (item.type === 'message') {
      completed = item.role !== 'assistant';
    } else if (item.type === 'function_call') {
      completed = false;
      formatted.tool = {
        type: 'function',
        name: item.name ?? '',
        call_id: item.call_id ?? '',
        arguments: '',
      };
    } else if (item.type === 'function_call_output') {
      formatted.output = item.output ?? '';
    }
    item.status = completed ? 'completed' : 'in_progress';
    this.#kept.set(id, { item, oddByte: undefined, completed });
    if (audio !== undefined && audio.length > 0) formatted.audio = this.#audio.append(id, audio);
    this.#forgetOldest();
    return { item, delta: null, appended: true, completed };
  }

  /** Told of an item that is known, it is news of its status only: what completes one is told by its response. */
  #itemDone(placed: PlacedItem): ConversationChange | undefined {
    const kept = this.#kept.get(placed.id);
    if (kept === undefined) return this.#append(placed);
    const { status } = placed as { status?: RealtimeItem['status'] };
    if (status !== undefined) kept.item.status = status;
    return undefined;
  }

  #transcribed({
    item_id: itemId,
    content_index: index,
    transcript,
  }: ServerEventOf<'conversation.item.input_audio_transcription.completed'>): ConversationChange | undefined {
    const shown = transcript === '' ? ' ' : transcript;
    const kept = this.#kept.get(itemId);
    if (kept === undefined) {
      this.#transcripts.set(itemId, shown); // transcription runs beside everything else
      return undefined;
    }
    const part = kept.item.content?.[index];
    if (part !== undefined) part.transcript = transcript;
    kept.item.formatted.transcript = shown;
    return { item: kept.item, delta: { transcript }, appended: false, completed: false };
  }

  #outputDone(done: PlacedItem): ConversationChange | undefined {
    const kept = this.#kept.get(done.id);
    if (kept === undefined) {
      this.#unknownItems++;
      return undefined;
    }
    const { item } = kept;
    const { status } = done as { status?: RealtimeItem['status'] };
    item.status = status ?? 'completed';
    if (done.type === 'function_call') {
      item.arguments = done.arguments; // a server may send no deltas
      if (item.formatted.tool !== undefined) item.formatted.tool.arguments = done.arguments;
    }
    const completed = item.status === 'completed' && !kept.completed;
    kept.completed ||= completed;
    return { item, delta: null, appended: false, completed };
  }

  #change(itemId: string, change: (kept: Kept) => ItemDelta | null): ConversationChange | undefined {
    const kept = this.#kept.get(itemId);
    if (kept === undefined) {
      this.#unknownItems++;
      return undefined;
    }
    return { item: kept.item, delta: change(kept), appended: false, completed: false };
  }

  #forgetOldest(): void {
    if (this.#kept.size <= MAX_ITEMS) return;
    const [oldest] = this.#kept.keys();
    if (oldest === undefined) return;
    this.#kept.delete(oldest);
    this.#audio.delete(oldest);
  }
}

/** A part of an item's content, which is made where the server did not announce it. */
function partOf(item: RealtimeItem, index: number, type: string): ItemContent {
  item.content ??= [];
  // A part that is far away is no part.
  const at = Math.min(index, item.content.length);
  return (item.content[at] ??= { type });
}
