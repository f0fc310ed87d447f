/** Everything of a database as lines of JSON, and back into an empty one of either kind. */
import { getTableName, sql } from 'drizzle-orm';
import { z } from 'zod';
import { messageOf, ParleyError } from '../errors.js';
import type { Database, Orm } from './database.js';
import { migrationsFolder, readMigrations, schemaVersion } from './migrate.js';
import * as schema from './schema.js';

/** Every table, those that others refer to before these. */
export const TABLES = [
  schema.service,
  schema.workspaces,
  schema.users,
  schema.passkeys,
  schema.sessions,
  schema.oneTimeTokens,
  schema.apiKeys,
  schema.idempotency,
  schema.bots,
  schema.botEvents,
  schema.botAttempts,
  schema.people,
  schema.segments,
  schema.notes,
  schema.minutes,
  schema.toolCalls,
  schema.agentSecrets,
  schema.agentTools,
  schema.documents,
  schema.documentChunks,
  schema.usage,
  schema.workers,
  schema.audit,
  schema.outbox,
  schema.webhooks,
  schema.deliveries,
].map(getTableName);

/** Rows in one query. */
const BATCH = 500;
const FORMAT = 'parley-database';

const headSchema = z.object({ format: z.literal(FORMAT), v: z.literal(1), migrations: z.array(z.string()) });
const rowSchema = z.object({ table: z.enum(TABLES), row: z.record(z.string(), z.unknown()) });

/**
 * Hands every row to `write` as a line without its end, as they all are at one moment, behind a line about the database.
 * Resolves to how many rows there are.
 */
export async function exportDatabase(database: Database, write: (line: string) => void): Promise<number> {
  const { applied } = await schemaVersion(database);
  write(JSON.stringify({ format: FORMAT, v: 1, migrations: applied }));
  return database.transaction(async (tx) => {
    await tx.execute(sql`set transaction isolation level repeatable read, read only`);
    let count = 0;
    for (const table of TABLES) {
      const name = sql.identifier(table);
      await tx.execute(sql`declare export_rows no scroll cursor for select (to_jsonb(${name}) - 'tsv')::text as row
        from ${name}`);
      for (;;) {
        const { rows } = await tx.execute<{ row: string }>(
          sql`fetch ${sql.raw(String(BATCH))} from export_rows`,
        );
        for (const { row } of rows) write(`{"table":${JSON.stringify(table)},"row":${row}}`);
        count += rows.length;
        if (rows.length < BATCH) break;
      }
      await tx.execute(sql`close export_rows`);
    }
    return count;
  });
}

/**
 * Puts the rows of an export into an empty database: all of them or none. Resolves to how many there are. Throws ParleyError
 * `input_unusable` for what is no export, or one of another version, and `usage` where the database is not empty.
 */
export async function importDatabase(database: Database, lines: AsyncIterable<string>): Promise<number> {
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  const head = headSchema.safeParse(first.done === true ? undefined : parsed(first.value, 1));
  if (!head.success)
    throw new ParleyError(
      'input_unusable',
      'this is no export of a database: give what parley db export wrote',
    );
  const known = readMigrations(migrationsFolder()).map(({ tag }) => tag);
  const newer = head.data.migrations.filter((tag) => !known.includes(tag));
  if (newer.length > 0)
    throw new ParleyError(
      'input_unusable',
      `the export is of a newer version of Parley (${newer.join(', ')})`,
    );
  return database.transaction(async (tx) => {
    await refuseRows(tx);
    let count = 0;
    let batch: { table: string; rows: unknown[] } | undefined;
    const flush = async (): Promise<void> => {
      if (batch !== undefined) await insertRows(tx, batch.table, batch.rows);
      batch = undefined;
    };
    for (let number = 2; ; number++) {
      const next = await iterator.next();
      if (next.done === true) break;
      const { table, row } = readRow(next.value, number);
      if (batch?.table !== table || batch.rows.length >= BATCH) await flush();
      batch ??= { table, rows: [] };
      batch.rows.push(row);
      count++;
    }
    await flush();
    return count;
  });
}

async function refuseRows(tx: Orm): Promise<void> {
  for (const table of TABLES) {
    const { rows } = await tx.execute(sql`select 1 from ${sql.identifier(table)} limit 1`);
    if (rows.length > 0)
      throw new ParleyError('usage', `the database is not empty (${table}): import into a new one`);
  }
}

function readRow(line: string, number: number): z.infer<typeof rowSchema> {
  const row = rowSchema.safeParse(parsed(line, number));
  if (row.success) return row.data;
  throw new ParleyError('input_unusable', `line ${number} of the export is no row of a table`);
}

function parsed(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new ParleyError('input_unusable', `line ${number} of the export is no JSON: it may be cut off`);
  }
}

async function insertRows(tx: Orm, table: string, rows: readonly unknown[]): Promise<void> {
  const name = sql.identifier(table);
  const { rows: columns } = await tx.execute<{ column_name: string }>(sql`select column_name
    from information_schema.columns where table_schema = current_schema() and table_name = ${table}
    and is_generated = 'NEVER'`);
  // What a row says nothing of, since its export is older, takes its default.
  const given = new Set(rows.flatMap((row) => Object.keys(row as object)));
  const names = sql.join(
    columns
      .filter(({ column_name }) => given.has(column_name))
      .map((each) => sql.identifier(each.column_name)),
    sql`, `,
  );
  try {
    await tx.execute(sql`insert into ${name} (${names}) select ${names}
      from jsonb_populate_recordset(null::${name}, ${JSON.stringify(rows)}::jsonb)`);
  } catch (cause) {
    const { message } = (cause as { cause?: Error }).cause ?? new Error(messageOf(cause));
    throw new ParleyError('input_unusable', `rows of ${table} do not fit: ${message}`, { cause });
  }
}
