/**
 * `npm run bench`: every benchmark in one run, as one table on stdout and as JSON in test/bench/results/. With words behind
 * it (`npm run bench -- joining`), those benchmarks whose names hold one of them. A benchmark that fails is said, and the
 * others go on; the exit code is 1 then.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { messageOf } from '../../src/errors.js';
import { packageRoot } from '../../src/package-root.js';
import { benchAgent } from './agent-bench.js';
import { benchBargeIn } from './barge-in-bench.js';
import { benchConnectionTimes } from './connection-times-bench.js';
import { benchCrosstalk } from './crosstalk-bench.js';
import { benchEcho } from './echo-bench.js';
import { benchFaults, benchRollingDeploy, benchStruckMachines } from './faults-bench.js';
import { benchFleet } from './fleet-bench.js';
import { benchFrameWay } from './frame-way-bench.js';
import { rssMib, type Row } from './measure.js';
import { benchJoin } from './meeting-join-bench.js';
import { benchMeetingDelay } from './meeting-delay-bench.js';
import { benchMeetingLoad } from './meeting-load-bench.js';
import { benchPlayout } from './meeting-playout-bench.js';
import { benchStall } from './meeting-stall-bench.js';
import { benchMeetingWay } from './meeting-way-bench.js';
import { benchOpenSessions } from './open-sessions-bench.js';
import { benchRecords } from './records-bench.js';
import { benchReplaySpeed } from './replay-speed-bench.js';
import { benchResamplers } from './resampler-bench.js';
import { benchSse } from './sse-bench.js';
import { benchCommandWeight } from './weight/commands-bench.js';
import { benchIdleMeetingWeight } from './weight/idle-meeting-bench.js';
import { benchLanguageWeight } from './weight/languages-bench.js';
import { benchLiveKitWeight, benchThreeEngines } from './weight/livekit-bench.js';
import { benchReplayWeight } from './weight/replay-bench.js';

const words = process.argv.slice(2);
const rows: Row[] = [];
let failures = 0;
for (const [name, bench] of [
  ['resamplers', benchResamplers],
  ['a frame on its way', benchFrameWay],
  ['barge-in', benchBargeIn],
  ['echo', benchEcho],
  ['two microphones', benchCrosstalk],
  ['replay', benchReplaySpeed],
  ['sessions and their connections', benchConnectionTimes],
  ['open sessions', benchOpenSessions],
  ['playout lateness', benchPlayout],
  ['a stall', benchStall],
  ['joining a meeting', benchJoin],
  ['the way through a meeting', benchMeetingWay],
  ['our own delay', benchMeetingDelay],
  ['the load of a meeting', benchMeetingLoad],
  ['the meeting agent', benchAgent],
  ['records of a year', benchRecords],
  ['live events by SSE', benchSse],
  ['a fleet: one service', benchFleet],
  ['faults of a fleet', benchFaults],
  ['faults of machines', benchStruckMachines],
  ['faults: a deploy', benchRollingDeploy],
  ['the weight of commands', benchCommandWeight],
  ['the weight of an idle meeting', benchIdleMeetingWeight],
  ['the weight of languages', benchLanguageWeight],
  ['the weight of a replay', benchReplayWeight],
  ['the weight of sessions beside livekit', benchLiveKitWeight],
  ['the weight of three engines beside livekit', benchThreeEngines],
] as const) {
  if (words.length > 0 && !words.some((word) => name.toLowerCase().includes(word.toLowerCase()))) continue;
  process.stderr.write(`measuring ${name}, at a load of ${loadavg()[0]!.toFixed(1)} ...\n`);
  try {
    rows.push(...(await bench()));
  } catch (error) {
    failures++;
    process.stderr.write(`measuring ${name} failed: ${messageOf(error)}\n`);
  }
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
process.exit(failures === 0 ? 0 : 1);

function tidy(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
