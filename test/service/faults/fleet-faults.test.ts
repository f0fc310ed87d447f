/**
 * Faults of a fleet of real processes over a real PostgreSQL: what goes on, who takes it up, and that not a word is lost from the
 * record. How long each takes is measured by `npm run bench -- faults`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAttempts } from '../../../src/records/store/attempts.js';
import { hasPostgres } from '../../database/test-databases.js';
import { FaultStage, isAlive, killPid, type StageWorker, until } from './fault-stage.js';
import type { Presence } from './meeting-registry.js';
import { NetworkNamespace } from './network-namespace.js';
import { TcpProxy } from './tcp-proxy.js';

/** A worker with one meeting, what happens to it, and what was there before. */
type Struck = {
  worker: StageWorker;
  botId: string;
  meetingId: string;
  participantId: string;
  before: Presence;
};
/** Longer than a claim that nobody holds is waited for. */
const AWAY_MS = 12_000;
/** Claims without a sign of life are taken away again. */
const REAPING_MS = 18_000;
/** Many processes start at a time, on a machine that may be busy. */
const START_MS = 300_000;

type Fault = 'killed' | 'cut' | 'frozen' | 'isolated';

const network = hasPostgres ? await NetworkNamespace.make() : undefined;
if (network === undefined)
  process.stderr.write(
    '\nno network of its own can be made here: the machine without a network is LEFT OUT\n\n',
  );

describe.skipIf(!hasPostgres)('a fleet', { timeout: 600_000 }, () => {
  let stage: FaultStage;
  let rescuer: StageWorker;
  let databaseWay: TcpProxy;
  const faults: Fault[] = [
    'killed',
    'cut',
    'frozen',
    ...(network === undefined ? [] : ['isolated' as const]),
  ];
  const struck = new Map<Fault, Struck>();
  const of = (fault: Fault): Struck => struck.get(fault)!;

  beforeAll(async () => {
    stage = await FaultStage.open({ postgres: true });
    const target = { host: '127.0.0.1', port: stage.databasePort };
    const through = (proxy: TcpProxy, host = '127.0.0.1'): string =>
      `postgres://postgres@${host}:${proxy.port}/postgres`;
    const keep = (proxy: TcpProxy): TcpProxy => {
      stage.onClose(() => proxy.close());
      return proxy;
    };
    databaseWay = keep(await TcpProxy.start(target));
    await stage.serveFleet();
    const start = async (fault: Fault): Promise<StageWorker> => {
      if (fault === 'cut') return stage.worker(fault, { slots: 1, databaseUrl: through(databaseWay) });
      if (fault !== 'isolated' || network === undefined) return stage.worker(fault, { slots: 1 });
      const { host, within } = network;
      const database = keep(await TcpProxy.start(target, host));
      const registry = keep(await TcpProxy.start({ host: '127.0.0.1', port: stage.registry.port }, host));
      return stage.worker(fault, {
        ...{ slots: 1, databaseUrl: through(database, host), within },
        registryAddress: `${host}:${registry.port}`,
      });
    };
    const workers: [Fault, StageWorker][] = [];
    for (const fault of faults) workers.push([fault, await start(fault)]);
    const bots = await Promise.all(faults.map((_, index) => stage.invite(`meeting-${index}`)));
    await Promise.all(faults.map((_, index) => stage.speaks(`meeting-${index}`)));
    for (const botId of bots) {
      const { workerId, meetingId, participantId } = await stage.bot(botId);
      const [fault, worker] = workers.find(([, { id }]) => id === workerId)!;
      const [before] = stage.registry.present(meetingId);
      struck.set(fault, { worker, botId, meetingId, participantId, before: before! });
    }
    rescuer = await stage.worker('rescuer', { slots: 20 });

    // All at once: each costs the time in which a claim is held without a sign of life.
    await of('killed').worker.process.kill();
    databaseWay.cut();
    of('frozen').worker.process.process.kill('SIGSTOP');
    killPid(of('frozen').before.pid, 'SIGSTOP');
    network?.pull();
  }, START_MS);
  afterAll(async () => {
    await stage.close();
    network?.close();
  });

  describe.each([
    ['was killed', 'killed'],
    ['cannot reach the database', 'cut'],
    ['stands still', 'frozen'],
    ['has no network', 'isolated'],
  ] as const)('whose worker %s', (_, fault) => {
    it.skipIf(!faults.includes(fault))(
      'has its meeting taken up by another one, as the same participant with the next epoch',
      async () => {
        const { meetingId, botId, participantId, before } = of(fault);
        const after = await stage.speaksAgain(meetingId, 2);
        expect(after.participantId).toBe(participantId);
        expect(after.pid).not.toBe(before.pid);
        expect(await stage.bot(botId)).toMatchObject({ workerId: rescuer.id, epoch: 2, participantId });
        expect(stage.registry.present(meetingId)).toEqual([after]);
      },
    );
  });

  it('has everybody back: who was put out stays out, and what was said meanwhile is in the record', async () => {
    const returned = await stage.worker('killed', { slots: 1 }); // the machine that crashed, started anew
    databaseWay.mend();
    network?.plugIn();
    killPid(of('frozen').before.pid, 'SIGCONT');
    of('frozen').worker.process.process.kill('SIGCONT');
    for (const fault of faults) {
      const { botId, meetingId, before } = of(fault);
      await until(
        () => isAlive(before.pid),
        (alive) => !alive,
      );
      expect(before.leftMs, fault).toBeDefined();
      expect(await stage.missingOf(botId, 1, before), fault).toEqual([]);
      expect(stage.registry.presences(meetingId), fault).toHaveLength(2);
      expect(await stage.bot(botId), fault).toMatchObject({ epoch: 2, workerId: rescuer.id });
    }
    await returned.process.kill();
  });

  it.each([
    ['is killed', 'SIGKILL', 'killed'],
    ['stands still', 'SIGSTOP', 'cut'],
  ] as const)(
    'whose meeting process %s has it back on the same worker, with the next epoch',
    async (_, signal, fault) => {
      const { meetingId, botId } = of(fault);
      const before = stage.registry.present(meetingId)[0]!;
      killPid(before.pid, signal);
      const after = await stage.speaksAgain(meetingId, 3);
      expect(after.participantId).toBe(before.participantId);
      expect(isAlive(before.pid)).toBe(false);
      expect(await stage.bot(botId)).toMatchObject({ epoch: 3, workerId: rescuer.id });
      expect(await stage.missingOf(botId, 2, before)).toEqual([]);
    },
  );

  it('whose API is killed goes on, and is asked again by the next one', async () => {
    const { meetingId, botId } = of('cut');
    const [before] = stage.registry.present(meetingId);
    await stage.service.kill();
    await stage.serveFleet();
    expect(await stage.api('GET', `/v1/bots/${botId}`)).toMatchObject({
      ...{ id: botId, state: 'active', epoch: 3 },
    });
    expect(stage.registry.present(meetingId)).toEqual([before]);
  });

  it('whose database is killed, and away for longer than a claim lasts, is interrupted nowhere, and loses not a word', async () => {
    const present = faults.map((fault) => stage.registry.present(of(fault).meetingId)[0]!);
    const epochs = await Promise.all(faults.map(async (fault) => (await stage.bot(of(fault).botId)).epoch));
    await stage.killDatabase();
    const killedMs = performance.now();
    await expect(stage.invite('meeting-during')).rejects.toThrow(/503/);
    await new Promise((resolve) => setTimeout(resolve, AWAY_MS - (performance.now() - killedMs)));
    for (const fault of faults) await stage.goesOn(of(fault).meetingId);
    await stage.startDatabase();
    for (const [index, fault] of faults.entries()) {
      const { botId, meetingId } = of(fault);
      expect(await stage.missing(botId, epochs[index]!, present[index]!.words.at(-1)!.number), fault).toEqual(
        [],
      );
      expect(stage.registry.present(meetingId), fault).toEqual([present[index]]);
    }
    await until(
      () => stage.invite('meeting-after').catch(() => undefined),
      (made) => made !== undefined,
    );
    await stage.speaks('meeting-after');
    await new Promise((resolve) => setTimeout(resolve, REAPING_MS));
    expect(await Promise.all(faults.map(async (fault) => (await stage.bot(of(fault).botId)).epoch))).toEqual(
      epochs,
    );
  });

  it('whose worker is killed and started again at once finds its meetings: nobody else takes them', async () => {
    const { meetingId, botId } = of('frozen');
    const [before] = stage.registry.present(meetingId);
    const { epoch } = await stage.bot(botId);
    await rescuer.process.kill();
    await stage.goesOn(meetingId);
    rescuer = await stage.worker('rescuer', { slots: 20 });
    // The words that came while nobody supervised are there: it was found, and asked for them.
    expect(await stage.missing(botId, epoch, before!.words.at(-1)!.number)).toEqual([]);
    expect(stage.registry.present(meetingId)).toEqual([before]);
    expect((await stage.bot(botId)).epoch).toBe(epoch);
    expect(await listAttempts(stage.database.orm, botId)).toHaveLength(epoch);
  });

  it('whose worker and meeting process are killed has the meeting back, and the words that only its disk had', async () => {
    const { meetingId, botId } = of('frozen');
    const [before] = stage.registry.present(meetingId);
    const { epoch } = await stage.bot(botId);
    for (const { worker } of struck.values()) await worker.process.kill(); // nobody else takes it
    await rescuer.process.kill();
    await stage.goesOn(meetingId); // these are in the journal alone
    killPid(before!.pid, 'SIGKILL');
    rescuer = await stage.worker('rescuer', { slots: 20 });
    await until(
      () => stage.registry.present(meetingId)[0],
      (now) => now !== undefined && now !== before,
    );
    expect((await stage.bot(botId)).workerId).toBe(rescuer.id);
    expect(await stage.missingOf(botId, epoch, before!)).toEqual([]);
  });
});
