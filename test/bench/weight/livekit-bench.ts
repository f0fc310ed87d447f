import { type BenchChild, sleep, type StartChild, withChildren } from '../child-process.js';
import type { RealtimeOrder, RealtimeReport, SessionsOrder, SessionsReport } from '../children/messages.js';
import type { Row } from '../measure.js';
import { longMeasurementMs, type Realtime } from '../meeting-stage.js';
import { installPeers } from '../peers.js';
import { type Pair, roundsOf, shareRow } from './sides.js';

const COUNT = 10;
const WANTED = { cpu: 0.25, rss: 0.5 };
const WARM_UP_MS = 8_000;
const OPEN_TIMEOUT_MS = 60_000;
const ASK_TIMEOUT_MS = 30_000;
/** Of what is said; where another share arrives at the server, something else was measured. */
const STREAMED_SHARE = { least: 0.95, most: 1.05 };

type Sessions = BenchChild<SessionsOrder, SessionsReport>;

/**
 * Ten sessions that hear somebody who speaks on and on, 48 kHz in frames of 10 ms: ours, with our own judgement of speech,
 * beside `RealtimeModel` of LiveKit's plugin for OpenAI. The server is in a process of its own. That plugin neither resamples
 * nor judges speech: LiveKit's own resampler does the former here, as it does in its agents; nothing does the latter.
 */
export async function benchLiveKitWeight(): Promise<Row[]> {
  const [rounds, speechMs] = [roundsOf(3), longMeasurementMs(20)];
  const folder = await installPeers('peers-livekit');
  const cpu: Pair = { earlier: [], now: [] };
  const rss: Pair = { earlier: [], now: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [build, program, args] of [
      ['earlier', 'livekit-child', [folder]],
      ['now', 'sessions-child', []],
    ] as const) {
      const { percent, rssMib } = await measure(speechMs, (start) => start(program, args));
      cpu[build].push(percent);
      rss[build].push(rssMib);
    }
  }
  const beside = (row: Row): Row => ({
    ...row,
    unit: "of LiveKit's",
    note: `${row.note}; both resample, ours judges speech too`,
  });
  return [
    beside(shareRow(`CPU of ${COUNT} sessions that listen`, cpu, '% of a core', WANTED.cpu)),
    beside(shareRow(`RSS of ${COUNT} sessions that listen`, rss, 'MiB', WANTED.rss)),
  ];
}

function measure(
  speechMs: number,
  startSessions: (start: StartChild) => Sessions,
): Promise<{ percent: number; rssMib: number }> {
  return withChildren(2 * OPEN_TIMEOUT_MS + WARM_UP_MS + speechMs, async (start) => {
    const server: Realtime = start<RealtimeOrder, RealtimeReport>('realtime-child');
    const { url } = await server.next('started', ASK_TIMEOUT_MS);
    const sessions = startSessions(start);
    await sessions.ask({ kind: 'open', count: COUNT, url }, 'opened', OPEN_TIMEOUT_MS);
    await sleep(WARM_UP_MS);
    const look = async () => ({
      ...(await sessions.ask({ kind: 'measure' }, 'measured', ASK_TIMEOUT_MS)),
      audioMs: (await server.ask({ kind: 'count' }, 'counted', ASK_TIMEOUT_MS)).audioMs,
    });
    const before = await look();
    await sleep(speechMs);
    const after = await look();
    const elapsedMs = after.atMs - before.atMs;
    const share = (after.audioMs - before.audioMs) / elapsedMs / COUNT;
    if (share < STREAMED_SHARE.least || share > STREAMED_SHARE.most)
      throw new Error(`${(share * COUNT).toFixed(2)} s of audio a second arrived, not ${COUNT}`);
    return { percent: ((after.cpuMs - before.cpuMs) * 100) / elapsedMs, rssMib: after.rssMib };
  });
}
