/**
 * What npm runs after `npm ci`, and when `npx parley` is first called in a checkout, which npx puts into its cache then: builds,
 * unless dist is newer than everything that it is made of, so that the first `npx parley` does not build once more.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isUpToDate } from './up-to-date.js';

const root = join(import.meta.dirname, '..');
const MADE_OF = ['.config', 'audio', 'package.json', 'package-lock.json', 'src', 'test', 'tsconfig.json'];
/** The last file that the build writes, but for the licences and what the benchmarks weigh. */
const built = join(root, 'dist', 'bundle', 'parley.js');

const isBuilt = isUpToDate(built, MADE_OF);
const script = isBuilt ? ['node', ['.config/link-bin.js']] : ['npm', ['run', 'build']];
const { status } = spawnSync(...script, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
process.exit(status ?? 1);
