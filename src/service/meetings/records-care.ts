import type { Clock, TimerHandle } from '../../clock.js';
import type { Database } from '../../database/database.js';
import type { Logger } from '../../log.js';
import { forgetExpired } from '../../records/store/access.js';
import { forgetDelivered, scrub } from '../../records/store/erasure.js';
import { forgetRequests } from '../../records/store/workspaces.js';
import { applyDueErasures } from './due-erasures.js';

const EVERY_MS = 3_600_000;
const FIRST_MS = 60_000;
/** Several erasures are scrubbed at once. */
const SCRUB_AFTER_MS = 5_000;
/** What others were told is kept so long. */
const DELIVERED_DAYS = 30;

/**
 * Sees to it that what is over its time is erased, and that what was erased leaves the disk; and that what was sent to others,
 * sessions, one-time tokens and answers to repeated requests are not kept for good.
 */
export class RecordsCare {
  readonly #options: {
    database: Database;
    clock: Clock;
    log: Logger;
    forget: (botId: string) => Promise<void>;
  };
  #timer: TimerHandle | undefined;
  #scrubTimer: TimerHandle | undefined;
  #working: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: {
    database: Database;
    clock: Clock;
    log: Logger;
    forget: (botId: string) => Promise<void>;
  }) {
    this.#options = options;
  }

  start(): void {
    this.#plan(FIRST_MS);
  }

  /** Takes what was erased off the disk, in a moment. */
  scrubSoon(): void {
    if (this.#isClosed) return;
    this.#scrubTimer ??= this.#options.clock.setTimer(() => {
      this.#scrubTimer = undefined;
      this.#do('taking erased words off the disk', () => scrub(this.#options.database));
    }, SCRUB_AFTER_MS);
  }

  /** Resolves when nothing is done any more; what was erased is off the disk. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    const isDue = this.#scrubTimer !== undefined;
    this.#scrubTimer?.cancel();
    if (isDue) this.#do('taking erased words off the disk', () => scrub(this.#options.database));
    await this.#working;
  }

  #plan(delayMs: number): void {
    this.#timer = this.#options.clock.setTimer(() => {
      this.#do('erasing what is over its time', async () => {
        const { database, forget } = this.#options;
        if ((await applyDueErasures(database, forget)) > 0) this.scrubSoon();
      });
      this.#do('forgetting what is not needed any more', async () => {
        const { orm } = this.#options.database;
        await forgetDelivered(orm, DELIVERED_DAYS);
        await forgetExpired(orm);
        await forgetRequests(orm);
      });
      if (!this.#isClosed) this.#plan(EVERY_MS);
    }, delayMs);
  }

  #do(what: string, work: () => Promise<void>): void {
    this.#working = this.#working.then(work).catch((err: unknown) => {
      this.#options.log.error({ err }, `${what} failed`);
    });
  }
}
