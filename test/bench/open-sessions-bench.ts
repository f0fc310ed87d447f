/** What open sessions take: memory of each, and how many routes that listen one core carries. */
import { sleep, withChildren } from './child-process.js';
import type { RealtimeOrder, RealtimeReport, SessionsOrder, SessionsReport } from './children/messages.js';
import type { Row } from './measure.js';

const FEW = 1;
const MORE = 16;
const WANTED_MIB = 60;
const MANY = 200;
/** Of what would be sent in real time; where less arrives, something else was measured. */
const MIN_STREAMED_SHARE = 0.9;
const WARM_UP_MS = 8_000;
const MEASURE_MS = 15_000;
const OPEN_TIMEOUT_MS = 60_000;
const ASK_TIMEOUT_MS = 30_000;
const DEADLINE_MS = 180_000;
const GROUP = 'open sessions, embedded server';

/** Each measurement in processes of its own; the server in another, so that only the client is counted. */
export async function benchOpenSessions(): Promise<Row[]> {
  const few = await measure(FEW);
  const more = await measure(MORE);
  const many = await measure(MANY);
  if (many.streamed < MANY * MIN_STREAMED_SHARE)
    throw new Error(`${many.streamed.toFixed(1)} s of audio a second arrived, of ${MANY}`);
  const streamed = `everyone speaks; ${many.messagesPerSecond.toFixed(0)} messages a second arrive`;
  return [
    row(`RSS, ${FEW} session`, few.rssMib, 'MiB', 'garbage collected first'),
    row(
      `RSS, ${MORE} sessions more than ${FEW}`,
      more.rssMib - few.rssMib,
      'MiB',
      `wanted: at most ${WANTED_MIB}`,
    ),
    row(`memory of each further session`, (more.rssMib - few.rssMib) / (MORE - FEW), 'MiB', ''),
    row(`${MANY} routes that listen`, many.percent, '% of a core', streamed),
    row('routes per core', (MANY * 100) / many.percent, '', `wanted: at least ${MANY}; our own ear included`),
    row(
      `frames handed over late`,
      many.lateFrames,
      '',
      'more than 100 ms; the machine was busy with something else',
    ),
  ];
}

function row(name: string, value: number, unit: string, note: string): Row {
  return { group: GROUP, name, value, unit, note };
}

type Streamed = {
  percent: number;
  rssMib: number;
  /** Seconds of audio that arrived in a second. */
  streamed: number;
  messagesPerSecond: number;
  lateFrames: number;
};

async function measure(count: number): Promise<Streamed> {
  return withChildren(DEADLINE_MS, async (start) => {
    const server = start<RealtimeOrder, RealtimeReport>('realtime-child');
    const { url } = await server.next('started', ASK_TIMEOUT_MS);
    const child = start<SessionsOrder, SessionsReport>('sessions-child');
    await child.ask({ kind: 'open', count, url }, 'opened', OPEN_TIMEOUT_MS);
    await sleep(WARM_UP_MS);
    const tick = async () => ({
      ...(await child.ask({ kind: 'measure' }, 'measured', ASK_TIMEOUT_MS)),
      server: await server.ask({ kind: 'count' }, 'counted', ASK_TIMEOUT_MS),
    });
    const before = await tick();
    await sleep(MEASURE_MS);
    const after = await tick();
    if (after.ready !== count) throw new Error(`${after.ready} of ${count} sessions are ready`);
    const elapsedMs = after.atMs - before.atMs;
    return {
      rssMib: after.rssMib,
      percent: ((after.cpuMs - before.cpuMs) * 100) / elapsedMs,
      streamed: (after.server.audioMs - before.server.audioMs) / elapsedMs,
      messagesPerSecond: ((after.server.messages - before.server.messages) * 1000) / elapsedMs,
      lateFrames: after.lateFrames - before.lateFrames,
    };
  });
}
