import type { BotEvent } from '../../bot/event-log.js';
import type { Clock } from '../../clock.js';
import { Problem } from '../http/problem.js';
import { LiveFeed, type Position } from './live-feed.js';

/** Streams that are open at the same time, in all and of one caller. */
const MAX_STREAMS = 2_000;
const MAX_STREAMS_OF_ONE = 500;

/** What is counted of event streams. */
export type StreamCounts = {
  readonly open: number;
  readonly closedSlow: number;
  readonly coalesced: number;
  readonly refused: number;
};

/** The feeds of all meetings that run here. */
export class LiveFeeds {
  readonly #clock: Clock;
  readonly #feeds = new Map<string, LiveFeed>();
  readonly #openOf = new Map<string, number>();
  #open = 0;
  #closedSlow = 0;
  #coalesced = 0;
  #refused = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get counts(): StreamCounts {
    return {
      open: this.#open,
      closedSlow: this.#closedSlow,
      coalesced: this.#coalesced,
      refused: this.#refused,
    };
  }

  /** The feed of a bot; made where there is none. */
  feedOf(botId: string): LiveFeed {
    const known = this.#feeds.get(botId);
    if (known !== undefined) return known;
    const feed = new LiveFeed(this.#clock, (change, end, coalesced = 0) => {
      this.#open += change;
      this.#coalesced += coalesced;
      if (end === 'slow') this.#closedSlow++;
    });
    this.#feeds.set(botId, feed);
    return feed;
  }

  /** The feed of a bot that has one. */
  find(botId: string): LiveFeed | undefined {
    return this.#feeds.get(botId);
  }

  push(botId: string, epoch: number, event: BotEvent): void {
    this.feedOf(botId).push(epoch, event);
  }

  /** The meeting is over: its readers get what waits, and its events are forgotten. */
  finish(botId: string): void {
    this.#feeds.get(botId)?.end('ended');
    this.#feeds.delete(botId);
  }

  /** The meeting runs here no more, but elsewhere: without readers its events are forgotten. */
  release(botId: string): void {
    if (this.#feeds.get(botId)?.readers === 0) this.#feeds.delete(botId);
  }

  /** A stream for a caller. Throws Problem `too_many_streams` where there are too many of them. */
  open(
    botId: string,
    options: {
      caller: string;
      types?: readonly string[] | undefined;
      after?: Position | undefined;
      about: unknown;
    },
  ): ReadableStream<Uint8Array> {
    const { caller, ...about } = options;
    const own = this.#openOf.get(caller) ?? 0;
    if (this.#open >= MAX_STREAMS || own >= MAX_STREAMS_OF_ONE) {
      this.#refused++;
      throw new Problem('too_many_streams', 'too many event streams are open: close some', {
        retryAfterS: 10,
      });
    }
    this.#openOf.set(caller, own + 1);
    return this.feedOf(botId).open({
      ...about,
      onClose: () => {
        const rest = (this.#openOf.get(caller) ?? 1) - 1;
        if (rest <= 0) this.#openOf.delete(caller);
        else this.#openOf.set(caller, rest);
      },
    });
  }

  /** The service ends. */
  close(): void {
    for (const feed of this.#feeds.values()) feed.end('closing');
    this.#feeds.clear();
  }
}
