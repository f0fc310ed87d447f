import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import type { Database } from '../../database/database.js';
import { ParleyError } from '../../errors.js';
import { plain } from '../../text.js';
import type { CliIo } from '../io.js';
import { dataFolderOf } from '../service/data-folder.js';

export type DatabaseFlags = { database?: string; data?: string };

/** Options that say which database. */
export function databaseOptions(): Option[] {
  return [
    new Option(
      '--data <folder>',
      'where parley serve keeps its embedded database (default: ~/.local/share/parley)',
    ),
    new Option(
      '--database <url>',
      'a PostgreSQL database instead: postgres://…; PARLEY_DATABASE keeps its password out of process lists',
    ),
  ];
}

/** The database that is meant: a server by its address, or the embedded one by its folder. */
export function databasePlaceOf(flags: DatabaseFlags, io: Pick<CliIo, 'env'>): string {
  return namedDatabase(flags, io) ?? embedded(dataFolderOf(io));
}

/** The database that flags or the environment name; undefined where none does. */
export function namedDatabase(
  { database, data }: DatabaseFlags,
  { env }: Pick<CliIo, 'env'>,
): string | undefined {
  if (database !== undefined) return database;
  if (data !== undefined) return embedded(data);
  const named = env['PARLEY_DATABASE']?.trim() ?? '';
  return named === '' ? undefined : named;
}

function embedded(dataFolder: string): string {
  return join(dataFolder, 'database');
}

/** Opens a database that is there, to read it. Throws ParleyError `input_missing` where the embedded one is not. */
export async function openExisting(place: string): Promise<Database> {
  // Many packages that few commands need.
  const { isPostgresUrl, openDatabase } = await import('../../database/open.js');
  if (!isPostgresUrl(place) && !existsSync(place)) {
    const message = `${plain(place)} has no database in it: name one by --data or --database`;
    throw new ParleyError('input_missing', message);
  }
  return openDatabase(place);
}
