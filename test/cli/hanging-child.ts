/** A process that is told to end while it opens a pipe that nobody reads: that never returns, and `process.exit` waits for it. */
import { execFileSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { endSignal } from '../../src/cli/ending.js';

const path = process.argv[2]!;
execFileSync('mkfifo', [path]);
const signal = endSignal();
void open(path, 'w');
setInterval(() => undefined, 1_000);
signal.addEventListener('abort', () => {
  process.stdout.write(`asked ${String(signal.reason)}\n`);
});
process.stdout.write('hanging\n');
