/** Brings a database to the schema of this version; says clearly where it has another one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ParleyError } from '../errors.js';
import { packageRoot } from '../package-root.js';

/** Runs SQL: one connection of a database. */
export interface SqlRunner {
  query<Row extends Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** Nobody else migrates meanwhile: any number, the same in every process. */
const LOCK = 7_223_901_455;

const journalSchema = z.object({
  entries: z.array(z.object({ idx: z.int(), tag: z.string(), when: z.number() })),
});

type Migration = { tag: string; statements: string[] };

/** Where the migrations are, in the repository and in the package alike. */
export function migrationsFolder(): string {
  return join(packageRoot(), 'src', 'database', 'migrations');
}

/** The migrations of this version, in order. */
export function readMigrations(folder: string): Migration[] {
  const journal = journalSchema.parse(
    JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')),
  );
  return journal.entries.map(({ tag }) => ({
    tag,
    statements: readFileSync(join(folder, `${tag}.sql`), 'utf8').split('--> statement-breakpoint'),
  }));
}

/** What of this version's schema a database has. */
export type SchemaVersion = { applied: string[]; missing: string[]; unknown: string[] };

/** Which migrations a database has; reads only. */
export async function schemaVersion(sql: SqlRunner, folder = migrationsFolder()): Promise<SchemaVersion> {
  const known = readMigrations(folder).map(({ tag }) => tag);
  const [table] = await sql.query<{ name: string | null }>(`select to_regclass('migrations')::text as name`);
  const rows =
    table?.name == null ? [] : await sql.query<{ tag: string }>('select tag from migrations order by number');
  const applied = rows.map(({ tag }) => tag);
  return {
    applied,
    missing: known.filter((tag) => !applied.includes(tag)),
    unknown: applied.filter((tag) => !known.includes(tag)),
  };
}

/**
 * Applies what is missing, all of it or nothing, and resolves to the names of what was applied. Throws ParleyError `config`
 * where a newer version of Parley has been here.
 */
export async function migrate(sql: SqlRunner, folder = migrationsFolder()): Promise<string[]> {
  const migrations = readMigrations(folder);
  await sql.query('begin');
  try {
    await sql.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await sql.query(
      `create table if not exists migrations (number serial primary key, tag text not null unique,
        applied_at timestamptz not null default now())`,
    );
    const version = await schemaVersion(sql, folder);
    refuseNewer(version);
    for (const { tag, statements } of migrations.filter((each) => version.missing.includes(each.tag))) {
      for (const statement of statements) await sql.query(statement);
      await sql.query('insert into migrations (tag) values ($1)', [tag]);
    }
    await sql.query('commit');
    return version.missing;
  } catch (error) {
    await sql.query('rollback').catch(() => undefined); // the first error says more
    throw error;
  }
}

/** Throws ParleyError `config` unless the schema is that of this version. */
export async function requireSchema(sql: SqlRunner, folder = migrationsFolder()): Promise<void> {
  const version = await schemaVersion(sql, folder);
  refuseNewer(version);
  if (version.missing.length === 0) return;
  const what =
    version.applied.length === 0 ? 'has no tables of Parley' : 'is of an earlier version of Parley';
  throw new ParleyError('config', `the database ${what}: run parley db migrate`);
}

function refuseNewer({ unknown }: SchemaVersion): void {
  if (unknown.length === 0) return;
  const message = `the database is of a newer version of Parley (${unknown.join(', ')}): install that version`;
  throw new ParleyError('config', message);
}
