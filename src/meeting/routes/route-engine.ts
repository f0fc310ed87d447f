import type { Clock } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import {
  chooseEngine,
  type EngineChoice,
  type EngineDecision,
  type EngineNeed,
} from '../../interpreter/plan/engine.js';
import type { EngineName, OutputLanguages, PerEngine } from '../../realtime/engines.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';

/** Failures in a row, of sessions or of translations, after which an engine is left alone. */
const FAILURES = 3;
/** For how long; then it is tried again, with the next session. */
const LEFT_ALONE_MS = 600_000;

/** Which engines interpret a meeting. */
export type EngineSettings = {
  asked: EngineChoice;
  /** Engines that there are none of, and why, in words that go after their name: `is not deployed: set …`. */
  missing: ReadonlyMap<EngineName, string>;
  /** What each translates into; absent: what the engine of that name does elsewhere. */
  outputLanguages?: PerEngine<OutputLanguages>;
  /** US dollars per hour, see `cost/hourly.ts`; undefined where nothing is billed or the price is not known. */
  usdPerHour?: (engine: EngineName, transcribes: boolean) => number | undefined;
};

/** The conversation engine, and nothing else. */
export const CONVERSATION_ONLY: EngineSettings = {
  asked: 'conversation',
  missing: new Map([
    ['translate', 'is not used here'],
    ['live', 'is not used here'],
  ]),
};

type Failing = { count: number; untilMs: number; why: string };

/** The engine of one route as it goes: the one that suits it, or the other while that one keeps failing. */
export class RouteEngine {
  readonly #clock: Clock;
  #settings: EngineSettings;
  readonly #failing = new Map<EngineName, Failing>();

  constructor(clock: Clock, settings: EngineSettings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** For sessions to come. What is held against an engine stays. */
  configure(settings: EngineSettings): void {
    this.#settings = settings;
  }

  /** What the route's next session is opened with, as things are now, or were `without` unfit. */
  decide(
    { to, back }: RouteSpec,
    needs: readonly EngineNeed[],
    writesOnly = false,
    without?: EngineName,
  ): EngineDecision {
    const { asked, missing, outputLanguages } = this.#settings;
    const unfit = new Map(missing);
    const nowMs = this.#clock.nowMs();
    for (const [engine, { untilMs, why }] of this.#failing) if (untilMs > nowMs) unfit.set(engine, why);
    if (without !== undefined) unfit.set(without, 'is left out');
    return chooseEngine({
      ...{ asked, to, twoWay: back !== undefined, writesOnly, needs, unfit, outputLanguages },
    });
  }

  /**
   * A session of `engine` failed; without an error, a translation failed. One that could not be opened has tried for long: that
   * is enough.
   */
  failed(engine: EngineName, error?: ParleyError, neverOpened = false): void {
    const failing = this.#failing.get(engine) ?? { count: 0, untilMs: -Infinity, why: '' };
    this.#failing.set(engine, failing);
    failing.count++;
    // Another engine takes the same key: nothing is gained by asking it. Live sessions may be what this key is not for.
    if (error?.code === 'key_refused' && engine !== 'live') return;
    const hopeless = error?.retryable === false;
    if (!hopeless && !neverOpened && failing.count < FAILURES) return;
    failing.untilMs = this.#clock.nowMs() + LEFT_ALONE_MS;
    failing.why = whyLeftAlone(error, neverOpened, failing.count);
  }

  /** It is left alone at present. */
  isLeftAlone(engine: EngineName): boolean {
    const untilMs = this.#failing.get(engine)?.untilMs;
    return untilMs !== undefined && untilMs > this.#clock.nowMs();
  }

  /** A translation of `engine` succeeded. */
  worked(engine: EngineName): void {
    const failing = this.#failing.get(engine);
    if (failing !== undefined) failing.count = 0;
  }
}

function whyLeftAlone(error: ParleyError | undefined, neverOpened: boolean, count: number): string {
  if (error?.retryable === false) return `does not work here: ${error.message}`;
  if (error !== undefined && neverOpened) return `cannot be reached: ${error.message}`;
  return `failed ${count} times in a row`;
}
