/** Databases for tests: an empty embedded one, and an empty one on the server that a run shares. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { createHash, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pauseMs } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import type { Database } from '../../src/database/database.js';
import { migrationsFolder } from '../../src/database/migrate.js';
import { openDatabase } from '../../src/database/open.js';
import { packageRoot } from '../../src/package-root.js';
import { postgresBinaries, startPostgres } from './postgres-server.js';

const STARTED_WITHIN_MS = 60_000;

/** An empty folder with an embedded database of this version's schema, which is made once and copied from then on. */
export async function embeddedFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-db-'));
  const template = templateFolder();
  if (!existsSync(template)) {
    await (await openDatabase(folder)).close();
    const copy = `${template}-${randomUUID()}`;
    await cp(folder, copy, { recursive: true });
    // Whoever is first; the others' are as good.
    await rename(copy, template).catch(() => rm(copy, { recursive: true }));
    return folder;
  }
  await cp(join(template, 'pglite'), join(folder, 'pglite'), { recursive: true });
  return folder;
}

function templateFolder(): string {
  const migrations = readFileSync(join(migrationsFolder(), 'meta', '_journal.json'));
  const { version } = JSON.parse(
    readFileSync(join(packageRoot(), 'node_modules/@electric-sql/pglite/package.json'), 'utf8'),
  ) as { version: string };
  const hash = createHash('sha256').update(migrations).digest('hex').slice(0, 12);
  return join(packageRoot(), 'node_modules', '.cache', 'parley', `pglite-${version}-${hash}`);
}

/** The address of a new empty database on the server that all test files of this run share. */
export async function newPostgresUrl(): Promise<string> {
  const folder = inject('postgresFolder');
  const ready = join(folder, 'url');
  let isFirst = true;
  try {
    mkdirSync(folder);
  } catch {
    isFirst = false;
  }
  if (isFirst) writeFileSync(ready, startPostgres(folder).url('postgres'));
  const untilMs = Date.now() + STARTED_WITHIN_MS;
  while (!existsSync(ready)) {
    if (Date.now() > untilMs) throw new Error('the PostgreSQL server of the tests did not start');
    await pauseMs(50);
  }
  await pauseMs(5); // what was begun to be written is written
  const url = readFileSync(ready, 'utf8');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return url.replace('/postgres?', `/${name}?`);
}

/** Whether PostgreSQL is there. It is no reason to leave tests out where they count. */
export const hasPostgres =
  postgresBinaries() !== undefined || (process.env['CI'] !== undefined && process.env['CI'] !== '');
if (!hasPostgres)
  process.stderr.write(
    '\nPostgreSQL is not installed: its tests are LEFT OUT. apt-get install postgresql\n\n',
  );

/** An open database for tests, and where its files are. */
export type TestDatabase = {
  open: () => Database;
  kind: 'embedded' | 'postgres';
  /** Its files that hold, or held, what is in its tables. */
  files: () => Promise<string[]>;
};

/** Runs the same tests on the embedded database or on a server; they share one database. */
export function describeDatabase(kind: TestDatabase['kind'], tests: (test: TestDatabase) => void): void {
  describe.skipIf(kind === 'postgres' && !hasPostgres)(kind, () => {
    let database: Database | undefined;
    let folder: string | undefined;
    beforeAll(async () => {
      if (kind === 'embedded') folder = await embeddedFolder();
      database = await openDatabase(folder ?? (await newPostgresUrl()), { schema: 'apply' });
    });
    afterAll(async () => {
      await database?.close();
      if (folder !== undefined) await rm(folder, { recursive: true });
    });
    const files = async (): Promise<string[]> => {
      // The log of a server is its operator's.
      const root = kind === 'embedded' ? folder! : join(inject('postgresFolder'), 'data', 'base');
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    };
    tests({ open: () => database!, kind, files });
  });
}
