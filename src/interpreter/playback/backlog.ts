import { ROOM_SAMPLES_PER_MS } from '../../../audio/rates.js';

/** A turn of a speaker as its translation is queued: `endMs` is when it had been said. */
export type SaidTurn = { readonly turnId: string; readonly endMs: number };

/** Audio of one spoken item, 48 kHz mono PCM16. */
type WaitingItem = { readonly outputId: string; readonly chunks: Int16Array[]; ended: boolean };

/** One turn's translation before it is spoken. */
export type Phrase<Owner> = {
  readonly turnId: string;
  readonly owner: Owner;
  readonly saidUntilMs: number;
  /** Empty while nothing of it has come. */
  readonly items: WaitingItem[];
  readyAtMs: number;
  waitingMs: number;
};

/** Silence between the words of two speakers, or of one in two languages: who listens hears that another one begins. */
export const PAUSE_MS = 300;
/** How long a translation waits for one that was said earlier and has not come yet. */
const ORDER_WAIT_MS = 1_000;
/** Turns that ended so close to each other have no order: two sessions hear one speaker's end a little differently. */
const SAME_TIME_MS = 100;

/**
 * What waits to be spoken by one voice: a phrase per turn, in the order in which the turns were said. A translation that
 * is ready before one that was said earlier waits for it, for a moment.
 * Times are those of the voice: the audio that it has played, silence included.
 */
export class Backlog<Owner> {
  /** By `saidUntilMs`; of equals, the one that was told first. */
  readonly #phrases: Phrase<Owner>[] = [];
  #waitingMs = 0;
  #lastOwner: Owner | undefined;

  /** Audio that waits, in milliseconds. */
  get waitingMs(): number {
    return this.#waitingMs;
  }

  /** Whose phrase is the first that has audio. */
  get firstOwner(): Owner | undefined {
    return this.#phrases.find(({ items }) => items.length > 0)?.owner;
  }

  /** A turn has been said: its translation is to come. */
  expect(turn: SaidTurn, owner: Owner): void {
    this.#connectionUp(turn, owner);
  }

  /** Audio of a turn's translation. The samples are copied. */
  add(turn: SaidTurn, owner: Owner, outputId: string, pcm: Int16Array, atMs: number): void {
    const phrase = this.#connectionUp(turn, owner);
    if (phrase.items.length === 0) phrase.readyAtMs = atMs;
    let item = phrase.items.find((known) => known.outputId === outputId);
    if (item === undefined) {
      item = { outputId, chunks: [], ended: false };
      phrase.items.push(item);
    }
    item.chunks.push(pcm.slice());
    phrase.waitingMs += pcm.length / ROOM_SAMPLES_PER_MS;
    this.#waitingMs += pcm.length / ROOM_SAMPLES_PER_MS;
  }

  /** No more audio comes for this item. */
  endItem(outputId: string): void {
    for (const { items } of this.#phrases) {
      const item = items.find((known) => known.outputId === outputId);
      if (item !== undefined) item.ended = true;
    }
  }

  /** Nothing more is to come of this turn: it is not waited for. */
  settle(turnId: string): void {
    this.#remove((phrase) => phrase.turnId === turnId && phrase.items.length === 0);
  }

  /** Nothing more comes from this owner; what has come is spoken. */
  forget(owner: Owner): void {
    if (this.#lastOwner === owner) this.#lastOwner = undefined;
    this.#remove((phrase) => phrase.owner === owner && phrase.items.length === 0);
  }

  /**
   * Takes the phrase that is to be spoken next, unless there is none or another one is waited for: one said earlier, or, of
   * those said at the same time, one of whoever was not the last to be spoken for. Another owner's than the last waits until
   * the voice has been silent for {@link PAUSE_MS}; `silentMs` is for how long it has.
   */
  take(atMs: number, silentMs = Infinity): Phrase<Owner> | undefined {
    const ready = this.#phrases.find(({ items }) => items.length > 0);
    if (ready === undefined) return undefined;
    const next = this.#before(ready) ?? ready;
    const mayWait = atMs - ready.readyAtMs < ORDER_WAIT_MS;
    if (next.items.length === 0 && mayWait) return undefined;
    const phrase = next.items.length === 0 ? ready : next;
    if (phrase.owner !== this.#lastOwner && silentMs < PAUSE_MS) return undefined;
    this.#remove((other) => other === phrase);
    this.#lastOwner = phrase.owner;
    return phrase;
  }

  /**
   * Takes the oldest phrase out if any would have waited more than `limitMs` when it begins; `aheadMs` of audio is before
   * all of them, and pauses are between. To be called until nothing is returned.
   */
  takeOverdue(aheadMs: number, limitMs: number, atMs: number): Phrase<Owner> | undefined {
    let oldest: Phrase<Owner> | undefined;
    let previous = aheadMs > 0 ? this.#lastOwner : undefined;
    let beforeMs = aheadMs;
    for (const phrase of this.#phrases) {
      if (phrase.items.length === 0) continue;
      oldest ??= phrase;
      if (previous !== undefined && previous !== phrase.owner) beforeMs += PAUSE_MS;
      previous = phrase.owner;
      if (atMs - phrase.readyAtMs + beforeMs > limitMs) {
        this.#remove((other) => other === oldest);
        return oldest;
      }
      beforeMs += phrase.waitingMs;
    }
    return undefined;
  }

  /** Takes every phrase out that has audio and that `which` names, oldest first. */
  takeAll(which: (phrase: Phrase<Owner>) => boolean): Phrase<Owner>[] {
    return this.#remove((phrase) => phrase.items.length > 0 && which(phrase));
  }

  /** The phrase that goes before the first that is ready. */
  #before(ready: Phrase<Owner>): Phrase<Owner> | undefined {
    const first = this.#phrases[0]!;
    if (first.saidUntilMs < ready.saidUntilMs - SAME_TIME_MS) return first;
    if (ready.owner !== this.#lastOwner) return undefined;
    return this.#phrases.find(
      ({ owner, saidUntilMs }) =>
        owner !== this.#lastOwner && saidUntilMs <= ready.saidUntilMs + SAME_TIME_MS,
    );
  }

  #connectionUp({ turnId, endMs }: SaidTurn, owner: Owner): Phrase<Owner> {
    const known = this.#phrases.find((phrase) => phrase.turnId === turnId && phrase.owner === owner);
    if (known !== undefined) return known;
    const phrase: Phrase<Owner> = {
      turnId,
      owner,
      saidUntilMs: endMs,
      items: [],
      readyAtMs: 0,
      waitingMs: 0,
    };
    let at = this.#phrases.length;
    while (at > 0 && this.#phrases[at - 1]!.saidUntilMs > endMs) at--;
    this.#phrases.splice(at, 0, phrase);
    return phrase;
  }

  #remove(which: (phrase: Phrase<Owner>) => boolean): Phrase<Owner>[] {
    const removed: Phrase<Owner>[] = [];
    for (let at = 0; at < this.#phrases.length;) {
      const phrase = this.#phrases[at]!;
      if (!which(phrase)) at++;
      else {
        this.#phrases.splice(at, 1);
        this.#waitingMs -= phrase.waitingMs;
        removed.push(phrase);
      }
    }
    if (this.#phrases.length === 0) this.#waitingMs = 0;
    return removed;
  }
}
