/**
 * The event feeds of all windows of this browser: one connection for each meeting, whoever watches it. Browsers open six
 * connections to a host over all tabs, so few feeds are open at once: those that were looked at last.
 */
import { OVER } from '../api/types.js';
import { EMPTY, FEED_EVENTS, type FeedState, reduce } from './feed-state.js';

/** Feeds that are open at the same time; the other connections are for requests. */
const MAX_OPEN = 3;
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000] as const;

/** How a feed stands. `paused`: too many others are looked at. `over`: nothing more comes. */
export type Connection = 'connecting' | 'open' | 'lost' | 'paused' | 'over' | 'signed-out';

/** From a window to the hub. */
export type HubRequest =
  | { readonly type: 'watch'; readonly botId: string }
  | { readonly type: 'unwatch'; readonly botId: string }
  /** Try at once: the network is back, or somebody looks again. */
  | { readonly type: 'wake' };
/** From the hub to a window. */
export type HubMessage = { readonly botId: string } & (
  | { readonly type: 'state'; readonly state: FeedState; readonly connection: Connection }
  | { readonly type: 'event'; readonly name: string; readonly data: unknown }
  | { readonly type: 'connection'; readonly connection: Connection }
);

/** A window. */
export interface HubPort {
  send(message: HubMessage): void;
}

/** What the hub needs of its surroundings. */
export type HubOptions = {
  /** A connection to the events of a bot: a snapshot first, then what comes. */
  readonly openSource: (botId: string) => EventSource;
  /** How the service answers for a bot whose feed was refused. */
  readonly check: (botId: string) => Promise<'live' | 'over' | 'signed-out' | 'unreachable'>;
  readonly setTimer: (callback: () => void, ms: number) => number;
  readonly clearTimer: (timer: number) => void;
};

type Feed = {
  readonly botId: string;
  readonly watchers: Set<HubPort>;
  state: FeedState;
  connection: Connection;
  source: EventSource | undefined;
  failures: number;
  timer: number | undefined;
  /** Which watch it was: the latest is looked at last. */
  watched: number;
};

/** See above. */
export class FeedHub {
  readonly #options: HubOptions;
  readonly #feeds = new Map<string, Feed>();
  #watches = 0;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** Does what a window asks for. */
  handle(port: HubPort, request: HubRequest): void {
    if (request.type === 'watch') this.#watch(port, request.botId);
    else if (request.type === 'unwatch') this.#unwatch(port, request.botId);
    else for (const feed of this.#feeds.values()) this.#wake(feed);
  }

  /** A window is gone. */
  drop(port: HubPort): void {
    for (const { botId } of [...this.#feeds.values()]) this.#unwatch(port, botId);
  }

  #watch(port: HubPort, botId: string): void {
    const known = this.#feeds.get(botId);
    const feed: Feed = known ?? {
      ...{ botId, watchers: new Set<HubPort>(), state: EMPTY, connection: 'connecting' },
      ...{ source: undefined, failures: 0, timer: undefined, watched: 0 },
    };
    this.#feeds.set(botId, feed);
    feed.watchers.add(port);
    feed.watched = ++this.#watches;
    if (feed.source === undefined && feed.timer === undefined && feed.connection !== 'over') this.#open(feed);
    port.send({ type: 'state', botId, state: feed.state, connection: feed.connection });
    this.#pauseOthers();
  }

  #unwatch(port: HubPort, botId: string): void {
    const feed = this.#feeds.get(botId);
    if (feed === undefined || !feed.watchers.delete(port) || feed.watchers.size > 0) return;
    this.#close(feed);
    this.#feeds.delete(botId);
    this.#resumePaused();
  }

  #open(feed: Feed): void {
    const { botId } = feed;
    const source = this.#options.openSource(botId);
    feed.source = source;
    this.#connection(feed, feed.connection === 'lost' ? 'lost' : 'connecting');
    source.onopen = () => {
      if (feed.source !== source) return;
      feed.failures = 0;
      this.#connection(feed, 'open');
    };
    source.onerror = () => {
      if (feed.source === source) this.#failed(feed, source);
    };
    for (const name of FEED_EVENTS)
      source.addEventListener(name, (event: MessageEvent<string>) => {
        if (feed.source === source) this.#event(feed, name, event);
      });
  }

  #event(feed: Feed, name: string, event: MessageEvent<string>): void {
    const data = parsed(event.data);
    feed.state = reduce(feed.state, name, data);
    for (const watcher of feed.watchers) watcher.send({ type: 'event', botId: feed.botId, name, data });
  }

  /** A browser tries again by itself, but not after a refusal: then the service is asked why, and a new connection is made. */
  #failed(feed: Feed, source: EventSource): void {
    if (OVER.has(feed.state.bot?.state ?? '')) {
      this.#close(feed);
      this.#connection(feed, 'over');
      return;
    }
    this.#connection(feed, 'lost');
    if (source.readyState !== 2) return;
    source.close();
    feed.source = undefined;
    void this.#options.check(feed.botId).then((answer) => {
      if (this.#feeds.get(feed.botId) !== feed || feed.source !== undefined || feed.connection === 'paused')
        return;
      if (answer === 'over' || answer === 'signed-out') {
        this.#connection(feed, answer);
        return;
      }
      const waitMs = WAITS_MS[Math.min(feed.failures++, WAITS_MS.length - 1)]!;
      feed.timer = this.#options.setTimer(() => {
        feed.timer = undefined;
        this.#open(feed);
      }, waitMs);
    });
  }

  #wake(feed: Feed): void {
    if (feed.timer === undefined) return;
    this.#cancelTimer(feed);
    this.#open(feed);
  }

  #pauseOthers(): void {
    const open = [...this.#feeds.values()].filter(({ connection }) => isOpenOrOpening(connection));
    open.sort((a, b) => b.watched - a.watched);
    for (const feed of open.slice(MAX_OPEN)) {
      this.#close(feed);
      this.#connection(feed, 'paused');
    }
  }

  #resumePaused(): void {
    const paused = [...this.#feeds.values()].filter(({ connection }) => connection === 'paused');
    const [latest] = paused.sort((a, b) => b.watched - a.watched);
    const open = [...this.#feeds.values()].filter(({ connection }) => isOpenOrOpening(connection)).length;
    if (latest !== undefined && open < MAX_OPEN) this.#open(latest);
  }

  #close(feed: Feed): void {
    this.#cancelTimer(feed);
    feed.source?.close();
    feed.source = undefined;
  }

  #cancelTimer(feed: Feed): void {
    if (feed.timer !== undefined) this.#options.clearTimer(feed.timer);
    feed.timer = undefined;
  }

  #connection(feed: Feed, connection: Connection): void {
    if (feed.connection === connection) return;
    feed.connection = connection;
    for (const watcher of feed.watchers) watcher.send({ type: 'connection', botId: feed.botId, connection });
  }
}

function isOpenOrOpening(connection: Connection): boolean {
  return connection === 'open' || connection === 'connecting' || connection === 'lost';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
