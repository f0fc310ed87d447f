/**
 * What faults of a fleet cost, on real processes over PostgreSQL: how long nobody was in a meeting, how long no word was said
 * there, and words that the record lacks. The meetings are each in the memory of a process; who is there is known to a registry.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { postgresBinaries } from '../database/postgres-server.js';
import { FaultStage, killPid, type StageWorker, until } from '../service/faults/fault-stage.js';
import { NetworkNamespace } from '../service/faults/network-namespace.js';
import { TcpProxy } from '../service/faults/tcp-proxy.js';
import { quantile, type Row } from './measure.js';

const GROUP = 'faults of a fleet';
/** The spare process is there again. */
const SPARE_MS = 6_000;
const AWAY_MS = 60_000;
const MEETINGS = 4;
const DEPLOYED = 10;
/** A worker that is there for so long takes over what others do not hold. */
const STEADY_MS = 18_000;

type Gap = { absentMs: number; silentMs: number };

const row = (name: string, value: number, unit: string, note: string): Row => ({
  ...{ group: GROUP, name, value, unit, note },
});

/** Rounds of each kind: so many, or `PARLEY_BENCH_ROUNDS` for trying. */
function rounds(otherwise: number): number {
  const given = Number(process.env['PARLEY_BENCH_ROUNDS'] ?? otherwise);
  if (!Number.isInteger(given) || given < 1 || given > 50)
    throw new Error('PARLEY_BENCH_ROUNDS must be 1 to 50');
  return given;
}

/** Meeting, worker and database are killed, and the database is away for a minute. */
export async function benchFaults(): Promise<Row[]> {
  if (postgresBinaries() === undefined) throw new Error('PostgreSQL is not installed');
  const stage = await FaultStage.open({ postgres: true });
  try {
    await stage.serveFleet();
    const worker = await stage.worker('one', { slots: 20 });
    const meetings = Array.from({ length: MEETINGS }, (_, index) => `meeting-${index}`);
    const bots = await Promise.all(meetings.map((meetingId) => stage.invite(meetingId)));
    await Promise.all(meetings.map((meetingId) => stage.speaks(meetingId)));
    return [
      ...(await strikeMeetings(stage, 'SIGKILL', rounds(10))),
      ...(await strikeMeetings(stage, 'SIGSTOP', rounds(2))),
      ...(await restartWorker(stage, worker, meetings, bots)),
      ...(await killDatabase(stage, meetings, bots)),
      ...(await killMachines(stage, meetings, bots, rounds(3))),
    ];
  } finally {
    await stage.close();
  }
}

/** Each time another meeting: one whose process was lost a while ago is taken up again later each time. */
async function strikeMeetings(
  stage: FaultStage,
  signal: 'SIGKILL' | 'SIGSTOP',
  count: number,
): Promise<Row[]> {
  let missing = 0;
  const gaps: Gap[] = [];
  for (let round = 0; round < count; round++) {
    const meetingId = `${signal}-${round}`;
    const botId = await stage.invite(meetingId);
    const before = await stage.speaks(meetingId);
    await wait(SPARE_MS);
    killPid(before.pid, signal);
    await stage.speaksAgain(meetingId, 2);
    gaps.push(stage.registry.gaps(meetingId).at(-1)!);
    const recorded = new Set(await stage.recorded(botId, 1));
    missing += before.words.filter(({ number }) => !recorded.has(number)).length;
    await stage.api('POST', `/v1/bots/${botId}/leave`, {});
  }
  const name = signal === 'SIGKILL' ? 'meeting process killed' : 'meeting process stands still';
  const wanted = signal === 'SIGKILL' ? 'wanted: p95 at most 4,000' : 'it is killed after 10 s';
  return [
    ...rowsOf(name, gaps, wanted),
    row(`${name}: words lost`, missing, '', `of ${count} times: what was about to be kept`),
  ];
}

/** The worker's supervisor of processes, systemd say, starts it again at once. */
async function restartWorker(
  stage: FaultStage,
  worker: StageWorker,
  meetings: readonly string[],
  bots: readonly string[],
): Promise<Row[]> {
  const before = meetings.map((meetingId) => stage.registry.present(meetingId)[0]!);
  const killedMs = performance.now();
  await worker.process.kill();
  await stage.worker('one', { slots: 20 });
  const missing = await lost(stage, meetings, bots);
  const took = performance.now() - killedMs;
  const same = before.filter(({ leftMs }) => leftMs === undefined).length;
  return [
    row(
      'worker killed and started again: meetings interrupted',
      meetings.length - same,
      '',
      `of ${meetings.length}`,
    ),
    row('worker killed and started again: words lost', missing, '', 'read from the journals'),
    row('worker killed and started again: all words in the record again', took, 'ms', 'from the kill'),
  ];
}

async function killDatabase(
  stage: FaultStage,
  meetings: readonly string[],
  bots: readonly string[],
): Promise<Row[]> {
  const before = meetings.map((meetingId) => stage.registry.present(meetingId)[0]!);
  await stage.killDatabase();
  await wait(AWAY_MS);
  await stage.startDatabase();
  const backMs = performance.now();
  const missing = await lost(stage, meetings, bots);
  const took = performance.now() - backMs;
  await wait(20_000); // claims are looked after again
  const interrupted = before.filter(({ leftMs }) => leftMs !== undefined).length;
  const note = `of ${meetings.length}, ${AWAY_MS / 1_000} s without the database; wanted: 0`;
  return [
    row('database killed: meetings interrupted', interrupted, '', note),
    row('database killed: words lost', missing, '', 'wanted: 0'),
    row('database killed: all words in the record', took, 'ms', 'after it was back'),
  ];
}

/** Worker and meeting processes die at once, as with their machine; another machine is there. */
async function killMachines(
  stage: FaultStage,
  meetings: readonly string[],
  bots: readonly string[],
  count: number,
): Promise<Row[]> {
  const gaps: Gap[] = [];
  for (let round = 0; round < count; round++) {
    await stage.worker(`next-${round}`, { slots: 20 });
    await wait(STEADY_MS);
    const { workerId } = await stage.bot(bots[0]!);
    const counts = meetings.map((meetingId) => stage.registry.presences(meetingId).length);
    await stage.killWorker(workerId!);
    for (const meetingId of meetings) killPid(stage.registry.present(meetingId)[0]!.pid, 'SIGKILL');
    for (const [index, meetingId] of meetings.entries()) {
      await stage.speaksAgain(meetingId, counts[index]! + 1);
      gaps.push(stage.registry.gaps(meetingId).at(-1)!);
    }
  }
  return rowsOf('machine lost', gaps, 'wanted: p95 at most 15,000');
}

/**
 * Machines that stand still, that cannot reach the database, and that have no network, at the same time, each with a meeting;
 * another one takes the meetings up.
 */
export async function benchStruckMachines(): Promise<Row[]> {
  if (postgresBinaries() === undefined) throw new Error('PostgreSQL is not installed');
  const network = await NetworkNamespace.make();
  if (network === undefined) process.stderr.write('no network of its own can be made here: left out\n');
  const stage = await FaultStage.open({ postgres: true });
  const gaps = new Map<string, Gap[]>();
  try {
    await stage.serveFleet();
    for (let round = 0; round < rounds(3); round++) await strikeMachines(stage, network, round, gaps);
  } finally {
    await stage.close();
    network?.close();
  }
  return [...gaps].flatMap(([name, each]) => rowsOf(name, each, 'wanted: p95 at most 15,000'));
}

async function strikeMachines(
  stage: FaultStage,
  network: NetworkNamespace | undefined,
  round: number,
  gaps: Map<string, Gap[]>,
): Promise<void> {
  const target = { host: '127.0.0.1', port: stage.databasePort };
  const proxies = [await TcpProxy.start(target)];
  const urlOf = (proxy: TcpProxy, host = '127.0.0.1'): string =>
    `postgres://postgres@${host}:${proxy.port}/postgres`;
  const victims = [
    { ...(await stage.worker(`frozen-${round}`, { slots: 1 })), what: 'machine stands still' },
    {
      ...(await stage.worker(`cut-${round}`, { slots: 1, databaseUrl: urlOf(proxies[0]!) })),
      what: 'machine without the database',
    },
  ];
  if (network !== undefined) {
    const { host, within } = network;
    const [database, registry] = [
      await TcpProxy.start(target, host),
      await TcpProxy.start({ host: '127.0.0.1', port: stage.registry.port }, host),
    ];
    proxies.push(database, registry);
    const options = {
      within,
      databaseUrl: urlOf(database, host),
      registryAddress: `${host}:${registry.port}`,
    };
    const worker = await stage.worker(`isolated-${round}`, { slots: 1, ...options });
    victims.push({ ...worker, what: 'machine without a network' });
  }
  const meetings = victims.map((_, index) => `struck-${round}-${index}`);
  const bots = await Promise.all(meetings.map((meetingId) => stage.invite(meetingId)));
  await Promise.all(meetings.map((meetingId) => stage.speaks(meetingId)));
  const rescuer = await stage.worker(`rescuer-${round}`, { slots: 20 });
  await wait(STEADY_MS);
  const rows = await Promise.all(bots.map((id) => stage.bot(id)));
  const meetingOf = new Map(rows.map(({ workerId, meetingId }) => [workerId!, meetingId]));
  const [frozen] = victims;
  const [present] = stage.registry.present(meetingOf.get(frozen!.id)!);
  frozen!.process.process.kill('SIGSTOP');
  killPid(present!.pid, 'SIGSTOP');
  proxies[0]!.cut();
  network?.pull();
  for (const { what, id } of victims) {
    const meetingId = meetingOf.get(id)!;
    await stage.speaksAgain(meetingId, 2);
    gaps.set(what, [...(gaps.get(what) ?? []), stage.registry.gaps(meetingId).at(-1)!]);
  }
  network?.plugIn();
  for (const { process } of [...victims, rescuer]) await process.kill();
  for (const { pid } of stage.registry.presences()) killPid(pid, 'SIGKILL');
  await Promise.all(proxies.map((proxy) => proxy.close()));
  for (const id of bots) await stage.api('POST', `/v1/bots/${id}/leave`, {});
}

/** Two workers are replaced one after the other, by SIGTERM with handover, while ten meetings go on. */
export async function benchRollingDeploy(): Promise<Row[]> {
  if (postgresBinaries() === undefined) throw new Error('PostgreSQL is not installed');
  const stage = await FaultStage.open({ postgres: true });
  try {
    await stage.serveFleet();
    const options = { slots: DEPLOYED, more: ['--drain', 'handover'] };
    const old = [
      await stage.worker('one', { ...options, slots: 5 }),
      await stage.worker('two', { ...options, slots: 5 }),
    ];
    const meetings = Array.from({ length: DEPLOYED }, (_, index) => `meeting-${index}`);
    const bots = await Promise.all(meetings.map((meetingId) => stage.invite(meetingId)));
    await Promise.all(meetings.map((meetingId) => stage.speaks(meetingId)));
    for (const [index, worker] of old.entries()) {
      await stage.worker(`new-${index}`, options);
      await worker.process.kill('SIGTERM');
    }
    await Promise.all(meetings.map((meetingId) => stage.speaks(meetingId)));
    const states = await Promise.all(bots.map((id) => stage.bot(id)));
    const gaps = meetings.flatMap((meetingId) => stage.registry.gaps(meetingId));
    const ended = states.filter(({ endedAt }) => endedAt !== null).length;
    return [
      row('deploy of two workers: meetings that ended', ended, '', `of ${DEPLOYED}; wanted: 0`),
      row('deploy of two workers: handed over', gaps.length, '', `${DEPLOYED} meetings`),
      row(
        'deploy of two workers: nobody there, longest',
        Math.max(0, ...gaps.map(({ absentMs }) => absentMs)),
        'ms',
        'wanted: at most 1,000',
      ),
      row(
        'deploy of two workers: no word, longest',
        Math.max(0, ...gaps.map(({ silentMs }) => silentMs)),
        'ms',
        'a word is said every 100 ms',
      ),
    ];
  } finally {
    await stage.close();
  }
}

function rowsOf(name: string, gaps: readonly Gap[], wanted: string): Row[] {
  const absent = gaps.map(({ absentMs }) => absentMs);
  const silent = gaps.map(({ silentMs }) => silentMs);
  return [
    row(`${name}: nobody there, median`, quantile(absent, 0.5), 'ms', `of ${gaps.length}`),
    row(`${name}: nobody there, p95`, quantile(absent, 0.95), 'ms', ''),
    row(`${name}: interpreting again, p95`, quantile(silent, 0.95), 'ms', `from word to word; ${wanted}`),
  ];
}

/** Words that were said by who is there now, and that the record lacks. */
async function lost(
  stage: FaultStage,
  meetings: readonly string[],
  bots: readonly string[],
): Promise<number> {
  let missing = 0;
  for (const [index, meetingId] of meetings.entries()) {
    const { epoch } = await until(
      () => stage.bot(bots[index]!).catch(() => undefined),
      (bot) => bot !== undefined,
    ).then((bot) => bot!);
    const [present] = stage.registry.present(meetingId);
    missing += (await stage.missing(bots[index]!, epoch, present!.words.at(-1)!.number)).length;
  }
  return missing;
}
