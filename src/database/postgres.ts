/** A PostgreSQL server, 13 or later, through a pool of connections. */
import { drizzle } from 'drizzle-orm/node-postgres';
import { setTimeout as pauseMs } from 'node:timers/promises';
import pg from 'pg';
import { messageOf, ParleyError } from '../errors.js';
import { assertOutside, asTransaction, type Database, type Orm } from './database.js';
import { isGivenUp, isTimedOut, withoutNul, withoutValues } from './errors.js';
import { migrate, requireSchema, type SqlRunner } from './migrate.js';

const OLDEST_SERVER = 130_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** A query that takes longer is a bug, or a lock that nobody lets go. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** The server ends a query before this; where nothing comes, the connection is dead and nobody was told. */
const QUERY_TIMEOUT_MS = 35_000;
/**
 * A transaction waits for nothing but the database. One that stands still is of a machine that froze, or was cut off, and nobody
 * takes over what it has locked before the server ends it: sooner than a claim that is not held is lost.
 */
export const IDLE_TRANSACTION_MS = 5_000;
/** What rewrites tables takes as long as it takes. */
const LONG_QUERY_TIMEOUT_MS = 24 * 3_600_000;
/** Who rewrites a table waits no longer than this for it: all others wait behind them. */
const LOCK_TIMEOUT_MS = 5_000;
/** A transaction that the server gave up for another one is made again. */
const MAX_ATTEMPTS = 5;
/**
 * Up to this long, twice as long each time, it lets the other one go first: at once it would take the same lock again before
 * that one wakes up, and both would wait for each other anew.
 */
const FIRST_RETRY_PAUSE_MS = 50;

export type PostgresOptions = {
  /** `apply` brings the schema to this version; `require` throws where it is another one. */
  schema: 'apply' | 'require';
  /** Connections at most. */
  poolSize?: number;
  /** Called when a connection that nobody was using breaks. */
  onProblem?: (message: string) => void;
};

/** Opens a database server. Throws ParleyError `service_unavailable`, or `config` where server or schema do not fit. */
export async function openPostgres(url: string, options: PostgresOptions): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
    keepAlive: true,
    application_name: 'parley',
  });
  pool.on('error', (error) => options.onProblem?.(`a connection to the database broke: ${messageOf(error)}`));
  try {
    await withClient(pool, async (client, giveUp) => {
      const sql = runner(client);
      await checkServer(sql);
      if (options.schema === 'require') await requireSchema(sql);
      else {
        giveUp(); // its settings are nobody else's
        await client.query('set statement_timeout = 0');
        await migrate(sql);
      }
    });
  } catch (error) {
    await pool.end();
    if (error instanceof ParleyError) throw error;
    const message = `the database cannot be used: ${messageOf(error)}`;
    throw new ParleyError('service_unavailable', message, { cause: error, retryable: true });
  }
  return new PostgresDatabase(pool);
}

async function checkServer(sql: SqlRunner): Promise<void> {
  const [server] = await sql.query<{ version: string; number: string; encoding: string }>(
    `select current_setting('server_version') as version, current_setting('server_version_num') as number,
      current_setting('server_encoding') as encoding`,
  );
  if (Number(server?.number) < OLDEST_SERVER)
    throw new ParleyError('config', `PostgreSQL ${server?.version} is too old: Parley needs 13 or later`);
  if (server?.encoding !== 'UTF8')
    throw new ParleyError('config', `the database's encoding is ${server?.encoding}: Parley needs UTF8`);
}

/** Hands a connection of the pool to `work`; one that broke meanwhile, or is given up, goes to nobody else. */
async function withClient<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient, giveUp: () => void) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let isBroken = false;
  const giveUp = (): void => void (isBroken = true);
  client.on('error', giveUp);
  try {
    return await work(client, giveUp);
  } finally {
    client.off('error', giveUp);
    client.release(isBroken);
  }
}

/** Each query as long as it takes: for migrations. */
function runner(client: pg.PoolClient): SqlRunner {
  return {
    query: async <Row>(text: string, values?: readonly unknown[]) =>
      (await client.query(within(LONG_QUERY_TIMEOUT_MS, text, values))).rows as Row[],
  };
}

/** A query that is given up, with its connection, where nothing comes within this. The types of `pg` lack the field. */
function within(
  timeoutMs: number,
  text: string,
  values?: readonly unknown[],
): pg.QueryConfig & { query_timeout: number } {
  return { text, ...(values === undefined ? {} : { values: [...values] }), query_timeout: timeoutMs };
}

/** A client for the query builder whose errors quote no values. */
function cleaned(client: pg.Pool | pg.PoolClient, before: () => void): pg.Pool {
  const query = async (config: pg.QueryConfig, params?: unknown[]): Promise<unknown> => {
    before();
    withoutNul(params);
    try {
      return await client.query(config, params);
    } catch (error) {
      throw withoutValues(error, params);
    }
  };
  return { query } as unknown as pg.Pool;
}

class PostgresDatabase implements Database {
  readonly isPglite = false;
  readonly orm: Orm;
  readonly #pool: pg.Pool;
  #closing: Promise<void> | undefined;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
    this.orm = drizzle({ client: cleaned(pool, assertOutside) });
  }

  async transaction<Result>(work: (tx: Orm) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !isGivenUp(error)) throw error;
        await pauseMs(FIRST_RETRY_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
      }
    }
  }

  // Not the query builder's own: that one keeps a connection for ever whose `begin` fails.
  #once<Result>(work: (tx: Orm) => Promise<Result>): Promise<Result> {
    return asTransaction(() =>
      withClient(this.#pool, async (client, giveUp) => {
        try {
          await client.query('begin');
          const result = await work(drizzle({ client: cleaned(client, () => undefined) }));
          await client.query('commit');
          return result;
        } catch (error) {
          // The first error says more; a connection that says nothing is not asked again.
          if (isTimedOut(error)) giveUp();
          else await client.query('rollback').catch(giveUp);
          throw error;
        }
      }),
    );
  }

  async query<Row extends Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    assertOutside();
    const params = [...values];
    try {
      return (await this.#pool.query<Row>(text, params)).rows;
    } catch (error) {
      throw withoutValues(error, params);
    }
  }

  async answers(timeoutMs: number): Promise<boolean> {
    try {
      await this.#pool.query(within(timeoutMs, 'select 1'));
      return true;
    } catch {
      return false;
    }
  }

  async script(text: string): Promise<Record<string, unknown>[]> {
    assertOutside();
    const results = [await this.#pool.query<Record<string, unknown>>(text)].flat();
    return results.flatMap(({ rows }) => rows);
  }

  async rewriteTables(tables: readonly string[]): Promise<void> {
    await withClient(this.#pool, async (client, giveUp) => {
      giveUp(); // its settings are nobody else's
      await client.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await client.query('set statement_timeout = 0');
      for (const table of tables) await client.query(within(LONG_QUERY_TIMEOUT_MS, `vacuum full ${table}`));
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#pool.end();
    return this.#closing;
  }
}
