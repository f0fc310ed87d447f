/**
 * What npm runs after `npm ci`, and when `npx parley` is first called in a checkout, which npx puts into its cache then: builds,
 * unless dist is newer than everything that it is made of, so that the first `npx parley` does not build once more.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const MADE_OF = ['.config', 'audio', 'package.json', 'package-lock.json', 'src', 'test', 'tsconfig.json'];
/** The last file that the build writes, but for the licences and what the benchmarks weigh. */
const built = join(root, 'dist', 'bundle', 'parley.js');

const sources = MADE_OF.map((name) => join(root, name)).filter((path) => existsSync(path));
const isBuilt = existsSync(built) && sources.every((path) => newestMs(path) <= statSync(built).mtimeMs);
const script = isBuilt ? ['node', ['.config/link-bin.js']] : ['npm', ['run', 'build']];
const { status } = spawnSync(...script, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
process.exit(status ?? 1);

/** When the newest file at or below `path` was written; folders count, since a file that is gone changes them. */
function newestMs(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}
