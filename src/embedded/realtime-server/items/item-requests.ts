/** The item events of a client: create, retrieve, delete, truncate, and the items of a response's own input. */
import type { Clock } from '../../../clock.js';
import { isJsonObject, type JsonObject } from '../config/checks.js';
import { ClientEventError, shown } from '../server/client-error.js';
import { type Conversation, duplicateItem } from './conversation.js';
import { newId } from '../server/ids.js';
import { parseItem } from './item-parsing.js';
import { itemView, type StoredItem, truncateItem } from './items.js';
import type { AudioFormat } from '../config/session-config.js';

/** What the item events need of their session. */
interface ItemHost {
  readonly clock: Clock;
  /** The format of the session's input, in which item audio travels. */
  readonly inputFormat: AudioFormat;
  /** The id that the turn in progress will have. */
  readonly openTurnId: string | undefined;
  /** Asked for each message with sound: it is refused. */
  refusesAudio(): boolean;
  send(type: string, fields: JsonObject): void;
}

/** Every method throws a ClientEventError when the client asks for what cannot be; then nothing has changed. */
export class ItemRequests {
  readonly #conversation: Conversation;
  readonly #host: ItemHost;

  constructor(conversation: Conversation, host: ItemHost) {
    this.#conversation = conversation;
    this.#host = host;
  }

  create(value: unknown, after: string | undefined): void {
    const item = this.#parse(value, 'item');
    if (item.kind === 'function_call_output') this.#checkOutput(item.callId);
    if (
      item.kind === 'user' &&
      item.parts.some(({ type }) => type === 'input_audio') &&
      this.#host.refusesAudio()
    )
      throw new ClientEventError('invalid_value', 'Audio is not supported in messages.', 'item.content');
    if (item.id === this.#host.openTurnId) throw duplicateItem(item.id);
    this.#announce(item, this.#conversation.insert(item, after));
    if (item.kind === 'assistant' || item.kind === 'function_call') {
      this.#conversation.markAnsweredBy(item.id);
    }
  }

  /** One output for each call, and none without. */
  #checkOutput(callId: string): void {
    const refuse = (what: string): never => {
      throw new ClientEventError('invalid_tool_call_id', `Tool call ID '${callId}' ${what}`, 'item.call_id');
    };
    if (!this.#conversation.hasCall(callId)) refuse('not found in conversation.');
    if (this.#conversation.hasOutput(callId)) refuse('already has an output in the conversation.');
  }

  /** Adds a turn of the user and tells the client. */
  addTurn(item: StoredItem): void {
    this.#announce(item, this.#conversation.append(item));
  }

  #announce(item: StoredItem, previous_item_id: string | null): void {
    const view = itemView(item);
    this.#host.send('conversation.item.added', { previous_item_id, item: view });
    this.#host.send('conversation.item.done', { previous_item_id, item: view });
  }

  retrieve(itemId: string): void {
    const item = this.#find(itemId, 'retrieve');
    this.#host.send('conversation.item.retrieved', { item: itemView(item, this.#host.inputFormat) });
  }

  delete(itemId: string): void {
    this.#find(itemId, 'delete');
    this.#conversation.delete(itemId);
    this.#host.send('conversation.item.deleted', { item_id: itemId });
  }

  truncate(item_id: string, content_index: number, audio_end_ms: number): void {
    truncateItem(this.#find(item_id, 'truncate'), content_index, audio_end_ms);
    this.#host.send('conversation.item.truncated', { item_id, content_index, audio_end_ms });
  }

  /** An entry of a response's own input: an item, or a reference to one of the conversation. */
  inputItem(entry: unknown, path: string): StoredItem {
    if (!isJsonObject(entry) || entry['type'] !== 'item_reference') return this.#parse(entry, path);
    const id = entry['id'];
    const item = typeof id === 'string' ? this.#conversation.find(id) : undefined;
    if (item === undefined) {
      throw new ClientEventError('invalid_value', `Item with id '${shown(id)}' not found.`, `${path}.id`);
    }
    return item;
  }

  #parse(value: unknown, path: string): StoredItem {
    const { clock, inputFormat } = this.#host;
    return parseItem(value, path, {
      format: inputFormat,
      newItemId: () => newId(clock, 'item'),
      newCallId: () => newId(clock, 'call'),
    });
  }

  #find(itemId: string, action: 'retrieve' | 'delete' | 'truncate'): StoredItem {
    const item = this.#conversation.find(itemId);
    if (item === undefined) {
      throw new ClientEventError(
        `item_${action}_invalid_item_id`,
        `Error: cannot ${action} item: the item with id '${shown(itemId)}' does not exist.`,
        'item_id',
      );
    }
    return item;
  }
}
