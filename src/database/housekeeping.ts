/** What the embedded database never does by itself: checkpoints, without which its log grows for ever, and vacuuming. */
import type { Clock, TimerHandle } from '../clock.js';
import { messageOf } from '../errors.js';
import type { SqlRunner } from './migrate.js';

const TICK_MS = 5_000;
const CHECKPOINT_EVERY_MS = 5 * 60_000;
/** With nothing to do for so long it is a good moment. */
const IDLE_MS = 30_000;
const VACUUM_EVERY_MS = 3_600_000;
/** Log since the last checkpoint that is not waited for any longer; its files may then take about twice that. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;
/** Queries between two checks of how much log there is. */
const QUERIES_PER_CHECK = 100;
/** Of the parameters of queries: what is written takes several times as much log. */
const BYTES_PER_CHECK = 2 * 1024 * 1024;

/** Looks after an embedded database while it is open. */
export class Housekeeping {
  readonly #sql: SqlRunner;
  readonly #clock: Clock;
  readonly #onProblem: (message: string) => void;
  #timer: TimerHandle | undefined;
  #running: Promise<void> | undefined;
  #queries = 0;
  #queriesAtCheckpoint = 0;
  #queriesAtCheck = 0;
  #bytesSinceCheck = 0;
  #queriesAtVacuum = 0;
  #lastQueryMs: number;
  #lastCheckpointMs: number;
  #lastVacuumMs: number;

  constructor(sql: SqlRunner, clock: Clock, onProblem: (message: string) => void) {
    this.#sql = sql;
    this.#clock = clock;
    this.#onProblem = onProblem;
    this.#lastQueryMs = this.#lastCheckpointMs = this.#lastVacuumMs = clock.nowMs();
    this.#schedule();
  }

  /** To be called for every query, before it is run: waits where the log has to be written out first. */
  async beforeQuery(): Promise<void> {
    this.#queries++;
    this.#lastQueryMs = this.#clock.nowMs();
    const isFew =
      this.#queries - this.#queriesAtCheck < QUERIES_PER_CHECK && this.#bytesSinceCheck < BYTES_PER_CHECK;
    if (isFew || this.#running !== undefined) return;
    await this.#run(() => this.#checkpointWhereLong());
  }

  /** To be called with the parameters of every query, those of transactions included. */
  count(params: readonly unknown[] | undefined): void {
    for (const param of params ?? []) if (typeof param === 'string') this.#bytesSinceCheck += param.length;
  }

  /** Stops; resolves when nothing is being done any more. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#running;
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#schedule();
      if (this.#running === undefined) void this.#run(() => this.#tick());
    }, TICK_MS);
  }

  async #run(work: () => Promise<void>): Promise<void> {
    this.#running = work().catch((error: unknown) => {
      this.#onProblem(`the embedded database could not be tidied up: ${messageOf(error)}`);
    });
    await this.#running;
    this.#running = undefined;
  }

  async #tick(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const isIdle = nowMs - this.#lastQueryMs >= IDLE_MS;
    if (this.#queries > this.#queriesAtVacuum && nowMs - this.#lastVacuumMs >= VACUUM_EVERY_MS) {
      this.#lastVacuumMs = nowMs;
      this.#queriesAtVacuum = this.#queries;
      await this.#sql.query('vacuum (analyze)');
      await this.#checkpoint();
    } else if (
      this.#queries > this.#queriesAtCheckpoint &&
      (isIdle || nowMs - this.#lastCheckpointMs >= CHECKPOINT_EVERY_MS)
    ) {
      await this.#checkpoint();
    }
  }

  async #checkpointWhereLong(): Promise<void> {
    this.#queriesAtCheck = this.#queries;
    this.#bytesSinceCheck = 0;
    const [log] = await this.#sql.query<{ bytes: string }>(
      `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::bigint::text as bytes from pg_control_checkpoint()`,
    );
    if (Number(log?.bytes) > MAX_LOG_BYTES) await this.#checkpoint();
  }

  async #checkpoint(): Promise<void> {
    this.#queriesAtCheckpoint = this.#queries;
    this.#lastCheckpointMs = this.#clock.nowMs();
    await this.#sql.query('checkpoint');
  }
}
