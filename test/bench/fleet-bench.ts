/**
 * `parley serve` as it is, with its embedded room and database: what a meeting weighs, how soon a bot is in it, out of it, and
 * back in it, and how many meetings with four people a core carries beside `parley join` of an earlier build.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { monotonicMs, type StartChild, withChildren } from './child-process.js';
import type {
  ParticipantOrder,
  ParticipantReport,
  RealtimeOrder,
  RealtimeReport,
} from './children/messages.js';
import { quantile, type Row } from './measure.js';
import { type BenchParticipant, JOIN_TIMEOUT_MS, longMeasurementMs, type Realtime } from './meeting-stage.js';
import { ServeProcess } from './serve-process.js';
import type { Side, SideRoom } from './weight/side.js';
import { type Pair, roundsOf, withSides } from './weight/sides.js';

const GROUP = 'a service';
const START_TIMEOUT_MS = 30_000;
const ASK_TIMEOUT_MS = 15_000;
const IDLE_MEETINGS = 4;
/** The spare process is there again. */
const SPARE_MS = 6_000;
const SETTLE_MS = 5_000;
const TICKS_PER_SECOND = 100;
/** Who is in a meeting: the first one speaks. */
const PEOPLE = ['es', 'en', 'en', 'fr'];
const HEARD_IN = 2;
/** Of what is said while it is measured; where another share is streamed, something else was measured. */
const MIN_STREAMED_SHARE = 0.9;
const WANTED_TIMES = 1.5;

const row = (name: string, value: number, unit: string, note: string): Row => ({
  ...{ group: GROUP, name, value, unit, note },
});

export async function benchFleet(): Promise<Row[]> {
  const [rounds, loadRounds, speechMs] = [roundsOf(10), roundsOf(3), longMeasurementMs(20)];
  const deadlineMs = 300_000 + rounds * 60_000 + loadRounds * 2 * (speechMs + 60_000);
  return withSides(({ earlier, now }) =>
    withChildren(deadlineMs, async (start) => {
      const realtime = start<RealtimeOrder, RealtimeReport>('realtime-child');
      const { url } = await realtime.next('started', START_TIMEOUT_MS);
      const service = await ServeProcess.start(now, url);
      try {
        return [
          ...(await weigh(service)),
          ...(await comeAndGo(service, rounds)),
          ...(await carry({ earlier, now }, service, { start, realtime, url }, loadRounds, speechMs)),
        ];
      } finally {
        await service.stop();
      }
    }),
  );
}

async function weigh(service: ServeProcess): Promise<Row[]> {
  const bots: string[] = [];
  for (let number = 0; number < IDLE_MEETINGS; number++) {
    const id = await service.invite(await service.createRoom());
    await service.until(id, 'active');
    bots.push(id);
  }
  await wait(SETTLE_MS);
  const processes = await Promise.all(bots.map((id) => service.processOf(id)));
  const memory = processes.map(memoryOf);
  await leaveAll(service, bots);
  return [
    row(
      'idle meeting: RSS, largest',
      Math.max(...memory.map(({ rssMib }) => rssMib)),
      'MiB',
      `of ${bots.length}; wanted: at most 150 MB (143 MiB)`,
    ),
    row(
      'idle meeting: PSS, largest',
      Math.max(...memory.map(({ pssMib }) => pssMib)),
      'MiB',
      'its share of what it shares',
    ),
    row('parley serve: RSS', memoryOf(service.pid).rssMib, 'MiB', 'wanted: at most 220 MB (210 MiB)'),
  ];
}

async function comeAndGo(service: ServeProcess, rounds: number): Promise<Row[]> {
  const times = { warm: [] as number[], cold: [] as number[], back: [] as number[], left: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    await wait(SPARE_MS);
    const warm = await service.invite(await service.createRoom());
    times.warm.push(await service.joinedAfterMs(warm));
    // The spare was taken a moment ago, and the next one is not begun yet.
    const cold = await service.invite(await service.createRoom());
    times.cold.push(await service.joinedAfterMs(cold));
    await wait(SPARE_MS);
    const killedMs = Date.now();
    process.kill(await service.processOf(warm), 'SIGKILL');
    times.back.push((await service.activeAgainMs(warm)) - killedMs);
    for (const id of [warm, cold]) {
      const askedMs = Date.now();
      await service.leave(id);
      times.left.push((await service.endedMs(id)) - askedMs);
    }
  }
  return [
    row(
      'invite to in the meeting, warm, p95',
      quantile(times.warm, 0.95),
      'ms',
      `of ${rounds}; wanted: at most 1,500`,
    ),
    row(
      'invite to in the meeting, cold, p95',
      quantile(times.cold, 0.95),
      'ms',
      'no spare is there; wanted: at most 5,000',
    ),
    row(
      'meeting process killed to interpreting again, p95',
      quantile(times.back, 0.95),
      'ms',
      'wanted: at most 4,000',
    ),
    row(
      'stop to left, p95',
      quantile(times.left, 0.95),
      'ms',
      `of ${times.left.length}; wanted: at most 2,000`,
    ),
  ];
}

type Around = { start: StartChild; realtime: Realtime; url: string };

/** What one meeting costs in CPU: of its process, and of the service what falls to it. */
async function carry(
  sides: { earlier: Side; now: Side },
  service: ServeProcess,
  around: Around,
  rounds: number,
  speechMs: number,
): Promise<Row[]> {
  const percent: Pair = { earlier: [], now: [] };
  const ofService: number[] = [];
  const rooms = { earlier: await sides.earlier.openRoom(), now: service.room };
  const meetingIds = { earlier: await sides.earlier.createMeeting(), now: await service.createRoom() };
  const speakers = {
    earlier: await fill(sides.earlier, rooms.earlier, meetingIds.earlier, around.start),
    now: await fill(sides.now, rooms.now, meetingIds.now, around.start),
  };
  for (let round = 0; round < rounds; round++) {
    const { bot } = await sides.earlier.join(meetingIds.earlier, '--url', around.url, '--no-announcement');
    const ofEarlier = async () => (await bot.usage()).cpuMs;
    percent.earlier.push(await measure('the earlier build', speakers.earlier, around, speechMs, ofEarlier));
    await bot.stop();

    const id = await service.invite(meetingIds.now, { announcement: false });
    await service.until(id, 'active');
    const pid = await service.processOf(id);
    const ofNow = () => Promise.resolve(cpuMsOf(pid) + cpuMsOf(service.pid));
    const before = { cpuMs: cpuMsOf(service.pid), atMs: monotonicMs() };
    percent.now.push(await measure('the service', speakers.now, around, speechMs, ofNow));
    ofService.push(((cpuMsOf(service.pid) - before.cpuMs) * 100) / (monotonicMs() - before.atMs));
    await leaveAll(service, [id]);
  }
  const perCore = (values: readonly number[]): number => 100 / quantile(values, 0.5);
  const list = (values: readonly number[]): string => values.map((value) => value.toPrecision(3)).join(', ');
  const [before, after] = [perCore(percent.earlier), perCore(percent.now)];
  return [
    row(
      'meetings per core, four people, one speaks',
      after,
      '',
      `CPU ${list(percent.now)} % of a core, the service's included (${list(ofService)})`,
    ),
    row('the same, parley join of the earlier build', before, '', `CPU ${list(percent.earlier)} % of a core`),
    row('meetings per core, times the earlier build', after / before, '', `wanted: at least ${WANTED_TIMES}`),
  ];
}

/** People come; the first one can speak. */
async function fill(
  side: Side,
  room: SideRoom,
  meetingId: string,
  start: StartChild,
): Promise<BenchParticipant> {
  const people: BenchParticipant[] = [];
  for (const [index, language] of PEOPLE.entries()) {
    const participant = start<ParticipantOrder, ParticipantReport>('participant-child');
    const address = await side.addressFor(room, meetingId, `person-${index}`);
    const order: ParticipantOrder = {
      ...{ kind: 'join', address, id: `person-${index}`, language, hearsBot: false, speaks: index === 0 },
    };
    await participant.ask(order, 'joined', JOIN_TIMEOUT_MS);
    people.push(participant);
  }
  return people[0]!;
}

async function measure(
  name: string,
  speaker: BenchParticipant,
  { realtime }: Around,
  speechMs: number,
  cpuMs: () => Promise<number>,
): Promise<number> {
  speaker.order({ kind: 'talk', offsetMs: 0 });
  await wait(SETTLE_MS);
  const look = async () => ({
    ...{ cpuMs: await cpuMs(), atMs: monotonicMs() },
    audioMs: (await realtime.ask({ kind: 'count' }, 'counted', ASK_TIMEOUT_MS)).audioMs,
  });
  const before = await look();
  await wait(speechMs);
  const after = await look();
  speaker.order({ kind: 'hush' });
  const elapsedMs = after.atMs - before.atMs;
  const streamed = (after.audioMs - before.audioMs) / elapsedMs / HEARD_IN;
  if (streamed < MIN_STREAMED_SHARE || streamed > 2 - MIN_STREAMED_SHARE)
    throw new Error(
      `${name}: ${(streamed * HEARD_IN).toFixed(2)} s of speech a second were streamed, not ${HEARD_IN}`,
    );
  return ((after.cpuMs - before.cpuMs) * 100) / elapsedMs;
}

async function leaveAll(service: ServeProcess, bots: readonly string[]): Promise<void> {
  await Promise.all(bots.map((id) => service.leave(id)));
  await Promise.all(bots.map((id) => service.until(id, 'ended')));
}

function memoryOf(pid: number): { rssMib: number; pssMib: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]) / 1_024;
  return { rssMib: of('Rss'), pssMib: of('Pss') };
}

/** Of all threads of a process. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}
