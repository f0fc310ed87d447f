#!/usr/bin/env node
/** The `parley` command: hands the process to the command line and ends with its exit code. */
import { endSignal, outputFailed } from './ending.js';
import { runCli } from './program.js';
import { keepYoungGenerationSmall } from '../young-generation.js';

keepYoungGenerationSmall();

const signal = endSignal();
process.stdout.on('error', outputFailed);

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
  signal,
});
// After media, a process that is left to end by itself crashes in wrtc's threads (see src/room/videosdk/wrtc.ts).
process.stdout.write('', (error) => {
  if (error != null) outputFailed(error);
  process.exit(exitCode);
});
