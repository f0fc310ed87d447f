/** PostgreSQL inside this process, in a folder that it alone uses. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { type Clock, systemClock } from '../clock.js';
import { messageOf, ParleyError } from '../errors.js';
import { plain } from '../text.js';
import { CLUSTER, copyCluster } from './backup.js';
import { clearLog } from './clear-log.js';
import { createCluster } from './create-cluster.js';
import { assertOutside, asTransaction, type Database, type Orm } from './database.js';
import { withoutNul, withoutValues } from './errors.js';
import { type FolderLock, lockFolder } from './folder-lock.js';
import { Housekeeping } from './housekeeping.js';
import { migrate, type SqlRunner } from './migrate.js';

/** Settings of the server inside, after its own; without `-F`, which would let it skip writing out. */
const START_PARAMS = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  ...[
    'shared_buffers=16MB',
    'max_wal_size=48MB',
    'min_wal_size=32MB',
    'wal_level=minimal',
    'max_wal_senders=0',
  ]
    .map((setting) => ['-c', setting])
    .flat(),
];

export type PgliteOptions = {
  clock?: Clock;
  /** Called before a new database is made, which takes some seconds. */
  onCreate?: () => void;
  /** Called when its checkpoints or vacuuming fail. */
  onProblem?: (message: string) => void;
};

/** What can run a query of the embedded database: itself, or a transaction of it. */
type Client = Pick<PGlite, 'query'>;

/**
 * Opens the embedded database in `folder`, which is made where there is none, and brings its schema to this version. Throws
 * ParleyError `service_unavailable` where another process uses the folder, `usage` where it cannot be used at all.
 */
export async function openPglite(folder: string, options: PgliteOptions = {}): Promise<Database> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  } catch (cause) {
    throw new ParleyError('usage', `${plain(folder)} cannot be a data folder: ${messageOf(cause)}`, {
      cause,
    });
  }
  const lock = await lockFolder(folder);
  try {
    const dataDir = join(folder, CLUSTER);
    await createCluster(dataDir, options.onCreate);
    const pglite = await PGlite.create({ dataDir, startParams: START_PARAMS });
    try {
      await migrate(runner(pglite));
    } catch (error) {
      await pglite.close();
      throw error;
    }
    return new PgliteDatabase(pglite, dataDir, lock, options);
  } catch (error) {
    await lock.release();
    if (error instanceof ParleyError) throw error;
    const message = `the embedded database in ${plain(folder)} cannot be opened: ${messageOf(error)}`;
    throw new ParleyError('usage', message, { cause: error });
  }
}

function runner(client: Client): SqlRunner {
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(text, [...values])).rows,
  };
}

class PgliteDatabase implements Database {
  readonly isPglite = true;
  readonly orm: Orm;
  readonly #pglite: PGlite;
  readonly #dataDir: string;
  readonly #lock: FolderLock;
  readonly #housekeeping: Housekeeping;
  #closing: Promise<void> | undefined;

  constructor(pglite: PGlite, dataDir: string, lock: FolderLock, options: PgliteOptions) {
    this.#pglite = pglite;
    this.#dataDir = dataDir;
    this.#lock = lock;
    lock.onRequest = ({ backupTo }) => this.#backup(backupTo);
    this.orm = this.#orm(pglite, () => this.#beforeQuery());
    this.#housekeeping = new Housekeeping(
      runner(pglite),
      options.clock ?? systemClock,
      options.onProblem ?? (() => undefined),
    );
  }

  async transaction<Result>(work: (tx: Orm) => Promise<Result>): Promise<Result> {
    await this.#beforeQuery();
    return asTransaction(() =>
      this.#pglite.transaction((tx) => work(this.#orm(tx, () => Promise.resolve()))),
    );
  }

  async query<Row extends Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    await this.#beforeQuery();
    const params = [...values];
    this.#housekeeping.count(params);
    try {
      return (await this.#pglite.query<Row>(text, params)).rows;
    } catch (error) {
      throw withoutValues(error, params);
    }
  }

  answers(): Promise<boolean> {
    return this.query('select 1').then(
      () => true,
      () => false,
    );
  }

  async script(text: string): Promise<Record<string, unknown>[]> {
    await this.#beforeQuery();
    const results = await this.#pglite.exec(text);
    return results.flatMap(({ rows }) => rows as Record<string, unknown>[]);
  }

  async rewriteTables(tables: readonly string[]): Promise<void> {
    await this.#beforeQuery();
    for (const table of tables) await this.#pglite.exec(`vacuum full ${table}`);
    await clearLog(runner(this.#pglite), join(this.#dataDir, 'pg_wal'));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#housekeeping.close();
    try {
      await this.#pglite.close(); // writes everything out
    } finally {
      await this.#lock.release();
    }
  }

  /** Copies its files while nothing is written. */
  async #backup(folder: string): Promise<void> {
    await this.#pglite.query('checkpoint');
    await this.#pglite.transaction(() => copyCluster(this.#dataDir, folder));
  }

  async #beforeQuery(): Promise<void> {
    assertOutside();
    await this.#housekeeping.beforeQuery();
  }

  /** A query builder whose errors quote no values. */
  #orm(client: Client, before: () => Promise<void>): Orm {
    const query: Client['query'] = async (text, params, options) => {
      await before();
      withoutNul(params);
      this.#housekeeping.count(params);
      try {
        return await client.query(text, params, options);
      } catch (error) {
        throw withoutValues(error, params);
      }
    };
    return drizzle({ client: { query } as unknown as PGlite });
  }
}
