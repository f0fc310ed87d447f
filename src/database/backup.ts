/** Backups of the embedded database: folders that can be opened like the one that they were made of. */
import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, ParleyError } from '../errors.js';
import { plain } from '../text.js';
import { askOwner, lockFolder } from './folder-lock.js';
import { makeWholeFolder } from './whole-folder.js';

/** In a folder of an embedded database, the one with the database itself. */
export const CLUSTER = 'pglite';

/**
 * Copies the embedded database in `folder` into a new folder, by the process that uses it where there is one: it goes on
 * meanwhile. Throws ParleyError `usage` where it cannot be written, `input_missing` where there is no database.
 */
export async function backup(folder: string, to: string): Promise<void> {
  const target = resolve(to);
  if (existsSync(target))
    throw new ParleyError('usage', `${plain(to)} exists: a backup goes into a new folder`);
  if (await askOwner(folder, { backupTo: target })) return;
  const cluster = join(folder, CLUSTER);
  if (!existsSync(cluster)) throw new ParleyError('input_missing', `${plain(folder)} has no database in it`);
  const lock = await lockFolder(folder);
  try {
    await copyCluster(cluster, target);
  } finally {
    await lock.release();
  }
}

/** Copies the files of a database that nobody writes meanwhile. The folder appears when it is complete. */
export async function copyCluster(cluster: string, folder: string): Promise<void> {
  if (existsSync(folder))
    throw new ParleyError('usage', `${plain(folder)} exists: a backup goes into a new folder`);
  try {
    await makeWholeFolder(folder, async (unfinished) => {
      await mkdir(unfinished, { recursive: true, mode: 0o700 });
      await cp(cluster, join(unfinished, CLUSTER), { recursive: true });
    });
  } catch (cause) {
    throw new ParleyError('usage', `the backup cannot be written: ${messageOf(cause)}`, { cause });
  }
}
