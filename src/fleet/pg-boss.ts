import { sql } from 'drizzle-orm';
import { type Db, fromDrizzle, type Job, PgBoss } from 'pg-boss';
import type { Database, Orm } from '../database/database.js';
import { type Clock, systemClock } from '../clock.js';
import { EventEmitter } from '../events.js';
import type { Logger } from '../log.js';
import { HEARTBEAT_MS } from './claim-times.js';
import { type JobClaim, type JobEngine, type MeetingJob, RESCUE_PRIORITY } from './engine.js';
import type { Orders } from './orders.js';
import { pgBossOrders } from './pg-boss-orders.js';

const QUEUE = 'meetings';
/** The shortest that the engine's own check lets through. Ours is shorter, and is written into its queue. */
const SHORTEST_HEARTBEAT_S = 10;
const OUR_HEARTBEAT = `update pgboss.queue set heartbeat_seconds = ${HEARTBEAT_MS / 1_000} where name = '${QUEUE}'`;
/** A job lasts as long as the longest stay: its own default would end it after 15 minutes. */
const LONGEST_S = 24 * 3_600;
/** A meeting whose workers die one after the other is not given up by the engine: the supervisor decides that. */
const RETRY_LIMIT = 1_000;
const KEEP_DONE_S = 24 * 3_600;
const POOL_SIZE = 4;
/**
 * Its statements are short. Where nothing comes, the connection is dead and nobody was told: a worker that waited for it would
 * lose its meetings. Two of them fit into a heartbeat.
 */
const QUERY_TIMEOUT_MS = 3_000;
/** Its tables may take longer to be made: the next try finds them. */
const START_TRIES = 5;
const SAY_EVERY_MS = 10_000;
/** Wakes workers on other machines; it carries nothing. */
const CHANNEL = 'parley_jobs';

/** Whoever takes a job again rescues a meeting that was running: that goes before all that have not begun. */
const RESCUE_FIRST = `update pgboss.job set priority = greatest(priority, ${RESCUE_PRIORITY}) where name = $1 and id = any($2::uuid[])`;

type MeetingData = { botId: string };

/** Where the engine keeps its jobs. */
export type PgBossOptions = {
  database: Database;
  /** Address of the database server; absent where the database is embedded. */
  url?: string | undefined;
  clock?: Clock;
  log: Logger;
};

/** Jobs, and orders to workers; closing the engine closes both. */
export type PgBossFleet = { readonly engine: JobEngine; readonly orders: Orders };

/**
 * The engine on pg-boss, in its own schema of the same database. Its own supervision is off: as it comes, every running job is
 * started again beside the living one when a database comes back after 20 s.
 */
export async function openPgBoss({
  database,
  url,
  clock = systemClock,
  log,
}: PgBossOptions): Promise<PgBossFleet> {
  const options = {
    ...{ supervise: false, schedule: false, monitorIntervalSeconds: 1, monitorVacuum: false, reindex: false },
  };
  const boss =
    url === undefined
      ? new PgBoss({ ...options, db: embeddedDb(database), backend: 'pglite' })
      : new PgBoss({
          ...{ ...options, connectionString: url, max: POOL_SIZE, application_name: 'parley jobs' },
          ...{
            useListenNotify: true,
            connectionTimeoutMillis: QUERY_TIMEOUT_MS,
            query_timeout: QUERY_TIMEOUT_MS,
          },
        });
  boss.on('error', sparing(log, clock));
  await boss.start({ attempts: START_TRIES });
  await boss.createQueue(QUEUE, {
    policy: 'exclusive',
    heartbeatSeconds: SHORTEST_HEARTBEAT_S,
    expireInSeconds: LONGEST_S,
    retryLimit: RETRY_LIMIT,
    deleteAfterSeconds: KEEP_DONE_S,
  });
  await boss.getDb().executeSql(OUR_HEARTBEAT);
  const engine = new PgBossEngine(boss, database.isPglite, log);
  await engine.listen();
  return { engine, orders: pgBossOrders(boss, { clock, log }) };
}

/** While the database is away, everything that asks it fails, many times a second: one of them is said, and how many there were. */
function sparing(log: Logger, clock: Clock): (error: Error) => void {
  let saidMs = -Infinity;
  let unsaid = 0;
  return (error) => {
    if (clock.nowMs() - saidMs < SAY_EVERY_MS) {
      unsaid++;
      return;
    }
    saidMs = clock.nowMs();
    log.warn({ err: error, ...(unsaid === 0 ? {} : { unsaid }) }, 'the job engine met an error');
    unsaid = 0;
  };
}

class PgBossEngine implements JobEngine {
  readonly heartbeatMs = HEARTBEAT_MS;
  readonly #boss: PgBoss;
  readonly #isEmbedded: boolean;
  readonly #log: Logger;
  readonly #wakes = new EventEmitter<{ wake: [] }>();
  #listener: { close(): Promise<void> } | undefined;
  #closing: Promise<void> | undefined;

  constructor(boss: PgBoss, isEmbedded: boolean, log: Logger) {
    this.#boss = boss;
    this.#log = log;
    this.#isEmbedded = isEmbedded;
  }

  /** Jobs of other machines are found by asking where this cannot be had. */
  async listen(): Promise<void> {
    if (this.#isEmbedded) return;
    const wake = (): void => {
      this.nudge();
    };
    try {
      this.#listener = await this.#boss.getDb().listen?.(CHANNEL, wake, wake);
    } catch (error) {
      this.#log.warn({ err: error }, 'workers are not woken: jobs are found by asking once a second');
    }
  }

  async enqueue(tx: Orm, { botId, priority, startAfter }: MeetingJob): Promise<boolean> {
    const id = await this.#boss.send(
      QUEUE,
      { botId },
      {
        ...{ singletonKey: botId, priority, db: within(tx) },
        ...(startAfter === undefined ? {} : { startAfter }),
      },
    );
    if (id !== null && !this.#isEmbedded) await tx.execute(sql`select pg_notify(${CHANNEL}, '')`);
    return id !== null;
  }

  async cancel(tx: Orm, botId: string): Promise<boolean> {
    const db = within(tx);
    const waiting = await this.#boss.findJobs<MeetingData>(QUEUE, { key: botId, queued: true, db });
    if (waiting.length === 0) return false;
    const ids = waiting.map(({ id }) => id);
    return settledOf(await this.#boss.cancel(QUEUE, ids, { db })).length > 0;
  }

  async reschedule(tx: Orm, job: MeetingJob): Promise<boolean> {
    return (await this.cancel(tx, job.botId)) && this.enqueue(tx, job);
  }

  async claim(limit: number): Promise<readonly JobClaim[]> {
    if (limit <= 0) return [];
    const jobs: Job<MeetingData>[] = await this.#boss.fetch(QUEUE, { batchSize: limit });
    if (jobs.length > 0) await this.#rescueFirst(jobs.map(({ id }) => id));
    return jobs.map(({ id, retryCount, data }) => ({ botId: data.botId, jobId: id, attempt: retryCount }));
  }

  /** What was taken stays taken where this fails. */
  async #rescueFirst(ids: readonly string[]): Promise<void> {
    try {
      await this.#boss.getDb().executeSql(RESCUE_FIRST, [QUEUE, ids]);
    } catch (error) {
      this.#log.warn({ err: error }, 'meetings that are lost wait their turn');
    }
  }

  async find(botId: string): Promise<JobClaim | undefined> {
    const jobs = await this.#boss.findJobs<MeetingData>(QUEUE, { key: botId });
    const running = jobs.find(({ state }) => state === 'active');
    return running === undefined ? undefined : { botId, jobId: running.id, attempt: running.retryCount };
  }

  async hold(claims: readonly JobClaim[]): Promise<readonly JobClaim[]> {
    if (claims.length === 0) return [];
    const held = new Set(settledOf(await this.#boss.touch(QUEUE, claims.map(attemptOf))));
    return claims.filter(({ jobId }) => !held.has(jobId));
  }

  async release(claim: JobClaim, outcome: 'done' | 'again'): Promise<void> {
    if (outcome === 'done') await this.#boss.complete(QUEUE, attemptOf(claim));
    else await this.#boss.fail(QUEUE, attemptOf(claim), { again: true });
    if (outcome === 'again') this.nudge();
  }

  async reap(): Promise<void> {
    await this.#boss.supervise(QUEUE);
  }

  onWake(listener: () => void): () => void {
    return this.#wakes.on('wake', listener);
  }

  nudge(): void {
    this.#wakes.emit('wake');
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#listener?.close();
    await this.#boss.stop({ graceful: false, close: true });
  }
}

/** The engine's statements as part of a transaction of ours. */
function within(tx: Orm): Db {
  return fromDrizzle(tx, sql);
}

/** The embedded database has one connection, which it shares. */
function embeddedDb(database: Database): Db {
  return {
    executeSql: async (text, values) => ({
      // What has no parameters may be several statements.
      rows:
        values === undefined || values.length === 0
          ? await database.script(text)
          : await database.query(text, values),
    }),
  };
}

/** Limits what is done to the attempt that we hold. */
function attemptOf({ jobId, attempt }: JobClaim): { id: string; retryCount: number } {
  return { id: jobId, retryCount: attempt };
}

/** The jobs that a command changed; the engine's types do not tell of them. */
function settledOf(response: object): readonly string[] {
  return 'settled' in response && Array.isArray(response.settled) ? (response.settled as string[]) : [];
}
