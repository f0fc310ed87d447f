/**
 * What of each spoken item was received, cut and truncated. After playback was cleared the server is told how much was
 * really heard (protocol notes A9): never more than was received, never zero, never for an item heard to its end.
 */
import { BoundedMap } from '../../../bounded-map.js';
import { REALTIME_SAMPLES_PER_MS } from '../../../../audio/rates.js';

/** The turn whose translation an item is part of, as far as playback goes. */
type SpokenTurn = {
  readonly turnId: string;
  /** Playback of it was cleared: nothing more of it is spoken, in whatever item it comes. */
  silenced: boolean;
};

/** One spoken item of one connection. */
export type SpokenItem = {
  readonly outputId: string;
  readonly itemId: string;
  readonly turn: SpokenTurn;
  receivedSamples: number;
  /** Half a sample that ended the last delta. */
  oddByte: number | undefined;
  /** Playback of this item was cleared: what still comes of it is dropped. */
  cut: boolean;
  /** No more audio comes. */
  ended: boolean;
  /** Its response is over, so the item may be truncated. */
  responseDone: boolean;
  /** Where to truncate once the response is over. */
  truncateAtMs: number | undefined;
  /** The conversation no longer holds it: there is nothing to truncate. */
  deleted: boolean;
};

/** Items remembered behind the newest: more than a full playout queue can hold of the shortest phrases. */
const MAX_ITEMS = 1_024;

/** The spoken items of one connection, by item id and by output id. */
export class OutputItems {
  readonly #byItemId = new BoundedMap<SpokenItem>(MAX_ITEMS);
  readonly #byOutputId = new Map<string, SpokenItem>();

  /** How many items are remembered. */
  get size(): number {
    return this.#byItemId.size;
  }

  get(itemId: string): SpokenItem | undefined {
    return this.#byItemId.get(itemId);
  }

  /** Starts an item; a second start of the same id gives the first. */
  open(itemId: string, outputId: string, turn: SpokenTurn): SpokenItem {
    const known = this.#byItemId.get(itemId);
    if (known !== undefined) return known;
    const item: SpokenItem = {
      outputId,
      itemId,
      turn,
      receivedSamples: 0,
      oddByte: undefined,
      cut: turn.silenced,
      ended: false,
      responseDone: false,
      truncateAtMs: undefined,
      deleted: false,
    };
    this.#byOutputId.set(outputId, item);
    const forgotten = this.#byItemId.set(itemId, item);
    if (forgotten !== undefined) this.#byOutputId.delete(forgotten.outputId);
    return item;
  }

  /**
   * Playback of an item was cleared after `playedMs`. Returns the `audio_end_ms` to truncate at now; undefined when there
   * is nothing to truncate, or not yet (see {@link OutputItems.responseDone}).
   */
  cut(outputId: string, playedMs: number, heardToEnd: boolean, truncateAtOnce: boolean): number | undefined {
    const item = this.#byOutputId.get(outputId);
    if (item === undefined || item.cut) return undefined;
    item.cut = true;
    item.turn.silenced = true;
    if (item.deleted) return undefined;
    const receivedMs = Math.floor(item.receivedSamples / REALTIME_SAMPLES_PER_MS);
    const audioEndMs = Math.min(Math.round(playedMs), receivedMs);
    const wholeItemHeard = heardToEnd || (item.ended && audioEndMs >= receivedMs);
    if (wholeItemHeard || audioEndMs <= 0) return undefined;
    if (truncateAtOnce || item.responseDone) return audioEndMs;
    item.truncateAtMs = audioEndMs;
    return undefined;
  }

  /**
   * The response that made this item is over; returns the `audio_end_ms` that waited for it, unless it has turned out that
   * the item was heard to its end.
   */
  responseDone(item: SpokenItem): number | undefined {
    item.responseDone = true;
    item.ended = true;
    const audioEndMs = item.truncateAtMs;
    item.truncateAtMs = undefined;
    const receivedMs = Math.floor(item.receivedSamples / REALTIME_SAMPLES_PER_MS);
    return audioEndMs === undefined || audioEndMs >= receivedMs ? undefined : audioEndMs;
  }

  /** The item was deleted from the conversation; it may still be playing. */
  deleted(itemId: string): void {
    const item = this.#byItemId.get(itemId);
    if (item !== undefined) item.deleted = true;
  }

  /** The item with this output id. */
  byOutputId(outputId: string): SpokenItem | undefined {
    return this.#byOutputId.get(outputId);
  }
}

/** Decodes one base64 audio delta of an item to samples, joining a sample that was split between two deltas. */
export function decodeAudioDelta(item: Pick<SpokenItem, 'oddByte'>, base64: string): Int16Array {
  let bytes = Buffer.from(base64, 'base64');
  if (item.oddByte !== undefined) bytes = Buffer.concat([Buffer.of(item.oddByte), bytes]);
  item.oddByte = bytes.length % 2 === 1 ? bytes.at(-1) : undefined;
  const sampleCount = bytes.length >> 1;
  if (bytes.byteOffset % 2 === 0) return new Int16Array(bytes.buffer, bytes.byteOffset, sampleCount);
  const samples = new Int16Array(sampleCount);
  new Uint8Array(samples.buffer).set(bytes.subarray(0, sampleCount * 2));
  return samples;
}
