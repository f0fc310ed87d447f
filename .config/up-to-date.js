/** What builds share: whether what is built is newer than everything that it is made of, and how a folder is replaced. */
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Whether `built`, the last file that a build writes, is there and newer than the files and folders `madeOf` of this checkout. */
export function isUpToDate(built, madeOf) {
  const sources = madeOf.map((name) => join(root, name)).filter((path) => existsSync(path));
  return existsSync(built) && sources.every((path) => newestMs(path) <= statSync(built).mtimeMs);
}

/** Puts the folder `made`, which is whole, in the place of an older one: who loads a file of it meanwhile finds one. */
export function putInPlace(made, place) {
  rmSync(place, { recursive: true, force: true });
  try {
    renameSync(made, place);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    rmSync(made, { recursive: true }); // another build was there first, of the same sources
  }
}

/** When the newest file at or below `path` was written; folders count, since a file that is gone changes them. */
function newestMs(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}
