import { availableParallelism, loadavg } from 'node:os';
import type { Clock, TimerHandle } from '../../clock.js';
import type { Database } from '../../database/database.js';
import type { Logger } from '../../log.js';
import { seeWorker, setWorkerState } from '../../records/store/workers.js';

const EVERY_MS = 5_000;
const MEBIBYTE = 1_048_576;

/** What a machine tells of itself. */
type WorkerBeatOptions = {
  readonly database: Database;
  readonly version: string;
  /** Meetings at the same time, and how many there are. */
  readonly slots: number;
  readonly used: () => number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Shows others that this machine carries meetings, and how busy it is. */
export class WorkerBeat {
  readonly id: string;
  readonly #options: WorkerBeatOptions;
  #timer: TimerHandle | undefined;
  #beating: Promise<void> = Promise.resolve();
  #isDraining = false;
  #isClosed = false;

  constructor(id: string, options: WorkerBeatOptions) {
    this.id = id;
    this.#options = options;
  }

  /** No further meetings are taken: those that run go on. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  start(): void {
    this.#beat();
  }

  /** Takes no more meetings from now on. */
  drain(): void {
    this.#isDraining = true;
    this.#timer?.cancel();
    this.#beat();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#beating;
    this.#timer?.cancel();
    await setWorkerState(this.#options.database.orm, this.id, 'gone').catch(() => undefined); // it shows by its age, too
  }

  #beat(): void {
    const { clock, log } = this.#options;
    this.#beating = this.#beating
      .then(() => this.#see())
      .catch((err: unknown) => log.debug({ err }, 'this worker could not show that it lives'))
      .then(() => {
        if (!this.#isClosed) this.#timer = clock.setTimer(() => this.#beat(), EVERY_MS);
      });
  }

  async #see(): Promise<void> {
    const { database, version, slots, used } = this.#options;
    const inUse = used();
    await seeWorker(database.orm, {
      ...{ id: this.id, address: null, version, slots, used: inUse },
      load: Math.min(1, (loadavg()[0] ?? 0) / availableParallelism()),
      rssMib: Math.round(process.memoryUsage.rss() / MEBIBYTE),
      state: this.#isDraining ? 'draining' : inUse >= slots ? 'full' : 'running',
    });
  }
}
