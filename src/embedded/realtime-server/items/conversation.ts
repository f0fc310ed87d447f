import { ClientEventError } from '../server/client-error.js';
import type { FunctionOutputItem, HeldAudio, StoredItem, UserItem } from './items.js';

const MAX_ITEMS = 10_000;
const MAX_TEXT_CHARACTERS = 16 * 1024 * 1024;
const MAX_AUDIO_SAMPLES = 600 * 24_000; // ten minutes of audio can be retrieved; older audio is let go, its item stays

function textLength(item: StoredItem): number {
  switch (item.kind) {
    case 'system':
      return item.texts.reduce((sum, text) => sum + text.length, 0);
    case 'function_call':
      return item.name.length + item.arguments.length;
    case 'function_call_output':
      return item.output.length;
    case 'mcp':
      return JSON.stringify(item.fields).length;
    case 'user':
    case 'assistant':
      return item.parts.reduce((sum, part) => {
        if ('text' in part) return sum + part.text.length;
        return sum + (part.type === 'input_image' ? part.imageUrl.length : part.transcript.length);
      }, 0);
  }
}

function isOfCalls(item: StoredItem | undefined): boolean {
  return item?.kind === 'function_call' || item?.kind === 'function_call_output';
}

/** The refusal of an item whose id is taken. */
export function duplicateItem(id: string): ClientEventError {
  return new ClientEventError(
    'item_create_duplicate_item_id',
    `Error adding item: an item with id '${id}' already exists.`,
    'item.id',
  );
}

/** The audio parts of an item. */
function audioParts(item: StoredItem): HeldAudio[] {
  if (item.kind === 'user') return item.parts.filter((part) => part.type === 'input_audio');
  return item.kind === 'assistant' ? item.parts.filter((part) => part.type === 'output_audio') : [];
}

/** The default conversation of a session: its items in order, within bounds. */
export class Conversation {
  readonly id: string;
  readonly #items: StoredItem[] = [];
  readonly #byId = new Map<string, StoredItem>();
  #textCharacters = 0;
  #audioSamples = 0;

  constructor(id: string) {
    this.id = id;
  }

  get items(): readonly StoredItem[] {
    return this.#items;
  }

  get lastId(): string | null {
    return this.#items.at(-1)?.id ?? null;
  }

  find(id: string): StoredItem | undefined {
    return this.#byId.get(id);
  }

  /** The id of the item before this one; null for the first. */
  previousId(id: string): string | null {
    const index = this.#items.findIndex((item) => item.id === id);
    return this.#items[index - 1]?.id ?? null;
  }

  /** Whether a function call with this `call_id` is in the conversation. */
  hasCall(callId: string): boolean {
    return this.#items.some((item) => item.kind === 'function_call' && item.callId === callId);
  }

  /** Whether what the function call with this `call_id` gave back is in the conversation. */
  hasOutput(callId: string): boolean {
    return this.#items.some((item) => item.kind === 'function_call_output' && item.callId === callId);
  }

  /** User turns and function outputs that no response has answered, oldest first. */
  get unanswered(): (UserItem | FunctionOutputItem)[] {
    return this.#items.filter(
      (item): item is UserItem | FunctionOutputItem =>
        (item.kind === 'user' || item.kind === 'function_call_output') && !item.answered,
    );
  }

  /** What stands directly before an assistant's message was answered by it, or by the calls before it. */
  markAnsweredBy(id: string): void {
    let index = this.#items.findIndex((item) => item.id === id) - 1;
    while (isOfCalls(this.#items[index])) index--;
    const before = this.#items[index];
    if (before?.kind === 'user') before.answered = true;
  }

  /**
   * Adds an item at the end, after the item `after`, or first (`root`); returns the id before it.
   * @throws ClientEventError for a known id, an unknown `after`, or a conversation that is full.
   */
  insert(item: StoredItem, after?: string): string | null {
    if (this.#byId.has(item.id)) throw duplicateItem(item.id);
    let index = this.#items.length;
    if (after === 'root') index = 0;
    else if (after !== undefined) {
      index = this.#items.findIndex((other) => other.id === after) + 1;
      if (index === 0) {
        throw new ClientEventError(
          'item_create_invalid_previous_item_id',
          `Error adding item: the previous item with id '${after.slice(0, 64)}' does not exist.`,
          'previous_item_id',
        );
      }
    }
    if (this.#items.length >= MAX_ITEMS || this.#textCharacters + textLength(item) > MAX_TEXT_CHARACTERS) {
      throw new ClientEventError(
        'conversation_too_large',
        'This conversation is full: delete items or open a new session.',
        'item',
      );
    }
    return this.#place(item, index);
  }

  /** Adds an item of the server's own (a turn, a reply) at the end, full or not; returns the id before it. */
  append(item: StoredItem): string | null {
    return this.#place(item, this.#items.length);
  }

  #place(item: StoredItem, index: number): string | null {
    this.#textCharacters += textLength(item);
    this.#items.splice(index, 0, item);
    this.#byId.set(item.id, item);
    for (const part of audioParts(item)) this.countAudio(part.pcm24k?.length ?? 0);
    return this.#items[index - 1]?.id ?? null;
  }

  /** Tells that an item's audio has grown; once there is too much, the oldest goes. */
  countAudio(samples: number): void {
    this.#audioSamples += samples;
    if (this.#audioSamples <= MAX_AUDIO_SAMPLES) return;
    // Deleted and truncated audio was never taken off: count what is really there.
    const parts = this.#items.flatMap(audioParts);
    this.#audioSamples = parts.reduce((sum, part) => sum + (part.pcm24k?.length ?? 0), 0);
    for (let index = 0; this.#audioSamples > MAX_AUDIO_SAMPLES && index < parts.length - 1; index++) {
      this.#audioSamples -= parts[index]!.pcm24k?.length ?? 0;
      parts[index]!.pcm24k = undefined;
    }
  }

  /** Removes an item; false when there is none. */
  delete(id: string): boolean {
    const item = this.#byId.get(id);
    if (item === undefined) return false;
    this.#byId.delete(id);
    this.#items.splice(this.#items.indexOf(item), 1);
    this.#textCharacters = Math.max(0, this.#textCharacters - textLength(item));
    return true;
  }
}
