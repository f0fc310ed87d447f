import type { Clock } from '../../clock.js';
import { changesBetween, type RouteSpec } from '../../interpreter/plan/routes.js';
import { EventEmitter, type EventSource, type OnListenerError } from '../../events.js';
import { LiveRoute, type LiveRouteOptions } from './live-route.js';
import type { EngineSettings } from './route-engine.js';
import type { AudioChunk } from '../../realtime/uplink/audio-chunk.js';
import { settledWithin } from '../../settled-within.js';

/** How long a route that closes may take to translate and hand over what was said. */
export const DRAIN_MS = 20_000;
/** A session whose speaker has been silent for so long may make room for another. */
const SPARE_AFTER_MS = 3_000;
/** A live session takes about a second to open again, for which speech is kept. */
const LIVE_QUIET_MS = 60_000;

/** What a set of routes is made of: what its routes share, and the cap. */
type RouteSetOptions = Omit<LiveRouteOptions, 'spec' | 'speakerName'> & {
  clock: Clock;
  /** Sessions that may be open at a time, those that are finishing included. */
  maxSessions: number;
  /** Since when this person has been silent, as far as it matters for closing; undefined while they speak. */
  quietSinceMs: (speakerId: string) => number | undefined;
  onListenerError?: OnListenerError | undefined;
};

/** What happens to a set of routes. */
type RouteSetEvents = {
  /** There are too many sessions for this route, and none is idle. Told once until it opens after all. */
  refused: [route: LiveRoute];
};

/** The routes of one meeting as they live: brought in line with each plan, with a cap on sessions that are open. */
export class RouteSet {
  readonly #options: RouteSetOptions;
  readonly #events: EventEmitter<RouteSetEvents>;
  #engines: EngineSettings | undefined;
  /** Failures of sessions of routes that are gone. */
  #pastFailures = 0;
  readonly #routes = new Map<string, LiveRoute>();
  readonly #bySpeaker = new Map<string, LiveRoute[]>();
  readonly #finishing = new Map<Promise<void>, LiveRoute>();
  readonly #refused = new Set<string>();

  constructor(options: RouteSetOptions) {
    this.#options = options;
    this.#events = new EventEmitter(options.onListenerError);
    this.#engines = options.engines;
  }

  get events(): EventSource<RouteSetEvents> {
    return this.#events;
  }

  /** The routes as they are now. */
  get all(): readonly LiveRoute[] {
    return [...this.#routes.values()];
  }

  /** Sessions that may be open at a time. */
  get maxSessions(): number {
    return this.#options.maxSessions;
  }

  /** How often sessions failed, and with them their route, until the next one. */
  get failures(): number {
    let failures = this.#pastFailures;
    for (const route of this.#routes.values()) failures += route.failures;
    return failures;
  }

  /** Other engines from now on: a route whose engine changes takes a new session in its speaker's next pause. */
  configureEngines(engines: EngineSettings): void {
    this.#engines = engines;
    for (const route of this.#routes.values()) route.configureEngine(engines);
  }

  /** The routes as planned. */
  get specs(): RouteSpec[] {
    return [...this.#routes.values()].map(({ spec }) => spec);
  }

  /** Keys of routes that have no session although they need one: it failed, or was refused. */
  get stopped(): ReadonlySet<string> {
    const failed = [...this.#routes].flatMap(([key, route]) => (route.failed ? [key] : []));
    return new Set([...this.#refused, ...failed]);
  }

  /** Sessions that are open or finishing. */
  get sessionCount(): number {
    let count = this.#finishing.size;
    for (const route of this.#routes.values()) if (route.isOpen) count++;
    return count;
  }

  /** The routes of one speaker, those that most people need first. */
  of(speakerId: string): readonly LiveRoute[] {
    return this.#bySpeaker.get(speakerId) ?? [];
  }

  /** Brings the routes in line with a plan. Those that stay are told what changed, and otherwise left alone. */
  apply(specs: readonly RouteSpec[], nameOf: (speakerId: string) => string): void {
    const { close, open } = changesBetween(this.specs, specs);
    for (const { key } of close) {
      const route = this.#routes.get(key);
      this.#routes.delete(key);
      this.#refused.delete(key);
      if (route === undefined) continue;
      this.#pastFailures += route.failures;
      void this.finish(route);
    }
    for (const spec of open) {
      this.#routes.set(
        spec.key,
        new LiveRoute({
          ...this.#options,
          ...(this.#engines === undefined ? {} : { engines: this.#engines }),
          spec,
          speakerName: nameOf(spec.speakerId),
        }),
      );
    }
    for (const spec of specs) this.#routes.get(spec.key)?.update(spec, nameOf(spec.speakerId));
    this.#bySpeaker.clear();
    for (const route of this.#routes.values()) {
      const { speakerId } = route.spec;
      this.#bySpeaker.set(speakerId, [...this.of(speakerId), route]);
    }
    for (const routes of this.#bySpeaker.values()) {
      routes.sort((a, b) => b.spec.listenerIds.length - a.spec.listenerIds.length);
    }
  }

  /** Sends every session what it is to be told, where that has changed. */
  refresh(): void {
    for (const route of this.#routes.values()) route.refresh();
  }

  /** Opens a route's session and gives it the words that were said already, unless it must wait or the cap is reached. */
  open(route: LiveRoute, preRoll: (take: (chunk: AudioChunk) => void) => void): void {
    if (!route.mayOpen) return;
    const { maxSessions } = this.#options;
    const { key } = route.spec;
    if (this.sessionCount >= maxSessions) {
      const roomComes = this.#finishing.size > 0 || this.#closeLongestIdle();
      if (roomComes || this.#refused.has(key)) return;
      this.#refused.add(key);
      this.#events.emit('refused', route);
      return;
    }
    this.#refused.delete(key);
    route.open();
    preRoll((chunk) => {
      route.push(chunk);
    });
  }

  /**
   * Closes sessions whose speakers have been silent for `quietMs`, when all that was said is translated; live ones sooner, since
   * their silence costs as much as speech; those that another engine is to take over from, in their first pause.
   */
  closeQuiet(quietMs: number): void {
    for (const route of this.#routes.values()) {
      const forMs = this.#quietForMs(route);
      const enoughMs = route.engine === 'live' ? Math.min(quietMs, LIVE_QUIET_MS) : quietMs;
      if (forMs >= enoughMs || (forMs >= SPARE_AFTER_MS && route.outdated)) void this.finish(route);
    }
  }

  /** Ends a route's session, what was said first. */
  async finish(route: LiveRoute, drainMs: number = DRAIN_MS): Promise<void> {
    if (!route.isOpen) return;
    const finishing = route.close(drainMs);
    this.#finishing.set(finishing, route);
    await finishing;
    this.#finishing.delete(finishing);
  }

  /** Ends all of it, what was said first, within `drainMs`. */
  async close(drainMs: number): Promise<void> {
    for (const route of this.#routes.values()) void this.finish(route, drainMs);
    this.#routes.clear();
    this.#bySpeaker.clear();
    const finished = Promise.all(this.#finishing.keys());
    if (drainMs > 0) await settledWithin(finished, drainMs, this.#options.clock);
    for (const route of this.#finishing.values()) route.abandon();
    await finished;
  }

  #quietForMs(route: LiveRoute): number {
    if (!route.isOpen || !route.idle) return -Infinity;
    const sinceMs = this.#options.quietSinceMs(route.spec.speakerId);
    return sinceMs === undefined ? -Infinity : this.#options.clock.nowMs() - sinceMs;
  }

  /**
   * Makes room for another session: the longest silent one of those that only write down, else of all. Returns false when
   * all are in use or finishing.
   */
  #closeLongestIdle(): boolean {
    const spare = [...this.#routes.values()]
      .map((route) => ({ route, quietMs: this.#quietForMs(route), translates: route.spec.to !== undefined }))
      .filter(({ quietMs }) => quietMs >= SPARE_AFTER_MS)
      .sort((a, b) => Number(a.translates) - Number(b.translates) || b.quietMs - a.quietMs);
    const longest = spare[0]?.route;
    if (longest === undefined) return false;
    void this.finish(longest, 0); // nothing is left to translate
    return true;
  }
}
