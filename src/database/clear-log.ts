import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SqlRunner } from './migrate.js';

/**
 * Takes what was written before out of the log of the embedded database: its files are kept for use again, with what is in
 * them. `folder` is its `pg_wal`.
 */
export async function clearLog(sql: SqlRunner, folder: string): Promise<void> {
  // The log goes on in a new file, and a recovery would begin there.
  await sql.query('select pg_switch_wal()');
  await sql.query('checkpoint');
  const [now] = await sql.query<{ file: string }>(
    'select pg_walfile_name(pg_current_wal_insert_lsn()) as file',
  );
  // Files before this one are not needed any more; those after it are old ones that wait for their turn, and are made anew.
  const others = (await readdir(folder)).filter((name) => /^[0-9A-F]{24}$/.test(name) && name !== now?.file);
  for (const name of others) await rm(join(folder, name));
}
