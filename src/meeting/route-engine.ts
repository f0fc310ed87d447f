/** The engine of one route as it goes: the one that suits it, or the other while that one keeps failing. */
import type { Clock } from '../clock.js';
import type { ParleyError } from '../errors.js';
import {
  chooseEngine,
  type EngineChoice,
  type EngineDecision,
  type EngineName,
  type EngineNeed,
} from '../interpreter/engine.js';
import type { RouteSpec } from '../interpreter/routes.js';

/** Failures in a row, of sessions or of translations, after which an engine is left alone. */
const FAILURES = 3;
/** For how long; then it is tried again, with the next session. */
const LEFT_ALONE_MS = 600_000;

/** Which engines interpret a meeting. */
export type EngineSettings = {
  asked: EngineChoice;
  /** Engines that there are none of, and why, in words that go after their name: `is not deployed: set …`. */
  missing: ReadonlyMap<EngineName, string>;
  /** US dollars per hour, see `cost/hourly.ts`; undefined where nothing is billed or the price is not known. */
  usdPerHour?: (engine: EngineName, transcribes: boolean) => number | undefined;
};

/** The conversation engine, and nothing else. */
export const CONVERSATION_ONLY: EngineSettings = {
  asked: 'conversation',
  missing: new Map([['translate', 'is not used here']]),
};

type Failing = { count: number; untilMs: number; why: string };

/** See the file's comment. */
export class RouteEngine {
  readonly #clock: Clock;
  readonly #settings: EngineSettings;
  readonly #failing = new Map<EngineName, Failing>();

  constructor(clock: Clock, settings: EngineSettings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** What the route's next session is opened with, as things are now. */
  decide({ to, back }: RouteSpec, needs: readonly EngineNeed[], writesOnly = false): EngineDecision {
    const { asked, missing } = this.#settings;
    const unfit = new Map(missing);
    const nowMs = this.#clock.nowMs();
    for (const [engine, { untilMs, why }] of this.#failing) if (untilMs > nowMs) unfit.set(engine, why);
    return chooseEngine({ asked, to, twoWay: back !== undefined, writesOnly, needs, unfit });
  }

  /** A session of `engine` failed, or could not be opened; without an error, a translation failed. */
  failed(engine: EngineName, error?: ParleyError): void {
    const failing = this.#failing.get(engine) ?? { count: 0, untilMs: -Infinity, why: '' };
    this.#failing.set(engine, failing);
    failing.count++;
    // The other engine takes the same key: nothing is gained by asking it.
    if (error?.code === 'key_refused') return;
    const hopeless = error?.retryable === false;
    if (!hopeless && failing.count < FAILURES) return;
    failing.untilMs = this.#clock.nowMs() + LEFT_ALONE_MS;
    failing.why = hopeless
      ? `does not work here: ${error.message}`
      : `failed ${failing.count} times in a row`;
  }

  /** A translation of `engine` succeeded. */
  worked(engine: EngineName): void {
    const failing = this.#failing.get(engine);
    if (failing !== undefined) failing.count = 0;
  }
}
