/** Packages that we are measured beside: installed, as their lockfile says, by the first benchmark that needs them. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/package-root.js';

/** Where the peers in this folder below `test/bench` are. @throws when npm fails, for example without a network */
export async function installPeers(name: 'peers' | 'peers-livekit'): Promise<string> {
  const folder = join(packageRoot(), 'test', 'bench', name);
  if (!existsSync(join(folder, 'node_modules', '.package-lock.json'))) {
    process.stderr.write(`installing ${join('test', 'bench', name)} once ...\n`);
    await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  }
  return folder;
}
