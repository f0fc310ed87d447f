import { REALTIME_RATE_HZ, REALTIME_SAMPLES_PER_MS, ROOM_RATE_HZ } from '../../audio/rates.js';
import { StreamingResampler } from '../../audio/index.js';
import { BoundedMap } from '../bounded-map.js';
import type { Clock } from '../clock.js';
import { type ChannelClient, OutputChannel } from '../interpreter/playback/output-channel.js';
import { OutputItems, type SpokenItem } from '../realtime/conversation/turns/output-items.js';
import type { CutItem } from '../realtime/session.js';

/** Speech in the room turns the voice down at once; that it clears it is for the server to say. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

const MAX_TURNS = 64;

type RoomVoiceOptions = {
  clock: Clock;
  speakerId: string;
  /** An item was cut after so many milliseconds, of more that its server has made. */
  onCut: (itemId: string, audioEndMs: number) => void;
};

type Speaking = {
  readonly responseId: string;
  readonly item: SpokenItem;
  readonly resampler: StreamingResampler;
};

/**
 * The agent's voice in a room: what the model speaks is queued and played as an interpreter's is, and when it is cut, it is known
 * what was heard of it. Needs `loadResampler()` to have resolved.
 */
export class RoomVoice implements ChannelClient {
  readonly speakerId: string;
  readonly channel: OutputChannel;
  readonly #options: RoomVoiceOptions;
  readonly #items = new OutputItems();
  readonly #turns = new BoundedMap<{ turnId: string; silenced: boolean }>(MAX_TURNS);
  /** Items whose audio is still coming. */
  readonly #speaking = new Map<string, Speaking>();
  /** Responses of which something waits or sounds, and how many of their items do. */
  readonly #sounding = new Map<string, Set<string>>();

  constructor(options: RoomVoiceOptions) {
    this.#options = options;
    this.speakerId = options.speakerId;
    this.channel = new OutputChannel({ bargeIn: 'any', bargeInMinMs: NEVER_MS });
    this.channel.join(this);
  }

  /** Whether people who speak turn the voice down. */
  setGivesWay(givesWay: boolean): void {
    this.channel.configure({ bargeIn: givesWay ? 'any' : 'off', bargeInMinMs: NEVER_MS });
  }

  /** Nothing waits or sounds. */
  get idle(): boolean {
    return this.channel.idle;
  }

  /** More of an item, 24 kHz; what comes of one that was cut is dropped. */
  say(responseId: string, itemId: string, pcm: Int16Array): void {
    const item = this.#items.open(itemId, itemId, this.#turnOf(responseId));
    item.receivedSamples += pcm.length;
    if (item.cut || item.ended || pcm.length === 0) return;
    let speaking = this.#speaking.get(itemId);
    if (speaking === undefined) {
      speaking = { responseId, item, resampler: new StreamingResampler(REALTIME_RATE_HZ, ROOM_RATE_HZ) };
      this.#speaking.set(itemId, speaking);
      const sounding = this.#sounding.get(responseId) ?? new Set();
      this.#sounding.set(responseId, sounding.add(itemId));
    }
    this.#play(speaking, speaking.resampler.process(pcm));
  }

  /** No more audio comes of an item. */
  end(itemId: string): void {
    const speaking = this.#speaking.get(itemId);
    if (speaking === undefined) return;
    this.#speaking.delete(itemId);
    speaking.item.ended = true;
    if (!speaking.item.cut) this.#play(speaking, speaking.resampler.flush());
    speaking.resampler.close();
    this.channel.end(itemId);
  }

  /** Nothing more comes of a response. */
  responseDone(responseId: string): void {
    for (const [itemId, speaking] of [...this.#speaking])
      if (speaking.responseId === responseId) this.end(itemId);
  }

  /** The connection is gone: what has come is played, and nothing more comes. */
  connectionLost(): void {
    for (const itemId of [...this.#speaking.keys()]) this.end(itemId);
  }

  /** Nothing more of what was said so far is heard. */
  cut(): void {
    for (const responseId of [...this.#sounding.keys()]) this.channel.withhold(this, responseId);
    this.#sounding.clear();
  }

  /** Nothing is heard any more. */
  close(): void {
    this.channel.silence();
    this.connectionLost();
    this.#sounding.clear();
  }

  onStarted(): void {
    // Nobody asks when it began.
  }

  onAudible(): void {
    // Nobody asks when it was heard.
  }

  onFinished(outputId: string): void {
    this.#over(outputId);
  }

  onCut(items: readonly CutItem[]): void {
    for (const { outputId: itemId, playedMs, heardToEnd } of items) {
      const audioEndMs = this.#items.cut(itemId, playedMs, heardToEnd, true);
      this.#over(itemId);
      if (audioEndMs !== undefined) this.#options.onCut(itemId, audioEndMs);
    }
  }

  onHold(): void {
    // One response is made at a time: the queue is as long as that is.
  }

  onHurry(): void {
    // The pace is the program's to choose.
  }

  /** How much of an item has come, in milliseconds. */
  receivedMs(itemId: string): number {
    return Math.floor((this.#items.get(itemId)?.receivedSamples ?? 0) / REALTIME_SAMPLES_PER_MS);
  }

  #play({ responseId, item }: Speaking, pcm: Int16Array): void {
    const turn = { turnId: responseId, endMs: this.#options.clock.nowMs() };
    this.channel.say(this, turn, item.itemId, pcm);
  }

  /** All items of a response are silenced together. */
  #turnOf(responseId: string): { turnId: string; silenced: boolean } {
    const known = this.#turns.get(responseId);
    if (known !== undefined) return known;
    const turn = { turnId: responseId, silenced: false };
    this.#turns.set(responseId, turn);
    return turn;
  }

  #over(itemId: string): void {
    for (const [responseId, items] of this.#sounding) {
      items.delete(itemId);
      if (items.size === 0) this.#sounding.delete(responseId);
    }
  }
}
