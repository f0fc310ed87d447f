/**
 * An earlier commit of this repository, installed and built. It is made in a temporary git worktree, kept in
 * `node_modules/.cache/parley-bench` under its commit, and used again by later runs.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../src/package-root.js';

const run = promisify(execFile);

/** The folder of the package as it was at `commit`. @throws when git does not know the commit, or npm fails */
export async function buildOf(commit: string): Promise<string> {
  const root = packageRoot();
  const cache = join(root, 'node_modules', '.cache', 'parley-bench');
  const built = join(cache, commit);
  if (existsSync(built)) return built;
  process.stderr.write(`building commit ${commit} once ...\n`);
  await mkdir(cache, { recursive: true });
  const worktree = join(cache, `${commit}.partial`);
  const discard = async (): Promise<void> => {
    await rm(worktree, { recursive: true, force: true });
    await run('git', ['worktree', 'prune'], { cwd: root });
  };
  await discard(); // of a run that was ended
  try {
    await run('git', ['worktree', 'add', '--detach', worktree, commit], { cwd: root });
    await run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: worktree }); // builds, too
    await rm(join(worktree, '.git')); // a plain folder from here on
    await rename(worktree, built);
  } finally {
    await discard();
  }
  return built;
}
