import type { Database } from '../../database/database.js';
import type { Drain } from '../../fleet/worker.js';
import { beginWorker, type SeenWorker, seeWorker } from '../../records/store/workers.js';

const MIB = 1_048_576;

/** What a machine shows of itself. */
export type WorkerPresenceOptions = {
  readonly database: Database;
  readonly id: string;
  readonly version: string;
  /** Meetings at the same time. */
  readonly slots: number;
  /** Where other machines of the service reach this one, `host:port`; null: nowhere. */
  readonly address: string | null;
  /** Somebody asked it to empty itself. */
  readonly onDrain: (drain: Drain) => void;
  /** That was taken back. */
  readonly onDrainTakenBack: () => void;
};

/** A machine's row in the table of workers: others see there that it lives and how busy it is, and ask it to drain. */
export class WorkerPresence {
  readonly #options: WorkerPresenceOptions;
  #hasBegun = false;
  #drainAskedAt: string | undefined;

  constructor(options: WorkerPresenceOptions) {
    this.#options = options;
  }

  /** Rejects where the database is away. `load`: share of its cores that is busy, 0 to 1. */
  async show(now: { used: number; load: number; state: SeenWorker['state'] }): Promise<void> {
    const { database, onDrain, onDrainTakenBack } = this.#options;
    const show = this.#hasBegun ? seeWorker : beginWorker;
    const { drain } = await show(database.orm, this.#rowOf(now));
    this.#hasBegun = true;
    if (drain?.askedAt === this.#drainAskedAt) return;
    this.#drainAskedAt = drain?.askedAt;
    if (drain === null) onDrainTakenBack();
    else onDrain({ mode: drain.mode, timeoutMs: drain.timeoutMs });
  }

  /** Rejects where the database is away: then it shows by its age. */
  async leave(): Promise<void> {
    await seeWorker(this.#options.database.orm, this.#rowOf({ used: 0, load: 0, state: 'gone' }));
  }

  #rowOf(now: { used: number; load: number; state: SeenWorker['state'] }): SeenWorker {
    const { id, version, slots, address } = this.#options;
    return { ...now, id, version, slots, address, rssMib: Math.round(process.memoryUsage.rss() / MIB) };
  }
}
