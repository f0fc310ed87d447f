import type { Clock } from '../clock.js';

/** So many heartbeats without a break the database has to have answered before anybody is believed to be dead. */
const STEADY_HEARTBEATS = 1.5;

/**
 * Whether the database is there, and since when without a break. A worker whose heartbeat could not be written is not dead: as
 * long as this has not been steady for longer than a heartbeat, nobody is taken anything away.
 */
export class DatabaseWatch {
  readonly #ask: () => Promise<unknown>;
  readonly #clock: Clock;
  readonly #steadyMs: number;
  readonly #timeoutMs: number;
  #sinceMs: number | undefined;
  #lastMs: number | undefined;

  /** `ask` resolves when the database answers. */
  constructor(options: {
    ask: () => Promise<unknown>;
    clock: Clock;
    heartbeatMs: number;
    timeoutMs?: number;
  }) {
    this.#ask = options.ask;
    this.#clock = options.clock;
    this.#steadyMs = options.heartbeatMs * STEADY_HEARTBEATS;
    this.#timeoutMs = options.timeoutMs ?? 1_000;
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
      const timer = this.#clock.setTimer(() => resolve(false), this.#timeoutMs);
      this.#ask().then(
        () => {
          timer.cancel();
          resolve(true);
        },
        () => {
          timer.cancel();
          resolve(false);
        },
      );
    });
  }
}
