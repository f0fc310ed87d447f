/**
 * One voice of the interpreter: a playout queue that several routes speak through, cleared when someone barges in. It
 * knows what was really heard of every item, and tells the route that owns it.
 */
import { PlayoutQueue } from '../../audio/index.js';
import type { CutItem } from '../realtime/session.js';
import { type BargeInPolicy, clearsPlayback } from './barge-in.js';

/** One frame of playout: 10 ms at 48 kHz. */
export const FRAME_MS = 10;
export const FRAME_SAMPLES = 480;
/** A sample beyond this is heard (-60 dBFS). */
const AUDIBLE = 33;

/** A route as its voice sees it. Times are of the meeting's clock. */
export interface VoiceClient {
  readonly speakerId: string;
  /** The item's first frame is played; `audible` frames are louder than -60 dBFS. */
  onStarted(outputId: string, atMs: number): void;
  onAudible(outputId: string, atMs: number): void;
  /** The item was heard to its end. */
  onFinished(outputId: string, atMs: number): void;
  /** Playback was cleared; the last of it is over at `untilMs`. */
  onCut(items: readonly CutItem[], untilMs: number): void;
  /** Playback is full: nothing further should be asked for until told otherwise. */
  onHold(hold: boolean): void;
}

type Item = { client: VoiceClient; audible: boolean };

/** See the file's comment. */
export class Voice {
  readonly #queue: PlayoutQueue;
  readonly #policy: BargeInPolicy;
  readonly #items = new Map<string, Item>(); // what is queued, oldest first
  readonly #clients = new Set<VoiceClient>();
  #holding = false;
  #fading = false;
  #nextAtMs = 0;
  /**
   * Told of every frame as it is published, silence included: 480 samples of 48 kHz, valid during the call, heard at
   * `atMs`. What a microphone picks up of it is echo.
   */
  onPulled: ((frame: Int16Array, atMs: number) => void) | undefined;

  constructor(options: { bargeIn: BargeInPolicy; capacityMs?: number }) {
    this.#policy = options.bargeIn;
    this.#queue = new PlayoutQueue(
      options.capacityMs === undefined ? {} : { capacityMs: options.capacityMs },
    );
  }

  /** Nothing is queued, sounding or fading. */
  get idle(): boolean {
    return this.#items.size === 0 && !this.#fading;
  }

  /** Milliseconds that wait to be heard. */
  get pendingMs(): number {
    return this.#queue.pendingMs;
  }

  /** From now on the client hears of holds. */
  join(client: VoiceClient): void {
    this.#clients.add(client);
    if (this.#holding) client.onHold(true);
  }

  leave(client: VoiceClient): void {
    this.#clients.delete(client);
  }

  /** Queues 48 kHz mono PCM16 of one item behind what is queued. The samples are copied. */
  say(client: VoiceClient, outputId: string, pcm: Int16Array): void {
    if (pcm.length === 0) return;
    if (!this.#items.has(outputId)) this.#items.set(outputId, { client, audible: false });
    this.#queue.enqueue(outputId, pcm);
    if (!this.#holding && !this.#queue.hasRoom) this.#hold(true);
  }

  /** No more audio comes for this item. */
  end(outputId: string): void {
    this.#queue.endItem(outputId);
  }

  /** Someone started to speak: clears playback if the policy says so. Returns whether it did. */
  speechStarted(speakerId: string): boolean {
    const current = this.#items.values().next().value;
    if (current === undefined || !clearsPlayback(this.#policy, speakerId, current.client.speakerId))
      return false;
    this.#clear();
    return true;
  }

  /** Fills `out` with the frame of 480 samples that is heard at `atMs`. */
  pull(out: Int16Array, atMs: number): void {
    const pulled = this.#queue.pull(out);
    this.#fading = false;
    this.#nextAtMs = atMs + FRAME_MS;
    for (const outputId of pulled.startedItemIds) this.#items.get(outputId)?.client.onStarted(outputId, atMs);
    if (pulled.itemId !== undefined) {
      const item = this.#items.get(pulled.itemId);
      if (item?.audible === false && isAudible(out)) {
        item.audible = true;
        item.client.onAudible(pulled.itemId, atMs);
      }
    }
    for (const outputId of pulled.finishedItemIds) {
      const item = this.#items.get(outputId);
      this.#items.delete(outputId);
      item?.client.onFinished(outputId, this.#nextAtMs);
    }
    if (this.#holding && this.#queue.hasRoom) this.#hold(false);
    this.onPulled?.(out, atMs);
  }

  #clear(): void {
    const cutByClient = new Map<VoiceClient, CutItem[]>();
    for (const { itemId, playedMs, heardToEnd } of this.#queue.clear()) {
      const client = this.#items.get(itemId)?.client;
      if (client === undefined) continue;
      const cut = cutByClient.get(client) ?? [];
      cut.push({ outputId: itemId, playedMs, heardToEnd });
      cutByClient.set(client, cut);
    }
    this.#items.clear();
    this.#fading = true;
    for (const [client, items] of cutByClient) client.onCut(items, this.#nextAtMs + FRAME_MS);
    if (this.#holding) this.#hold(false);
  }

  #hold(hold: boolean): void {
    this.#holding = hold;
    for (const client of this.#clients) client.onHold(hold);
  }
}

function isAudible(frame: Int16Array): boolean {
  for (const sample of frame) {
    if (sample > AUDIBLE || sample < -AUDIBLE) return true;
  }
  return false;
}
