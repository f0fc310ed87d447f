import { type BenchChild, sleep, type StartChild, withChildren } from '../child-process.js';
import type {
  Answer,
  RealtimeOrder,
  RealtimeReport,
  SessionsOrder,
  SessionsReport,
} from '../children/messages.js';
import type { Realtime } from '../meeting-stage.js';
import type { EngineName } from '../../../src/realtime/engines.js';

const WARM_UP_MS = 8_000;
const OPEN_TIMEOUT_MS = 60_000;
const ASK_TIMEOUT_MS = 30_000;
/** Of what is said; where another share arrives at the server, something else was measured. */
const STREAMED_SHARE = { least: 0.95, most: 1.05 };

/** A process with sessions. */
export type Sessions = BenchChild<SessionsOrder, SessionsReport>;

/** What sessions are made of. */
export type Listening = {
  count: number;
  speechMs: number;
  engine: EngineName;
  /** What the server says to each phrase. */
  answer: Answer;
  startSessions: (start: StartChild) => Sessions;
};

/** What they take while they listen. */
export type Weight = {
  /** Of a core. */
  percent: number;
  rssMib: number;
  /** More than before they were opened. */
  grownMib: number;
  /** Of translations, over all sessions, in the time that was measured. */
  spokenMs: number;
};

/**
 * Sessions in a process of their own, which hear somebody who speaks on and on, beside a server in another one.
 * @throws when less arrives than is said, or nothing is said to it although it is to be
 */
export function weighSessions(options: Listening): Promise<Weight> {
  const { count, speechMs, engine, answer, startSessions } = options;
  return withChildren(2 * OPEN_TIMEOUT_MS + WARM_UP_MS + speechMs, async (start) => {
    const server: Realtime = start<RealtimeOrder, RealtimeReport>('realtime-child');
    const { urls } = await server.next('started', ASK_TIMEOUT_MS);
    await server.ask({ kind: 'answer', answer }, 'answering', ASK_TIMEOUT_MS);
    const sessions = startSessions(start);
    const empty = await sessions.ask({ kind: 'measure' }, 'measured', OPEN_TIMEOUT_MS);
    await sessions.ask({ kind: 'open', count, url: urls[engine], engine }, 'opened', OPEN_TIMEOUT_MS);
    await sleep(WARM_UP_MS);
    const look = async () => ({
      ...(await sessions.ask({ kind: 'measure' }, 'measured', ASK_TIMEOUT_MS)),
      audioMs: (await server.ask({ kind: 'count' }, 'counted', ASK_TIMEOUT_MS)).audioMs,
    });
    const before = await look();
    await sleep(speechMs);
    const after = await look();
    const elapsedMs = after.atMs - before.atMs;
    const share = (after.audioMs - before.audioMs) / elapsedMs / count;
    if (share < STREAMED_SHARE.least || share > STREAMED_SHARE.most)
      throw new Error(`${(share * count).toFixed(2)} s of audio a second arrived, not ${count}`);
    const spokenMs = after.spokenMs - before.spokenMs;
    if (answer.what !== 'nothing' && spokenMs <= 0) throw new Error(`${engine}: nothing was translated`);
    return {
      percent: ((after.cpuMs - before.cpuMs) * 100) / elapsedMs,
      rssMib: after.rssMib,
      grownMib: after.rssMib - empty.rssMib,
      spokenMs,
    };
  });
}
