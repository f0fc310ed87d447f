import type { RealtimeClientEvent } from '../../protocol/client-events.js';
import type { ClientItem } from '../../protocol/items.js';
import { BoundedMap } from '../../../bounded-map.js';
import { type Turn, translationOf } from './turn-ledger.js';

/** Turns that are remembered as text. */
const MAX_PAST_TURNS = 4;
/** Of each text; a longer one is cut. */
const MAX_PAST_CHARS = 1_000;
/** An item may be deleted only when what was said in it is known: so many turns wait for that at most. */
const MAX_UNTRANSCRIBED = 2;
/** Turns that are over while no response is asked for; beyond them, the oldest is deleted and not remembered. */
const MAX_OVER = 32;
/** Items of one turn that are known; no sane server makes more: five steps of sixteen calls and their outputs, and speech. */
const MAX_ITEMS = 256;
/** Deletions in a row that a server may refuse before it is taken not to know them. */
const MAX_REFUSALS = 3;
const REMEMBERED_REQUESTS = 64;

/** One turn that is over. `source` is empty where what was said was not transcribed. */
export type PastTurn = { readonly source: string; readonly translation: string };

/** What a context needs of its connection. */
type ConversationHistoryOptions = {
  /** Whether the server was asked to transcribe what is said. */
  transcribes: () => boolean;
  /** Sends an event and returns the id that it was given. */
  send: (event: RealtimeClientEvent) => string;
  /** An item is being deleted. */
  onDeleted: () => void;
  /** The server takes no deletions, or no texts: the conversation grows from now on, or is forgotten. */
  onUnsupported: (message: string) => void;
};

type Over = { readonly turn: Turn; readonly itemIds: readonly string[] };
type Kept = { readonly past: PastTurn; readonly itemIds: readonly string[] };

/**
 * What the server keeps of a conversation. The API bills all of it again with every response (protocol notes A2), audio
 * above all: so the items of what is over are deleted, and the last turns go back in, in front of everything, as text.
 */
export class ConversationHistory {
  readonly #options: ConversationHistoryOptions;
  /** What came out of the responses of turns that are not over. */
  readonly #outputs = new Map<Turn, Set<string>>();
  readonly #over: Over[] = []; // oldest first
  readonly #kept: Kept[] = []; // oldest first
  readonly #requests = new BoundedMap<'create' | 'delete'>(REMEMBERED_REQUESTS);
  #pastNumber = 0;
  #refusals = 0;
  #deletes = true;
  #keeps = true;

  constructor(options: ConversationHistoryOptions) {
    this.#options = options;
  }

  /** The last turns that are over, oldest first, whether or not the server was told of them as text. */
  get past(): readonly PastTurn[] {
    const over = this.#over.flatMap(({ turn }) => pastOf(turn) ?? []);
    return [...this.#kept.map(({ past }) => past), ...over].slice(-MAX_PAST_TURNS);
  }

  /** The conversation holds nothing but texts of turns that are over, and what is still to be answered. */
  get tidy(): boolean {
    return this.#deletes && this.#over.length === 0;
  }

  /** A response of `turn` made this item, or what a call gave back was added as this item. */
  made(turn: Turn, itemId: string): void {
    if (turn.phase === 'done') return;
    const made = this.#outputs.get(turn);
    if (made === undefined) this.#outputs.set(turn, new Set([itemId]));
    else if (made.size < MAX_ITEMS) made.add(itemId);
  }

  /** What came out of the responses of a turn that is not over, and what its calls gave back, oldest first. */
  itemsOf(turn: Turn): readonly string[] {
    return [...(this.#outputs.get(turn) ?? [])];
  }

  /** Nothing more will be asked of this turn. */
  finished(turn: Turn): void {
    const made = [...(this.#outputs.get(turn) ?? [])];
    this.#outputs.delete(turn);
    const committed = turn.phase !== 'speaking' && turn.phase !== 'stopped';
    if (!this.#deletes || !committed) return; // what was never committed is no item
    const spoken = turn.text === undefined ? [turn.itemId] : []; // a text of ours never was one
    this.#over.push({ turn, itemIds: [...spoken, ...made] });
    if (this.#over.length > MAX_OVER) for (const itemId of this.#over.shift()!.itemIds) this.#delete(itemId);
  }

  /** The past of another connection, before anything was said on this one. */
  seed(past: readonly PastTurn[]): void {
    for (const turn of past.slice(-MAX_PAST_TURNS)) this.#keep(turn);
  }

  /**
   * Deletes what is over; to be called before a response is asked for. Returns the items that the server no longer has.
   * Those whose words are still to come stay, two turns at most.
   */
  tidyUp(): readonly string[] {
    const gone: string[] = [];
    for (let over = this.#over[0]; over !== undefined && this.#deletes; over = this.#over[0]) {
      if (!this.#settled(over.turn) && this.#over.length <= MAX_UNTRANSCRIBED) break;
      this.#over.shift();
      for (const itemId of over.itemIds) this.#delete(itemId);
      gone.push(...over.itemIds);
      const past = pastOf(over.turn);
      if (past !== undefined) this.#keep(past);
    }
    return gone;
  }

  /** The server deleted an item: it knows how. */
  deleted(): void {
    this.#refusals = 0;
  }

  /** The server refused an event. Returns false where it was none of ours; what it says matters to nobody else otherwise. */
  refused(eventId: string): boolean {
    const request = this.#requests.get(eventId);
    if (request === 'create' && this.#keeps) {
      this.#keeps = false;
      this.#kept.length = 0;
      this.#options.onUnsupported('the server takes no texts of earlier turns: they are forgotten');
    }
    if (request === 'delete' && ++this.#refusals >= MAX_REFUSALS && this.#deletes) {
      this.#deletes = false;
      this.#over.length = 0;
      this.#options.onUnsupported('the server deletes nothing: every response is billed with all before it');
    }
    return request !== undefined;
  }

  #settled(turn: Turn): boolean {
    return turn.sourceFinal || turn.text !== undefined || !this.#options.transcribes();
  }

  #keep(past: PastTurn): void {
    if (!this.#keeps) return;
    const id = `past_${++this.#pastNumber}`;
    const itemIds: string[] = [];
    let after = this.#kept.at(-1)?.itemIds.at(-1) ?? 'root';
    const create = (item: ClientItem & { id: string }): void => {
      this.#create(item, after);
      after = item.id;
      itemIds.push(item.id);
    };
    if (past.source !== '') {
      const content = [{ type: 'input_text' as const, text: past.source }];
      create({ id: `${id}_said`, type: 'message', role: 'user', content });
    }
    const content = [{ type: 'output_text' as const, text: past.translation }];
    create({ id: `${id}_translated`, type: 'message', role: 'assistant', content });
    this.#kept.push({ past, itemIds });
    if (this.#kept.length > MAX_PAST_TURNS) {
      for (const itemId of this.#kept.shift()!.itemIds) this.#delete(itemId);
    }
  }

  #create(item: ClientItem, previous_item_id: string): void {
    const eventId = this.#options.send({ type: 'conversation.item.create', item, previous_item_id });
    this.#requests.set(eventId, 'create');
  }

  #delete(item_id: string): void {
    this.#options.onDeleted();
    this.#requests.set(this.#options.send({ type: 'conversation.item.delete', item_id }), 'delete');
  }
}

/** Undefined for a text of ours, where nothing came of it, and where what came is not wanted. */
function pastOf(turn: Turn): PastTurn | undefined {
  const translation = shortened(translationOf(turn));
  if (turn.text !== undefined || translation === '' || turn.unwanted) return undefined;
  return { source: shortened(turn.sourceText), translation };
}

function shortened(text: string): string {
  return text.length <= MAX_PAST_CHARS ? text : `${text.slice(0, MAX_PAST_CHARS - 1)}…`;
}
