import type { Clock } from '../../clock.js';
import { isDatabaseAway } from '../../database/errors.js';
import { ParleyError } from '../../errors.js';
import type { Logger } from '../../log.js';

const RETRY_MS = 1_000;

/** Work about bots: of one bot in its order, one at a time. While the database is away it waits; a bug is logged. */
export class SerialWork {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #last = new Map<string, Promise<void>>();
  #waiting = 0;

  constructor({ clock, log }: { clock: Clock; log: Logger }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Pieces of work that are not done. */
  get waiting(): number {
    return this.#waiting;
  }

  add(botId: string, work: () => Promise<void>): void {
    this.#waiting++;
    const done = (this.#last.get(botId) ?? Promise.resolve())
      .then(() => this.#run(botId, work))
      .finally(() => {
        this.#waiting--;
        if (this.#last.get(botId) === done) this.#last.delete(botId);
      });
    this.#last.set(botId, done);
  }

  /** Resolves when all of it is done. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }

  async #run(botId: string, work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await work();
        return;
      } catch (error) {
        const isAway = isDatabaseAway(error) || (error instanceof ParleyError && error.retryable);
        this.#log[isAway ? 'warn' : 'error'](
          { err: error, botId },
          isAway ? 'the database is away: it is tried again' : 'a change of a bot failed',
        );
        if (!isAway) return;
        await new Promise<void>((resolve) => this.#clock.setTimer(resolve, RETRY_MS));
      }
    }
  }
}
