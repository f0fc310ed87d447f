import { Ducker, PlayoutQueue, type PlayoutStats, type PulledFrame } from '../../../audio/index.js';
import type { CutItem } from '../../realtime/session.js';
import { Backlog, type Phrase, type SaidTurn } from './backlog.js';
import { BargeIn, type BargeInPolicy } from './barge-in.js';

/** One frame of playout: 10 ms at 48 kHz. */
export const FRAME_MS = 10;
export const FRAME_SAMPLES = 480;
/** A sample beyond this is heard (-60 dBFS). */
const AUDIBLE = 33;
/** While more than this waits, what is asked for is to be spoken faster. */
const HURRY_ABOVE_MS = 4_000;
const DEFAULT_CAPACITY_MS = 120_000;

/** Audio of a phrase that stays away so long is given up, when another phrase waits behind it. */
const STALL_MS = 2_000;

/**
 * Why something was not spoken to its end: somebody talked over it, too much was waiting, the rest of it did not come, its
 * owner takes it back, or the voice itself is gone.
 */
export type CutReason = 'barge_in' | 'backlog' | 'stalled' | 'withheld' | 'gone';

/** A route as its voice sees it. Times are of the meeting's clock. */
export interface ChannelClient {
  readonly speakerId: string;
  /** The item's first frame is played; `audible` frames are louder than -60 dBFS. */
  onStarted(outputId: string, atMs: number): void;
  onAudible(outputId: string, atMs: number): void;
  /** The item was heard to its end, which was then; that it was the end may have been known only later. */
  onFinished(outputId: string, atMs: number): void;
  /** These items are not played any further; the last of them is over at `untilMs`. */
  onCut(items: readonly CutItem[], untilMs: number, why: CutReason): void;
  /** Playback is full: nothing further should be asked for until told otherwise. */
  onHold(hold: boolean): void;
  /** Playback has fallen behind: what is asked for from now on should be spoken faster, until told otherwise. */
  onHurry(hurry: boolean): void;
}

/** How a voice behaves. */
export type OutputChannelOptions = {
  bargeIn: BargeInPolicy;
  /** How long speech lasts before it silences playback; 0, at once, by default. */
  bargeInMinMs?: number;
  /** What silenced playback and is over after so long gives the word back; 0, never, by default. */
  backchannelMaxMs?: number;
  /**
   * How long a phrase may wait before it begins: while the newest would wait longer, the oldest that has not begun becomes
   * captions only. Absent: all is spoken, however late, and nobody is asked to hurry.
   */
  maxBacklogMs?: number;
  /** How much may wait before everyone is asked to hold, 120 s by default. */
  capacityMs?: number;
};

/**
 * Takes a frame that is published: 480 samples of 48 kHz, valid during the call, heard at `atMs`. What a microphone picks up of
 * it is echo.
 */
export type FrameListener = (frame: Int16Array, atMs: number) => void;

/** `playedToMs`: what was played of it last ended then; undefined before the first frame. */
type Item = { readonly client: ChannelClient; audible: boolean; playedToMs: number | undefined };

/**
 * One voice of the interpreter, which several routes speak through: one phrase at a time, in the order in which they were
 * said, with a pause where another speaker's begins. It is turned down and cleared when someone barges in, hurries when it falls behind, and leaves the oldest phrases
 * to captions when it falls too far behind. It knows what was really heard of every item, and tells the route that owns it.
 */
export class OutputChannel {
  readonly #queue = new PlayoutQueue();
  readonly #ducker = new Ducker();
  /** Fades what waits for the end of a sound that may be a backchannel. */
  readonly #fader = new Ducker({ levelDb: -Infinity, attackMs: FRAME_MS, releaseMs: FRAME_MS });
  readonly #bargeIn: BargeIn;
  #maxBacklogMs: number | undefined;
  readonly #capacityMs: number;
  readonly #backlog = new Backlog<ChannelClient>();
  /** The phrase that is being spoken. */
  #current: { readonly turnId: string; readonly client: ChannelClient } | undefined;
  readonly #items = new Map<string, Item>(); // what is queued of it, oldest first
  readonly #clients = new Set<ChannelClient>();
  readonly #wakeListeners = new Set<() => void>();
  #holding = false;
  #hurrying = false;
  #fading = false;
  /** What is being spoken waits, since then. */
  #heldSinceMs: number | undefined;
  #holds = 0;
  #gone = false;
  /** For how long the phrase that is being spoken has been without audio. */
  #dryMs = 0;
  /** For how long nothing has been played. */
  #silentMs = Infinity;
  #nextAtMs = 0;
  /** Played so far, silence included: stands still while the connection is down, when nobody could hear anything. */
  #playedMs = 0;
  #frameListeners: readonly FrameListener[] = [];
  #listenerErrors = 0;

  constructor({
    bargeIn,
    bargeInMinMs = 0,
    backchannelMaxMs = 0,
    maxBacklogMs,
    capacityMs = DEFAULT_CAPACITY_MS,
  }: OutputChannelOptions) {
    this.#bargeIn = new BargeIn({ policy: bargeIn, minMs: bargeInMinMs, backchannelMaxMs });
    this.#maxBacklogMs = maxBacklogMs;
    this.#capacityMs = capacityMs;
  }

  /**
   * Calls `listener` with every frame as it is published, silence included. Returns a function that stops it. A listener that
   * throws is counted.
   */
  onFrame(listener: FrameListener): () => void {
    this.#frameListeners = [...this.#frameListeners, listener];
    return () => {
      this.#frameListeners = this.#frameListeners.filter((other) => other !== listener);
    };
  }

  /** How many times a listener has thrown. */
  get listenerErrors(): number {
    return this.#listenerErrors;
  }

  /** Of the queue that is played, over the channel's life. */
  get stats(): Readonly<PlayoutStats> {
    return this.#queue.stats;
  }

  /** From now on; what is queued or sounding goes on. Absent fields are as where the channel is made. */
  configure({ bargeIn, bargeInMinMs = 0, backchannelMaxMs = 0, maxBacklogMs }: OutputChannelOptions): void {
    this.#bargeIn.configure({ policy: bargeIn, minMs: bargeInMinMs, backchannelMaxMs });
    this.#maxBacklogMs = maxBacklogMs;
    this.#regulate();
  }

  /** How many times a translation waited for the end of a sound over it. */
  get holds(): number {
    return this.#holds;
  }

  /** Nothing is queued, sounding or fading. */
  get idle(): boolean {
    return this.#items.size === 0 && this.#backlog.waitingMs === 0 && !this.#fading;
  }

  /** Calls `listener` when something is said to this voice while it is idle. Returns the way back. */
  onWake(listener: () => void): () => void {
    this.#wakeListeners.add(listener);
    return () => this.#wakeListeners.delete(listener);
  }

  /** Milliseconds that wait to be heard. */
  get pendingMs(): number {
    return this.#queue.pendingMs + this.#backlog.waitingMs;
  }

  /** From now on the client is asked to hold and to hurry. */
  join(client: ChannelClient): void {
    this.#clients.add(client);
    if (this.#holding) client.onHold(true);
    if (this.#hurrying) client.onHurry(true);
  }

  /** Nothing more is to come from this client; what it said is spoken. */
  leave(client: ChannelClient): void {
    this.#clients.delete(client);
    this.#backlog.forget(client);
  }

  /** A turn has been said: what was said later waits for its translation, for a moment. */
  expect(client: ChannelClient, turn: SaidTurn): void {
    if (this.#current?.turnId === turn.turnId && this.#current.client === client) return; // it is being spoken
    this.#backlog.expect(turn, client);
  }

  /** Queues 48 kHz mono PCM16 of one item of a turn's translation. The samples are copied. */
  say(client: ChannelClient, turn: SaidTurn, outputId: string, pcm: Int16Array): void {
    if (pcm.length === 0) return;
    const wasIdle = this.idle;
    if (this.#current?.turnId === turn.turnId && this.#current.client === client) {
      if (!this.#items.has(outputId))
        this.#items.set(outputId, { client, audible: false, playedToMs: undefined });
      this.#queue.enqueue(outputId, pcm);
    } else {
      this.#backlog.add(turn, client, outputId, pcm, this.#playedMs);
    }
    this.#limit();
    this.#regulate();
    if (wasIdle) for (const listener of this.#wakeListeners) listener();
  }

  /** No more audio comes for this item. */
  end(outputId: string): void {
    this.#queue.endItem(outputId);
    this.#backlog.endItem(outputId);
  }

  /** Nothing more of this turn's translation is to come. */
  settle(turnId: string): void {
    this.#backlog.settle(turnId);
  }

  /** Nothing more of this turn's translation is heard: what sounds or waits of it is cut. */
  withhold(client: ChannelClient, turnId: string): void {
    const sounds = this.#current?.client === client && this.#current.turnId === turnId;
    const cut = sounds ? this.#stop() : [];
    this.#fading ||= cut.length > 0;
    const waiting = this.#backlog.takeAll((phrase) => phrase.owner === client && phrase.turnId === turnId);
    cut.push(...waiting.flatMap(unheard));
    this.#backlog.settle(turnId);
    if (cut.length > 0) client.onCut(cut, this.#nextAtMs + FRAME_MS, 'withheld');
    this.#regulate();
  }

  /** Nothing more of what this client has said is heard, and it is not told: it takes its translations back itself. */
  withdraw(client: ChannelClient): void {
    if (this.#current?.client === client) this.#fading ||= this.#stop().length > 0;
    this.#backlog.takeAll(({ owner }) => owner === client);
    this.#backlog.forget(client);
    this.#regulate();
  }

  /**
   * Somebody who hears this voice speaks, for `lastedMs` until now; 0 when they stopped. Turns the voice down, has it wait or
   * clears it if the policy says so, and returns whether it was cleared.
   */
  heard(speakerId: string, lastedMs: number): boolean {
    if (!this.#bargeIn.heard(speakerId, lastedMs, this.spokenFor)) return false;
    this.#cut((client) => this.#bargeIn.clears(speakerId, client.speakerId), 'barge_in');
    return true;
  }

  /** Somebody who hears this voice said words over it, however short: it is cleared if the policy says so. */
  interrupt(speakerId: string): void {
    const { spokenFor } = this;
    if (spokenFor === undefined || !this.#bargeIn.clears(speakerId, spokenFor)) return;
    this.#cut((client) => this.#bargeIn.clears(speakerId, client.speakerId), 'barge_in');
  }

  /** It was silenced: nothing that is said to it is heard. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Nobody hears this voice any more: whatever it still had to say is cut. */
  silence(): void {
    this.#gone = true;
    this.#cut(() => true, 'gone');
    this.#fading = false;
  }

  /** Fills `out` with the frame of 480 samples that is heard at `atMs`. */
  pull(out: Int16Array, atMs: number): void {
    this.#nextAtMs = atMs;
    this.#limit();
    this.#giveUpStalled();
    if (this.#items.size === 0) this.#next();
    const pulled = this.#follow(atMs) ? nothing(out) : this.#queue.pull(out);
    this.#silentMs = pulled.itemId === undefined ? this.#silentMs + FRAME_MS : 0;
    if (this.#current !== undefined) this.#ducker.duck(this.#bargeIn.ducks(this.#current.client.speakerId));
    this.#ducker.process(out);
    this.#fader.process(out);
    this.#fading = false;
    this.#nextAtMs = atMs + FRAME_MS;
    this.#playedMs += FRAME_MS;
    for (const outputId of pulled.startedItemIds) {
      const item = this.#items.get(outputId);
      if (item !== undefined) item.playedToMs = this.#nextAtMs;
      item?.client.onStarted(outputId, atMs);
    }
    if (pulled.itemId !== undefined) {
      const item = this.#items.get(pulled.itemId);
      if (item !== undefined) item.playedToMs = this.#nextAtMs;
      if (item?.audible === false && isAudible(out)) {
        item.audible = true;
        item.client.onAudible(pulled.itemId, atMs);
      }
    }
    for (const outputId of pulled.finishedItemIds) {
      const item = this.#items.get(outputId);
      this.#items.delete(outputId);
      item?.client.onFinished(outputId, item.playedToMs ?? this.#nextAtMs);
    }
    this.#regulate();
    for (const listener of this.#frameListeners) {
      try {
        listener(out, atMs);
      } catch {
        this.#listenerErrors++;
      }
    }
  }

  /** Whose words are being spoken, or about to be; undefined where nothing is. */
  get spokenFor(): string | undefined {
    const client = this.#items.size > 0 ? this.#current?.client : this.#backlog.firstOwner;
    return client?.speakerId;
  }

  /** What is being spoken waits, or goes on from where it was silenced. Returns whether it is silent: its fade is over. */
  #follow(atMs: number): boolean {
    const wasHeld = this.#held;
    const holds = this.#current !== undefined && this.#bargeIn.holds(this.#current.client.speakerId);
    if (holds && !this.#held) this.#holds++;
    this.#heldSinceMs = holds ? (this.#heldSinceMs ?? atMs + FRAME_MS) : undefined;
    this.#fader.duck(holds);
    return wasHeld && holds;
  }

  get #held(): boolean {
    return this.#heldSinceMs !== undefined;
  }

  /** Begins the next phrase, if one is ready. */
  #next(): void {
    const phrase = this.#backlog.take(this.#playedMs, this.#silentMs);
    if (phrase === undefined) {
      if (this.#backlog.waitingMs === 0) this.#bargeIn.silent();
      return;
    }
    const { turnId, owner: client } = phrase;
    this.#current = { turnId, client };
    if (!this.#fading && !this.#bargeIn.ducks(client.speakerId)) this.#ducker.reset();
    for (const { outputId, chunks, ended } of phrase.items) {
      this.#items.set(outputId, { client, audible: false, playedToMs: undefined });
      for (const chunk of chunks) this.#queue.enqueue(outputId, chunk);
      if (ended) this.#queue.endItem(outputId);
    }
  }

  /** Leaves the oldest phrases to captions, so that the newest is not too late. */
  #limit(): void {
    if (this.#maxBacklogMs === undefined) return;
    for (;;) {
      const phrase = this.#backlog.takeOverdue(this.#queue.pendingMs, this.#maxBacklogMs, this.#playedMs);
      if (phrase === undefined) return;
      phrase.owner.onCut(unheard(phrase), this.#nextAtMs, 'backlog');
    }
  }

  /** One speaker's connection that has come to a halt does not keep the others waiting. */
  #giveUpStalled(): void {
    const dry = this.#items.size > 0 && this.#queue.pendingMs === 0 && this.#backlog.waitingMs > 0;
    this.#dryMs = dry ? this.#dryMs + FRAME_MS : 0;
    const client = this.#current?.client;
    if (this.#dryMs > STALL_MS && client !== undefined) client.onCut(this.#stop(), this.#nextAtMs, 'stalled');
  }

  /** Ends the phrase that is being spoken. */
  #stop(): CutItem[] {
    const items = this.#queue
      .clear(!this.#held)
      .map(({ itemId, playedMs, heardToEnd }) => ({ outputId: itemId, playedMs, heardToEnd }));
    this.#items.clear();
    this.#current = undefined;
    this.#dryMs = 0;
    return items;
  }

  /** Cuts what is being spoken, and what waits of those that `which` names. */
  #cut(which: (client: ChannelClient) => boolean, why: CutReason): void {
    const cutByClient = new Map<ChannelClient, CutItem[]>();
    const current = this.#current?.client;
    const untilMs = this.#heldSinceMs ?? this.#nextAtMs + FRAME_MS;
    const items = this.#stop();
    if (current !== undefined && items.length > 0) cutByClient.set(current, items);
    for (const phrase of this.#backlog.takeAll(({ owner }) => which(owner))) {
      cutByClient.set(phrase.owner, [...(cutByClient.get(phrase.owner) ?? []), ...unheard(phrase)]);
    }
    this.#fading = true;
    this.#bargeIn.silent();
    for (const [client, cut] of cutByClient) client.onCut(cut, untilMs, why);
    this.#regulate();
  }

  /** Asks for what the present backlog calls for, where that has changed. */
  #regulate(): void {
    const { pendingMs } = this;
    const hold = pendingMs >= this.#capacityMs;
    if (hold !== this.#holding) {
      this.#holding = hold;
      for (const client of this.#clients) client.onHold(hold);
    }
    const hurry = this.#maxBacklogMs !== undefined && pendingMs > HURRY_ABOVE_MS;
    if (hurry === this.#hurrying) return;
    this.#hurrying = hurry;
    for (const client of this.#clients) client.onHurry(hurry);
  }
}

const NOTHING: PulledFrame = { itemId: undefined, startedItemIds: [], finishedItemIds: [] };

function nothing(out: Int16Array): PulledFrame {
  out.fill(0);
  return NOTHING;
}

function unheard(phrase: Phrase<ChannelClient>): CutItem[] {
  return phrase.items.map(({ outputId }) => ({ outputId, playedMs: 0, heardToEnd: false }));
}

function isAudible(frame: Int16Array): boolean {
  for (const sample of frame) {
    if (sample > AUDIBLE || sample < -AUDIBLE) return true;
  }
  return false;
}
