import { REALTIME_SAMPLES_PER_MS } from '../../../../audio/rates.js';
import { decodeAudioDelta, OutputItems, type SpokenItem } from './output-items.js';
import type { ServerEventOf } from '../../protocol/server-events.js';
import type { CutItem } from '../../session.js';
import type { Turn } from './turn-ledger.js';
import type { TurnTakingOptions } from './turn-taking-options.js';

/** Spoken items of one response; no sane one has more than a few. */
const MAX_ITEMS_OF_RESPONSE = 64;

/**
 * The spoken side of the translations of one connection: audio is handed on by item, and what was not heard is taken back.
 */
export class OutputAudio {
  readonly #options: TurnTakingOptions;
  readonly #items = new OutputItems();
  #closed = false;

  constructor(options: TurnTakingOptions) {
    this.#options = options;
  }

  /** Something has been spoken on this connection. */
  get hasSpoken(): boolean {
    return this.#items.size > 0;
  }

  /** Audio of a response to `turn`, whose items so far are `made`. */
  audio(event: ServerEventOf<'response.output_audio.delta'>, turn: Turn, made: Set<SpokenItem>): void {
    const { counters, events, keyPrefix } = this.#options;
    if (made.size > MAX_ITEMS_OF_RESPONSE) {
      counters.lateDeltas++;
      return;
    }
    const item = this.#items.open(event.item_id, `${keyPrefix}/${event.item_id}`, turn);
    made.add(item);
    const pcm = decodeAudioDelta(item, event.delta);
    counters.audioReceivedMs += pcm.length / REALTIME_SAMPLES_PER_MS;
    if (item.cut || item.ended || turn.unwanted) {
      if (!item.ended) item.receivedSamples += pcm.length;
      counters.lateDeltas++;
      return;
    }
    item.receivedSamples += pcm.length;
    if (pcm.length === 0) return;
    turn.spoke = true;
    events.emit('audio', { turnId: turn.turnId, outputId: item.outputId, pcm });
  }

  /** No more audio comes of this item. */
  itemDone(itemId: string): void {
    const item = this.#items.get(itemId);
    if (item !== undefined) this.#end(item);
  }

  /** The response that made this item is over: what waited for that is sent. */
  responseDone(item: SpokenItem): void {
    this.#end(item);
    this.#truncate(item, this.#items.responseDone(item));
  }

  /** Playback of an item was cleared. */
  cut({ outputId, playedMs, heardToEnd }: CutItem): void {
    const known = this.#items.byOutputId(outputId);
    if (known === undefined) return;
    const atOnce = this.#options.responses === 'server';
    this.#truncate(known, this.#items.cut(outputId, playedMs, heardToEnd, atOnce));
  }

  /** The conversation no longer holds this item. */
  deleted(itemId: string): void {
    this.#items.deleted(itemId);
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#closed = true;
  }

  #end(item: SpokenItem): void {
    if (item.ended) return;
    item.ended = true;
    if (!item.cut) {
      this.#options.events.emit('audioEnded', { turnId: item.turn.turnId, outputId: item.outputId });
    }
  }

  #truncate(item: SpokenItem, audioEndMs: number | undefined): void {
    if (audioEndMs === undefined || this.#closed) return;
    this.#options.counters.truncations++;
    this.#options.send({
      type: 'conversation.item.truncate',
      item_id: item.itemId,
      content_index: 0,
      audio_end_ms: audioEndMs,
    });
  }
}
