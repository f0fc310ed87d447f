/**
 * Bots that somebody reads here and that may run on another machine: what happens there comes into this machine's feeds, from
 * whichever machine has the bot. Where that cannot be reached, readers get what the database keeps.
 */
import type { Clock } from '../../clock.js';
import type { Database } from '../../database/database.js';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../log.js';
import { isOver } from '../../records/store/bot-states.js';
import { type BotRow, findBotById } from '../../records/store/bots.js';
import { findWorker } from '../../records/store/workers.js';
import { settledWithin } from '../../settled-within.js';
import { type FeedCopy, idOf, type LiveFeed } from '../events/live-feed.js';
import type { LiveFeeds } from '../events/live-feeds.js';
import type { MeetingSnapshot } from '../events/meeting-picture.js';
import { botOf } from '../http/bots/bot-views.js';
import { keptCopy } from './kept-copy.js';
import type { OpenPeerFeed, PeerMessage } from './peer-feed.js';

/** A bot's row is read so often: where it is, and what it is. */
const CHECK_MS = 1_000;
/** Without readers for so long, nothing comes any more. */
const LINGER_MS = 10_000;
/** A reader waits so long for the machine that has the bot, and what the database has in its place. */
const READY_MS = 2_000;

/** What is needed to follow bots. */
export type FollowedBotsOptions = {
  readonly database: Database;
  readonly feeds: LiveFeeds;
  /** This machine's own id: what runs here comes into the feeds by itself. */
  readonly workerId: string;
  readonly runsHere: (botId: string) => boolean;
  readonly openFeed: OpenPeerFeed;
  readonly clock: Clock;
  readonly log: Logger;
};

/** See the head of this file. */
export class FollowedBots {
  readonly #options: FollowedBotsOptions;
  readonly #followed = new Map<string, FollowedBot>();
  #isClosed = false;

  constructor(options: FollowedBotsOptions) {
    this.#options = options;
  }

  /** Bots that are followed. */
  get count(): number {
    return this.#followed.size;
  }

  /** Follows a bot as long as it has readers, which may begin when this resolves: in two seconds at most. Never rejects. */
  async follow({ id, state }: BotRow): Promise<void> {
    if (this.#isClosed || isOver(state)) return;
    let followed = this.#followed.get(id);
    if (followed === undefined || followed.isEnding) {
      const made = new FollowedBot(id, this.#options);
      followed = made;
      this.#followed.set(id, made);
      void made.run().then(() => {
        if (this.#followed.get(id) === made) this.#followed.delete(id);
      });
    }
    await settledWithin(followed.ready, READY_MS, this.#options.clock);
  }

  /** How a meeting on another machine stands now, as that says or else the database; undefined for one that is on none. */
  async snapshotOf(bot: BotRow): Promise<(MeetingSnapshot & { readonly lastId: string }) | undefined> {
    const { database, feeds, openFeed } = this.#options;
    if (!isElsewhere(bot, this.#options.workerId)) return undefined;
    if (this.#followed.has(bot.id)) {
      await this.follow(bot);
      return feeds.find(bot.id)?.snapshot;
    }
    const address = await addressOf(database, bot);
    const copy =
      (address === undefined
        ? undefined
        : await firstCopy(openFeed(address, bot.id, AbortSignal.timeout(READY_MS)))) ??
      (await keptCopy(database.orm, bot.id, { epoch: 0, seq: 0 }));
    return copy === undefined ? undefined : { ...copy.snapshot, lastId: idOf(copy.last) };
  }

  /** Follows nothing any more; feeds stay as they are. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#followed.values()].map((each) => each.close()));
  }
}

/** A feed of another machine that is being read. */
type Upstream = { readonly workerId: string; readonly abort: AbortController; readonly over: Promise<void> };

class FollowedBot {
  /** Resolves when the feed has what can be had now. */
  readonly ready: Promise<void>;
  readonly #botId: string;
  readonly #options: FollowedBotsOptions;
  #isReady: () => void = () => undefined;
  #upstream: Upstream | undefined;
  #wake: () => void = () => undefined;
  #isClosed = false;
  #isEnding = false;
  #running: Promise<void> | undefined;
  #reported = '';

  constructor(botId: string, options: FollowedBotsOptions) {
    this.#botId = botId;
    this.#options = options;
    this.ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
  }

  /** Nothing comes from here any more. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  get #feed(): LiveFeed {
    return this.#options.feeds.feedOf(this.#botId);
  }

  /** Resolves when nobody reads any more, or the bot is over. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { feeds, runsHere, clock, log } = this.#options;
    let readMs = clock.nowMs();
    while (!this.#isClosed) {
      if (this.#feed.readers > 0) readMs = clock.nowMs();
      else if (clock.nowMs() - readMs > LINGER_MS) break;
      try {
        if (!(await this.#check())) break;
      } catch (err) {
        log.debug({ err, botId: this.#botId }, 'where a bot is cannot be read now');
      }
      await this.#pause();
    }
    this.#isEnding = true;
    this.#isReady();
    this.#upstream?.abort.abort();
    await this.#upstream?.over;
    if (!runsHere(this.#botId)) feeds.release(this.#botId);
  }

  /** False where the bot is over. Rejects where the database is away: what comes goes on coming. */
  async #check(): Promise<boolean> {
    const { database, feeds, workerId } = this.#options;
    const bot = await findBotById(database.orm, this.#botId);
    if (bot === undefined || isOver(bot.state)) {
      if (bot !== undefined) this.#feed.tell('bot', botOf(bot));
      feeds.finish(this.#botId);
      return false;
    }
    this.#feed.tell('bot', botOf(bot));
    if (!isElsewhere(bot, workerId)) {
      this.#upstream?.abort.abort();
      this.#isReady();
    } else if (this.#upstream?.workerId !== bot.workerId) await this.#connect(bot);
    return true;
  }

  /** Reads the feed of the machine that has the bot. */
  async #connect(bot: BotRow): Promise<void> {
    const { database, clock } = this.#options;
    const workerId = bot.workerId!;
    this.#upstream?.abort.abort();
    const address = await addressOf(database, bot);
    if (address === undefined) {
      this.#upstream = undefined;
      await this.#readKept(bot);
      return;
    }
    const abort = new AbortController();
    const sinceMs = clock.nowMs();
    const over = this.#read(address, bot, abort.signal).then(async (hasRead) => {
      if (this.#upstream?.abort === abort) this.#upstream = undefined;
      if (abort.signal.aborted) return;
      // One that was read to its end is looked for at once: the bot is over, or on another machine.
      if (!hasRead) await this.#readKept(bot).catch(() => undefined);
      else if (clock.nowMs() - sinceMs > CHECK_MS) this.#wake();
    });
    this.#upstream = { workerId, abort, over };
  }

  /** Whether the machine said anything. Never rejects. */
  async #read(address: string, bot: BotRow, signal: AbortSignal): Promise<boolean> {
    const { openFeed, log } = this.#options;
    let hasRead = false;
    try {
      for await (const message of openFeed(address, this.#botId, signal)) {
        if (signal.aborted) break;
        hasRead = true;
        if (message.type === 'copy') {
          this.#feed.restore(message.copy, botOf(bot));
          this.#isReady();
        } else if (message.type === 'event') this.#feed.push(message.at.epoch, message.event);
        else this.#feed.tell(message.type, message.data);
      }
    } catch (err) {
      const why = messageOf(err);
      if (!signal.aborted && why !== this.#reported)
        log.warn(
          { err, botId: this.#botId, address },
          'a meeting on another machine cannot be followed live',
        );
      this.#reported = why;
    }
    return hasRead;
  }

  /** Readers get what the database has of the meeting. */
  async #readKept(bot: BotRow): Promise<void> {
    const copy = await keptCopy(this.#options.database.orm, this.#botId, this.#feed.last);
    if (copy !== undefined) this.#feed.restore(copy, botOf(bot));
    this.#isReady();
  }

  #pause(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimer(resolve, CHECK_MS);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}

function isElsewhere({ workerId, state }: BotRow, own: string): boolean {
  return workerId !== null && workerId !== own && !isOver(state);
}

/** Where the machine that has a bot is reached; undefined where it is not. */
async function addressOf({ orm }: Database, { workerId }: BotRow): Promise<string | undefined> {
  const worker = workerId === null ? undefined : await findWorker(orm, workerId);
  return worker?.state === 'gone' ? undefined : (worker?.address ?? undefined);
}

/** How the meeting stands; undefined where the machine does not say. */
async function firstCopy(feed: AsyncIterable<PeerMessage>): Promise<FeedCopy | undefined> {
  try {
    for await (const message of feed) if (message.type === 'copy') return message.copy;
  } catch {
    // The database has the rest.
  }
  return undefined;
}
