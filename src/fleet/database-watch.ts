import type { Clock } from '../clock.js';
import { RETURN_MS } from './claim-times.js';

/** A database that takes longer to answer is away; one that is busy is not, or nobody would be replaced on a busy machine. */
const ANSWER_MS = 3_000;

/**
 * Whether the database is there, and since when without a break. A worker whose heartbeat could not be written is not dead: until
 * the database has answered for a heartbeat, and for as long as others take to come back, nobody is taken anything away.
 */
export class DatabaseWatch {
  readonly #ask: (timeoutMs: number) => Promise<boolean>;
  readonly #clock: Clock;
  readonly #steadyMs: number;
  #sinceMs: number | undefined;
  #lastMs: number | undefined;

  /** `ask`: whether the database answers within this time. */
  constructor(options: { ask: (timeoutMs: number) => Promise<boolean>; clock: Clock; heartbeatMs: number }) {
    this.#ask = options.ask;
    this.#clock = options.clock;
    this.#steadyMs = options.heartbeatMs + RETURN_MS;
  }

  /** Whether it answers now, in time. To be called once a second. */
  async check(): Promise<boolean> {
    const isThere = await this.#answers();
    const nowMs = this.#clock.nowMs();
    // Who did not ask for a while, since it stood still, knows nothing of that while.
    const isGap = this.#lastMs !== undefined && nowMs - this.#lastMs > this.#steadyMs / 2;
    this.#lastMs = nowMs;
    if (!isThere) this.#sinceMs = undefined;
    else if (isGap || this.#sinceMs === undefined) this.#sinceMs = nowMs;
    return isThere;
  }

  /** It answered when it was asked last, and nothing failed since. */
  get isThere(): boolean {
    return this.#sinceMs !== undefined;
  }

  /** It has answered for so long without a break that what others did not write says something about them. */
  get isSteady(): boolean {
    return this.#sinceMs !== undefined && this.#clock.nowMs() - this.#sinceMs >= this.#steadyMs;
  }

  /** Something that was asked of it failed: as if it had not answered. */
  failed(): void {
    this.#sinceMs = undefined;
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(() => resolve(false), ANSWER_MS);
      void this.#ask(ANSWER_MS)
        .catch(() => false)
        .then((isThere) => {
          timer.cancel();
          resolve(isThere);
        });
    });
  }
}
