import { sleep, withChildren } from '../child-process.js';
import type { RealtimeOrder, RealtimeReport } from '../children/messages.js';
import type { Row } from '../measure.js';
import { longMeasurementMs } from '../meeting-stage.js';
import type { Side } from './side.js';
import { roundsOf, shareRow, withSides, type Pair } from './sides.js';

const WANTED = { spawn: 0.6, rss: 0.65, cpu: 0.5 };
const START_TIMEOUT_MS = 30_000;
const SETTLE_MS = 4_000;

type Idle = { spawnMs: number; rssMib: number; percent: number };

/** `parley join` into a room without anybody else; room and Realtime server are elsewhere. */
export async function benchIdleMeetingWeight(): Promise<Row[]> {
  const [rounds, idleMs] = [roundsOf(3), longMeasurementMs(20)];
  const deadlineMs = 120_000 + rounds * 2 * (idleMs + 60_000);
  return withSides(({ earlier, now }) =>
    withChildren(deadlineMs, async (start) => {
      const realtime = start<RealtimeOrder, RealtimeReport>('realtime-child');
      const { url } = await realtime.next('started', START_TIMEOUT_MS);
      await earlier.openRoom();
      await now.openRoom();
      const spawn: Pair = { earlier: [], now: [] };
      const rss: Pair = { earlier: [], now: [] };
      const cpu: Pair = { earlier: [], now: [] };
      for (let round = 0; round < rounds; round++) {
        for (const [build, side] of [
          ['earlier', earlier],
          ['now', now],
        ] as const) {
          const { spawnMs, rssMib, percent } = await measure(side, url, idleMs);
          spawn[build].push(spawnMs);
          rss[build].push(rssMib);
          cpu[build].push(percent);
        }
      }
      return [
        shareRow('spawn of parley join to being in the meeting', spawn, 'ms', WANTED.spawn),
        shareRow('RSS of parley join, nobody speaking', rss, 'MiB', WANTED.rss),
        shareRow('CPU of parley join, nobody speaking', cpu, '% of a core', WANTED.cpu),
      ];
    }),
  );
}

async function measure(side: Side, url: string, idleMs: number): Promise<Idle> {
  const meetingId = await side.createMeeting();
  const { bot, tookMs } = await side.join(meetingId, '--languages', 'es,en', '--url', url);
  await sleep(SETTLE_MS);
  const before = await bot.usage();
  await sleep(idleMs);
  const after = await bot.usage();
  await bot.stop();
  return {
    spawnMs: tookMs,
    rssMib: after.rssMib,
    percent: ((after.cpuMs - before.cpuMs) * 100) / (after.atMs - before.atMs),
  };
}
