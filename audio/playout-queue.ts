import { AudioError } from './errors.js';

/** What became of an item. Milliseconds of its audio: taken in, and really played (a fade that was heard counts). */
export type PlayedItem = {
  itemId: string;
  enqueuedMs: number;
  playedMs: number;
  /** All of its audio was played, and no more was to come. */
  heardToEnd: boolean;
};

/** What one pulled frame holds. */
export type PulledFrame = {
  /** The first item heard in this frame; `undefined` when it is silence. */
  readonly itemId: string | undefined;
  /** Items whose first sample is in this frame. */
  readonly startedItemIds: readonly string[];
  /** Items that were played to their end in this frame (or ended, all played, since the last one). */
  readonly finishedItemIds: readonly string[];
};

/** Totals over a queue's life. Audio taken in = played + cleared + pending; late audio was never taken in. */
export type PlayoutStats = {
  enqueuedMs: number;
  playedMs: number;
  /** Dropped by clear() before it was played. */
  clearedMs: number;
  /** Arrived for an item that was cleared, finished or ended, and was dropped. */
  lateMs: number;
  peakPendingMs: number;
  /** Frames with silence in them although an item that had begun was not at its end. */
  underrunFrames: number;
};

/** Records kept of items that are over, newest last; the oldest are forgotten. */
const MAX_RECORDS = 512;

type Chunk = { samples: Int16Array; next: Chunk | undefined };

type QueuedItem = {
  id: string;
  head: Chunk | undefined;
  tail: Chunk | undefined;
  /** Samples of `head` already played. */
  headPlayed: number;
  enqueuedSamples: number;
  playedSamples: number;
  ended: boolean;
  next: QueuedItem | undefined;
};

/**
 * What is still to be heard on one track, owned by items: mono int16 goes in by item id in chunks of any size, frames of
 * exactly `frameMs` come out, silent where there is nothing to play. Items play in the order of their first audio; one
 * that runs dry before `endItem` holds its place. What was taken in is only ever dropped by `clear`.
 */
export class PlayoutQueue {
  readonly frameSamples: number;
  readonly #samplesPerMs: number;
  /** Gains of a fade-out, 1 towards 0 (raised cosine). */
  readonly #fadeGains: Float64Array;
  /** The faded samples that open the next frame; the first `#fadeLength` are valid. */
  readonly #fade: Int16Array;
  #fadeLength = 0;
  #fadeItemId: string | undefined;

  #first: QueuedItem | undefined;
  #last: QueuedItem | undefined;
  readonly #queued = new Map<string, QueuedItem>();
  readonly #records = new Map<string, PlayedItem>();

  /** The last frame's last sample was an item's audio: what follows must not jump. */
  #sounding = false;
  #lastSample = 0;

  #pendingSamples = 0;
  #peakPendingSamples = 0;
  #enqueuedSamples = 0;
  #playedSamples = 0;
  #clearedSamples = 0;
  #lateSamples = 0;
  #underrunFrames = 0;

  readonly #started: string[] = [];
  readonly #finished: string[] = [];
  readonly #pulled: { itemId: string | undefined } & PulledFrame = {
    itemId: undefined,
    startedItemIds: this.#started,
    finishedItemIds: this.#finished,
  };

  /**
   * @param options.sampleRateHz 48000 by default
   * @param options.frameMs length of a pulled frame, 10 by default; must be a whole number of samples
   * @param options.fadeMs length of the fade after `clear`, 10 by default and at most `frameMs`
   * @throws AudioError `bad_argument`
   */
  constructor(options: { sampleRateHz?: number; frameMs?: number; fadeMs?: number } = {}) {
    const { sampleRateHz = 48_000, frameMs = 10, fadeMs = 10 } = options;
    this.#samplesPerMs = sampleRateHz / 1000;
    this.frameSamples = frameMs * this.#samplesPerMs;
    if (!Number.isInteger(this.frameSamples) || this.frameSamples < 1) {
      throw new AudioError(
        'bad_argument',
        `a frame of ${frameMs} ms at ${sampleRateHz} Hz is not a whole number of samples`,
      );
    }
    if (!(fadeMs >= 0 && fadeMs <= frameMs)) {
      throw new AudioError('bad_argument', `fadeMs must be 0 to ${frameMs} (one frame), got ${fadeMs}`);
    }
    const fadeSamples = Math.floor(fadeMs * this.#samplesPerMs);
    this.#fade = new Int16Array(fadeSamples);
    this.#fadeGains = Float64Array.from(
      { length: fadeSamples },
      (_, i) => (1 + Math.cos((Math.PI * (i + 1)) / (fadeSamples + 1))) / 2,
    );
  }

  /** Audio that waits to be played, in milliseconds. */
  get pendingMs(): number {
    return this.#pendingSamples / this.#samplesPerMs;
  }

  /** Totals so far. */
  get stats(): PlayoutStats {
    return {
      enqueuedMs: this.#enqueuedSamples / this.#samplesPerMs,
      playedMs: this.#playedSamples / this.#samplesPerMs,
      clearedMs: this.#clearedSamples / this.#samplesPerMs,
      lateMs: this.#lateSamples / this.#samplesPerMs,
      peakPendingMs: this.#peakPendingSamples / this.#samplesPerMs,
      underrunFrames: this.#underrunFrames,
    };
  }

  /**
   * Adds audio at the end of an item; the first audio of an id puts the item in line. The samples are copied. Audio for an
   * item that was cleared, finished or ended is dropped and counted (`stats.lateMs`).
   */
  enqueue(itemId: string, pcm: Int16Array): void {
    if (pcm.length === 0) return;
    let item = this.#queued.get(itemId);
    if (this.#records.has(itemId) || item?.ended === true) {
      this.#lateSamples += pcm.length;
      return;
    }
    item ??= this.#lineUp(itemId);
    const chunk: Chunk = { samples: pcm.slice(), next: undefined };
    if (item.tail === undefined) item.head = chunk;
    else item.tail.next = chunk;
    item.tail = chunk;
    item.enqueuedSamples += pcm.length;
    this.#enqueuedSamples += pcm.length;
    this.#pendingSamples += pcm.length;
    this.#peakPendingSamples = Math.max(this.#peakPendingSamples, this.#pendingSamples);
  }

  /** Says that no more audio comes for an item, so that the next may follow it. Unknown ids are ignored. */
  endItem(itemId: string): void {
    const item = this.#queued.get(itemId);
    if (item !== undefined) item.ended = true;
  }

  /**
   * Fills `out` with the next frame.
   *
   * @param out exactly `frameSamples` samples, overwritten
   * @returns what is in it, in one object that the next pull overwrites
   * @throws AudioError `bad_argument` when `out` has another length
   */
  pull(out: Int16Array): PulledFrame {
    if (out.length !== this.frameSamples) {
      throw new AudioError('bad_argument', `out must hold ${this.frameSamples} samples, got ${out.length}`);
    }
    this.#started.length = 0;
    this.#finished.length = 0;
    const faded = this.#fadeLength;
    for (let i = 0; i < faded; i++) out[i] = this.#fade[i]!;
    this.#pulled.itemId = this.#fadeItemId;
    this.#fadeLength = 0;
    this.#fadeItemId = undefined;

    let at = faded;
    for (let item = this.#first; item !== undefined; item = this.#first) {
      const begun = at;
      at = this.#play(item, out, at);
      if (at > begun) {
        this.#pulled.itemId ??= item.id;
        if (item.playedSamples === at - begun) this.#started.push(item.id);
      }
      if (item.head !== undefined || !item.ended) break;
      this.#finish(item);
    }
    this.#sounding = at > faded && at === out.length;
    this.#lastSample = out[out.length - 1]!;
    if (at < out.length) {
      out.fill(0, at);
      if (this.#first !== undefined && this.#first.playedSamples > 0) this.#underrunFrames++;
    }
    return this.#pulled;
  }

  /**
   * Drops everything that is queued. If an item was sounding, the next pulled frame opens with a fade-out of at most
   * `fadeMs`, made from what would have come next of it (held at its last sample where that runs out); after it comes
   * silence, or the next item enqueued.
   *
   * @param fades false where nothing of the item is heard any more
   * @returns every dropped item, oldest first; `playedMs` includes the fade
   */
  clear(fades = true): readonly PlayedItem[] {
    if (fades && this.#sounding) this.#fadeOut();
    this.#sounding = false;
    const dropped: PlayedItem[] = [];
    for (let item = this.#first; item !== undefined; item = item.next) {
      const unplayed = item.enqueuedSamples - item.playedSamples;
      this.#clearedSamples += unplayed;
      dropped.push(this.#close(item));
    }
    this.#first = undefined;
    this.#last = undefined;
    this.#pendingSamples = 0;
    return dropped;
  }

  /** Milliseconds of an item that were played so far; of the last few hundred that are over too. 0 for unknown ids. */
  playedMs(itemId: string): number {
    const item = this.#queued.get(itemId);
    if (item !== undefined) return item.playedSamples / this.#samplesPerMs;
    return this.#records.get(itemId)?.playedMs ?? 0;
  }

  #lineUp(itemId: string): QueuedItem {
    const item: QueuedItem = {
      id: itemId,
      head: undefined,
      tail: undefined,
      headPlayed: 0,
      enqueuedSamples: 0,
      playedSamples: 0,
      ended: false,
      next: undefined,
    };
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    this.#queued.set(itemId, item);
    return item;
  }

  /** Plays an item into `out` from `at` on, as far as both reach. Returns where it stopped. */
  #play(item: QueuedItem, out: Int16Array, at: number): number {
    let to = at;
    for (let chunk = item.head; chunk !== undefined && to < out.length; chunk = item.head) {
      const { samples } = chunk;
      const end = Math.min(samples.length, item.headPlayed + out.length - to);
      for (let from = item.headPlayed; from < end;) out[to++] = samples[from++]!;
      item.headPlayed = end;
      if (end < samples.length) break;
      item.head = chunk.next;
      item.headPlayed = 0;
      if (chunk.next === undefined) item.tail = undefined;
    }
    const played = to - at;
    item.playedSamples += played;
    this.#playedSamples += played;
    this.#pendingSamples -= played;
    return to;
  }

  #fadeOut(): void {
    const item = this.#first;
    const fade = this.#fade;
    let length = 0;
    // An item that has not begun is not begun for a fade.
    if (item !== undefined && item.playedSamples > 0) {
      length = this.#play(item, fade, 0);
      if (length > 0) this.#fadeItemId = item.id;
    }
    fade.fill(length > 0 ? fade[length - 1]! : this.#lastSample, length);
    for (let i = 0; i < fade.length; i++) fade[i] = Math.round(fade[i]! * this.#fadeGains[i]!);
    this.#fadeLength = fade.length;
  }

  /** Takes the first item, which is over, out of the line. */
  #finish(item: QueuedItem): void {
    this.#first = item.next;
    if (item.next === undefined) this.#last = undefined;
    this.#finished.push(item.id);
    this.#close(item);
  }

  #close(item: QueuedItem): PlayedItem {
    const record: PlayedItem = {
      itemId: item.id,
      enqueuedMs: item.enqueuedSamples / this.#samplesPerMs,
      playedMs: item.playedSamples / this.#samplesPerMs,
      heardToEnd: item.ended && item.playedSamples === item.enqueuedSamples,
    };
    this.#queued.delete(item.id);
    this.#records.set(item.id, record);
    if (this.#records.size > MAX_RECORDS) {
      for (const oldest of this.#records.keys()) {
        this.#records.delete(oldest);
        break;
      }
    }
    return record;
  }
}
