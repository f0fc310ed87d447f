/** `npm run bench`: every benchmark in one run, as one table on stdout and as JSON in test/bench/results/. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { packageRoot } from '../../src/package-root.js';
import { benchBargeIn } from './barge-in-bench.js';
import { benchFrameWay } from './frame-way-bench.js';
import { rssMib, type Row } from './measure.js';
import { benchReplaySpeed } from './replay-speed-bench.js';
import { benchResamplers } from './resampler-bench.js';

const rows: Row[] = [];
for (const [name, bench] of [
  ['resamplers', benchResamplers],
  ['a frame on its way', benchFrameWay],
  ['barge-in', benchBargeIn],
  ['replay', benchReplaySpeed],
] as const) {
  process.stderr.write(`measuring ${name} ...\n`);
  rows.push(...(await bench()));
}
rows.push({ group: 'process', name: 'RSS at the end', value: rssMib(), unit: 'MiB', note: '' });

const table = new Table({
  head: ['', '', 'value', 'unit', 'note'],
  style: { head: [], border: [] },
  wordWrap: true,
});
for (const { group, name, value, unit, note } of rows) {
  table.push([group, name, { content: tidy(value), hAlign: 'right' }, unit, note]);
}
process.stdout.write(`${table.toString()}\n`);

const folder = join(packageRoot(), 'test', 'bench', 'results');
mkdirSync(folder, { recursive: true });
const path = join(folder, 'bench.json');
const machine = {
  node: process.version,
  platform: process.platform,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
};
writeFileSync(path, `${JSON.stringify({ machine, rows }, undefined, 2)}\n`);
process.stdout.write(`written to ${path}\n`);
// Peers that were measured may leave native threads behind.
process.exit(0);

function tidy(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
