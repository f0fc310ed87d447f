import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { messageOf, ParleyError } from '../errors.js';
import { makeWholeFolder } from './whole-folder.js';

const TIMEOUT_MS = 180_000;

/**
 * Makes an empty embedded database in a process that ends: making one takes 800 MB of memory that a process never gives back.
 * The folder appears when it is complete. Does nothing where it is there; `onCreate` is called where it is not: it takes seconds.
 */
export async function createCluster(folder: string, onCreate: () => void = () => undefined): Promise<void> {
  if (existsSync(folder)) return;
  onCreate();
  const pglite = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const script = `require(process.argv[1]).PGlite.create(process.argv[2]).then((database) => database.close())`;
  try {
    await makeWholeFolder(folder, async (unfinished) => {
      await promisify(execFile)(process.execPath, ['--eval', script, pglite, unfinished], {
        timeout: TIMEOUT_MS,
      });
    });
  } catch (cause) {
    throw new ParleyError('usage', `an embedded database cannot be made: ${lastLine(messageOf(cause))}`, {
      cause,
    });
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
