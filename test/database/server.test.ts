/** What only a server can do to us: several processes migrate, other versions, connections that break. */
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { isDatabaseAway } from '../../src/database/errors.js';
import { openDatabase } from '../../src/database/open.js';
import { TcpProxy } from '../service/faults/tcp-proxy.js';
import { hasPostgres, newPostgresUrl } from './test-databases.js';

describe.skipIf(!hasPostgres)('a server', () => {
  it('is migrated once by however many at the same time', async () => {
    const url = await newPostgresUrl();
    const databases = await Promise.all(
      Array.from({ length: 4 }, () => openDatabase(url, { schema: 'apply', poolSize: 2 })),
    );
    const rows = await databases[0]!.query('select tag from migrations order by number');
    expect(rows.slice(0, 2)).toEqual([{ tag: '0000_service' }, { tag: '0001_lists_and_erasure' }]);
    expect(new Set(rows.map(({ tag }) => tag)).size).toBe(rows.length);
    await Promise.all(databases.map((database) => database.close()));
  });

  it('of another version is refused with what to do', async () => {
    const url = await newPostgresUrl();
    await expect(openDatabase(url)).rejects.toThrow(
      'the database has no tables of Parley: run parley db migrate',
    );
    const database = await openDatabase(url, { schema: 'apply' });
    await database.query(`delete from migrations where tag = '0001_lists_and_erasure'`);
    await expect(openDatabase(url)).rejects.toThrow(
      'is of an earlier version of Parley: run parley db migrate',
    );
    await database.query(`insert into migrations (tag) values ('0001_lists_and_erasure'), ('9999_future')`);
    for (const schema of ['apply', 'require'] as const) {
      await expect(openDatabase(url, { schema })).rejects.toMatchObject({
        code: 'config',
        message: 'the database is of a newer version of Parley (9999_future): install that version',
      });
    }
    await database.close();
  });

  it('with another encoding is refused', async () => {
    const url = await newPostgresUrl();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const name = `ascii_${Date.now()}`;
    await client.query(`create database ${name} encoding 'SQL_ASCII' template template0`);
    await client.end();
    const other = url.replace(/\/test_\w+\?/, `/${name}?`);
    await expect(openDatabase(other)).rejects.toThrow('encoding is SQL_ASCII: Parley needs UTF8');
  });

  it('that is not there can be tried again later', async () => {
    await expect(openDatabase('postgres://127.0.0.1:1/none')).rejects.toMatchObject({
      code: 'service_unavailable',
      retryable: true,
    });
  });

  it('ends a transaction that stands still, which nobody else could take over from: what it did can be tried again', async () => {
    const database = await openDatabase(await newPostgresUrl(), { schema: 'apply' });
    const setting = 'idle_in_transaction_session_timeout';
    expect(await database.query(`show ${setting}`)).toEqual([{ [setting]: '5s' }]);
    const stoodStill = database.transaction(async (tx) => {
      await tx.execute(sql.raw(`set local ${setting} = 100`));
      await new Promise((resolve) => setTimeout(resolve, 500));
      await tx.execute('select 1');
    });
    const error = await stoodStill.catch((caught: unknown) => caught);
    expect(isDatabaseAway(error)).toBe(true);
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
    await database.close();
  });

  it('that says nothing any more is given up in time, and what comes next goes another way', async () => {
    const url = await newPostgresUrl();
    const folder = decodeURIComponent(/[?&]host=([^&]+)/.exec(url)![1]!);
    const proxy = await TcpProxy.start({ path: join(folder, '.s.PGSQL.5432') });
    const through = `postgres://postgres@127.0.0.1:${proxy.port}/${/test_\w+/.exec(url)![0]}`;
    const database = await openDatabase(through, { schema: 'apply' });
    expect(await database.answers(30_000)).toBe(true);
    proxy.cut();
    expect(await database.answers(100)).toBe(false);
    proxy.mend();
    expect(await database.answers(30_000)).toBe(true);
    await database.close();
    await proxy.close();
  });

  it('may break every connection: what runs fails, and what comes next works', async () => {
    const problems: string[] = [];
    const onProblem = (problem: string): number => problems.push(problem);
    const database = await openDatabase(await newPostgresUrl(), { schema: 'apply', poolSize: 2, onProblem });
    const [{ pid } = { pid: 0 }] = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
    const breakAll = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    const broken = Array.from({ length: 3 }, () =>
      database
        .transaction(async (tx) => {
          await tx.execute('select pg_terminate_backend(pg_backend_pid())');
        })
        .catch((error: unknown) => error),
    );
    for (const error of await Promise.all(broken)) expect(isDatabaseAway(error)).toBe(true);
    await database.query(breakAll);
    const rows = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
    expect(rows[0]?.pid).not.toBe(pid);
    await database.transaction((tx) => tx.execute('select 1'));
    await database.close();
  });

  it('gives one of two transactions up that wait for each other: it is made again, and both are done', async () => {
    const database = await openDatabase(await newPostgresUrl(), { schema: 'apply', poolSize: 2 });
    await database.script(
      'create table pairs (id int primary key, count int); insert into pairs values (1, 0), (2, 0)',
    );
    const add = (id: number) => sql`update pairs set count = count + 1 where id = ${id}`;
    let waiting = 0;
    let begin: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (begin = resolve));
    let runs = 0;
    const run = (first: number, second: number) =>
      database.transaction(async (tx) => {
        runs++;
        await tx.execute(add(first));
        if (++waiting === 2) begin();
        await both;
        await tx.execute(add(second));
      });
    await Promise.all([run(1, 2), run(2, 1)]);
    expect(await database.query('select id, count from pairs order by id')).toEqual([
      { id: 1, count: 2 },
      { id: 2, count: 2 },
    ]);
    expect(runs).toBeGreaterThanOrEqual(3); // a machine that is busy may give one up again
    let failures = 0;
    const failing = database.transaction(async (tx) => {
      failures++;
      await tx.execute(sql`insert into pairs values (1, 0)`);
    });
    await expect(failing).rejects.toThrow();
    expect(failures).toBe(1); // what is wrong stays wrong
    await database.close();
  });
});
