/** When the next process of a meeting comes, and with which epoch of its claim. */
import type { Clock, TimerHandle } from '../clock.js';
import type { Logger } from '../log.js';
import { afterCrash } from './restart-policy.js';

/** A claim that cannot be asked for is asked for again. */
const CLAIM_RETRY_MS = 1_000;

type RestartsOptions = {
  readonly botId: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nextEpoch: (botId: string) => Promise<number | 'fenced'>;
  /** A further process is still to come. */
  readonly isWanted: () => boolean;
};

/** The restarts of one meeting. */
export class Restarts {
  readonly #options: RestartsOptions;
  readonly #crashesMs: number[] = [];
  #timer: TimerHandle | undefined;

  constructor(options: RestartsOptions) {
    this.#options = options;
  }

  /** How often a process crashed or was killed. */
  get crashes(): number {
    return this.#crashesMs.length;
  }

  /** A process ended unasked: what becomes of its meeting. */
  crashed(): ReturnType<typeof afterCrash> {
    const nowMs = this.#options.clock.nowMs();
    const decision = afterCrash(this.#crashesMs, nowMs);
    this.#crashesMs.push(nowMs);
    return decision;
  }

  /** Calls `begin` after `afterMs` with the next epoch, as soon as that is to be had, or with that another has the meeting. */
  async next(afterMs: number, begin: (epoch: number | 'fenced') => void): Promise<void> {
    const { botId, clock, log, nextEpoch, isWanted } = this.#options;
    if (afterMs > 0) {
      this.#timer = clock.setTimer(() => {
        void this.next(0, begin);
      }, afterMs);
      return;
    }
    let epoch: number | 'fenced';
    try {
      epoch = await nextEpoch(botId);
    } catch (err) {
      log.warn({ botId, err }, 'the claim cannot be renewed at present');
      if (isWanted()) await this.next(CLAIM_RETRY_MS, begin);
      return;
    }
    if (isWanted()) begin(epoch);
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}
