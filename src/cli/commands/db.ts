import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { messageOf, ParleyError } from '../../errors.js';
import { SECRET_FILE } from '../../installation.js';
import { LineFile } from '../../replay/output/safe-file.js';
import { plain } from '../../text.js';
import type { CliIo, CommandContext } from '../io.js';
import {
  type DatabaseFlags,
  databaseOptions,
  databasePlaceOf,
  openExisting,
} from '../options/database-place.js';

const EXAMPLES = `
Examples:
  PARLEY_DATABASE=postgres://parley@db.example.com/parley parley db migrate
  parley db backup before-the-update
  parley db export --out parley.jsonl
  PARLEY_DATABASE=postgres://parley@db.example.com/parley parley db import parley.jsonl

Backups and exports hold what people said. A backup also has the service's own secret, where its data folder has it: without that,
secrets of webhooks and tools cannot be opened. Exports have it not.`;

/** `parley db`: what an operator does to the database of the service. */
export function addDb(program: Command, { io }: CommandContext): void {
  const db = program
    .command('db')
    .summary('the database of the service: migrate, export, import, backup')
    .description('Looks after the database in which parley serve keeps meetings.')
    .addHelpText('after', EXAMPLES);
  const add = (usage: string, description: string): Command => {
    const command = db.command(usage).description(description);
    for (const option of databaseOptions()) command.addOption(option);
    return command;
  };
  add('migrate', "Brings the database to this version's schema. The embedded one does so by itself.").action(
    (flags: DatabaseFlags) => migrateDatabase(databasePlaceOf(flags, io), io),
  );
  add(
    'export',
    'Writes every row as a line of JSON, to standard output or a file that its owner alone can read.',
  )
    .option('--out <file>', 'file to write')
    .action((flags: DatabaseFlags & { out?: string }) => exportTo(databasePlaceOf(flags, io), flags.out, io));
  add(
    'import <file>',
    'Puts an export into an empty database, of either kind: everything or nothing.',
  ).action((file: string, flags: DatabaseFlags) => importFrom(file, databasePlaceOf(flags, io), io));
  add(
    'backup <folder>',
    'Copies the embedded database and the secret of its service into a new data folder, also while parley serve runs.',
  ).action((folder: string, flags: DatabaseFlags) => backupTo(folder, databasePlaceOf(flags, io), io));
}

async function migrateDatabase(place: string, io: CliIo): Promise<void> {
  const { openDatabase } = await import('../../database/open.js');
  const { schemaVersion } = await import('../../database/migrate.js');
  const database = await openDatabase(place, { schema: 'apply' });
  try {
    const { applied } = await schemaVersion(database);
    io.out(`the database has the schema of this version: ${applied.at(-1)}\n`);
  } finally {
    await database.close();
  }
}

async function exportTo(place: string, out: string | undefined, io: CliIo): Promise<void> {
  const { exportDatabase } = await import('../../database/transfer.js');
  const database = await openExisting(place);
  try {
    if (out === undefined) {
      await exportDatabase(database, (line) => {
        io.out(`${line}\n`);
      });
      return;
    }
    const file = new LineFile(out, 0o600);
    try {
      const count = await exportDatabase(database, (line) => {
        file.write(line);
      });
      io.err(`${plain(out)}: ${count} rows\n`);
    } finally {
      file.close();
    }
  } finally {
    await database.close();
  }
}

async function importFrom(path: string, place: string, io: CliIo): Promise<void> {
  if (!existsSync(path)) throw new ParleyError('input_missing', `${plain(path)} is not there`);
  const { openDatabase } = await import('../../database/open.js');
  const { importDatabase } = await import('../../database/transfer.js');
  const database = await openDatabase(place, { schema: 'apply' });
  try {
    const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
    io.out(`imported ${await importDatabase(database, lines)} rows\n`);
  } finally {
    await database.close();
  }
}

async function backupTo(folder: string, place: string, io: CliIo): Promise<void> {
  const { isPostgresUrl } = await import('../../database/open.js');
  if (isPostgresUrl(place)) {
    const message = 'parley db backup copies the embedded database: of PostgreSQL pg_dump makes a backup';
    throw new ParleyError('usage', message);
  }
  const { backup } = await import('../../database/backup.js');
  const { makeWholeFolder } = await import('../../database/whole-folder.js');
  if (existsSync(folder))
    throw new ParleyError('usage', `${plain(folder)} exists: a backup goes into a new folder`);
  try {
    await makeWholeFolder(resolve(folder), async (unfinished) => {
      await mkdir(unfinished, { mode: 0o700, recursive: true });
      await backup(place, join(unfinished, basename(place)));
      const secret = join(dirname(place), SECRET_FILE);
      if (existsSync(secret)) await copyFile(secret, join(unfinished, SECRET_FILE));
    });
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw new ParleyError('usage', `the backup cannot be written: ${messageOf(error)}`, { cause: error });
  }
  io.out(
    `${plain(folder)}: parley serve --data ${plain(folder)} serves it, and --data of other commands reads it\n`,
  );
}
