#!/usr/bin/env node
/** The `parley` command: hands the process to the command line and ends with its exit code. */
import { EXIT_INTERRUPTED } from './io.js';
import { runCli } from './program.js';
import { keepYoungGenerationSmall } from './young-generation.js';

keepYoungGenerationSmall();

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(EXIT_INTERRUPTED); // asked twice: at once
    interrupt.abort();
  });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // whoever was reading has seen enough
  throw error;
});

const exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  env: process.env,
  get columns() {
    return process.stdout.isTTY ? process.stdout.columns : undefined; // windows are resized
  },
  get rows() {
    return process.stdout.isTTY ? process.stdout.rows : undefined;
  },
  liveErr: process.stderr.isTTY,
  signal: interrupt.signal,
});
// After media, a process that is left to end by itself crashes in wrtc's threads (see src/room/videosdk/wrtc.ts).
process.stdout.write('', () => process.exit(exitCode));
