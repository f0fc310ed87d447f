/** Two workers and an API over one PostgreSQL, with real meeting processes whose meetings are in their own memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open.js';
import { createLogger } from '../../src/log.js';
import { findBotById } from '../../src/records/store/bots.js';
import { listSegments } from '../../src/records/store/segments.js';
import { listWorkers } from '../../src/records/store/workers.js';
import { readServerSentEvents } from '../../src/service/events/server-sent-events.js';
import { type Service, startService } from '../../src/service/service.js';
import { startWorker, type Worker } from '../../src/service/worker.js';
import { Supervisor, type SupervisorOptions } from '../../src/supervisor/supervisor.js';
import { postgresBinaries, startPostgres, stopPostgres } from '../database/postgres-server.js';
import { bundledChild } from '../supervisor/bundled-child.js';
import { scriptedPlace } from './service-world.js';

const log = createLogger({ level: 'silent' });
const places = {
  all: [scriptedPlace()] as const,
  backend: { kind: 'server', url: 'ws://127.0.0.1:1/v1/realtime' } as const,
  interpreter: 'a script',
};

describe.skipIf(postgresBinaries() === undefined)('a fleet over PostgreSQL', () => {
  const root = mkdtempSync(join(tmpdir(), 'parley-fl-'));
  const pgFolder = join(tmpdir(), `parley-fleet-pg-${process.pid}`);
  let child: Awaited<ReturnType<typeof bundledChild>>;
  let databaseUrl: string;
  let database: Database;
  let service: Service;
  let key: string;
  const supervisors: Supervisor[] = [];
  const workers: Worker[] = [];
  const databases: Database[] = [];

  const openSupervisor = async (options: SupervisorOptions) => {
    const supervisor = await Supervisor.open({ ...options, program: child.program, spares: 0 });
    supervisors.push(supervisor);
    return supervisor;
  };
  const newWorker = async (name: string): Promise<Worker> => {
    const own = await openDatabase(databaseUrl);
    databases.push(own);
    const worker = await startWorker({
      ...{
        version: '0.1.0',
        database: own,
        databaseUrl,
        places,
        runFolder: join(root, name),
        log,
        openSupervisor,
      },
      ...{ serviceSecret: 'a secret of the service', slots: 4 },
      measure: () => ({ cpu: 0.1, freeBytes: 8 * 1024 ** 3 }), // others use this machine too
    });
    workers.push(worker);
    return worker;
  };
  /** A machine with the API alone. */
  const newApi = (name: string): Promise<Service> =>
    startService({
      ...{
        version: '0.1.0',
        database,
        databaseUrl,
        places,
        runFolder: join(root, name),
        log,
        openSupervisor,
      },
      ...{
        serviceSecret: 'a secret of the service',
        host: '127.0.0.1',
        port: 0,
        allowedOrigins: [],
        slots: 0,
      },
      webhooksToPrivate: true,
    });
  const api = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${service.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Record<string, never> };
  };
  const invite = async (meetingId: string, more: object = {}): Promise<string> => {
    const { status, json } = await api('POST', '/v1/bots', { meetingId, languages: ['es', 'en'], ...more });
    expect(status).toBe(201);
    return json['id']!;
  };
  /** What a reader at the API's machine, which runs no meetings, is told live. */
  const follow = async (id: string, { url }: { readonly url: string } = service) => {
    const response = await fetch(`${url}/v1/bots/${id}/events`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const events: { type: string; data: Record<string, unknown> & { epoch?: number; state?: string } }[] = [];
    const over = (async () => {
      for await (const { type, data } of readServerSentEvents(response.body!))
        events.push({ type, data: JSON.parse(data) as never });
    })();
    const words = (epoch: number) =>
      events.filter(({ type, data }) => type === 'caption' && data.epoch === epoch);
    return { events, over, words };
  };
  const rowOf = async (id: string) => (await findBotById(database.orm, id))!;
  const until = (id: string, state: string, timeout = 30_000) =>
    expect.poll(async () => (await rowOf(id)).state, { timeout, interval: 50 }).toBe(state);
  const wordsOf = async (id: string, epoch: number) =>
    (await listSegments(database.orm, id, { limit: 10_000 }))
      .filter(
        (segment) => segment.epoch === epoch && segment.targetLanguage === 'en' && segment.kind === 'speech',
      )
      .map(({ translatedText }) => Number(translatedText.replace('word ', '')));
  const speaks = (id: string, epoch: number) =>
    expect.poll(async () => (await wordsOf(id, epoch)).length, { timeout: 120_000 }).toBeGreaterThan(10);
  const supervisorOf = (id: string) => supervisors.find((each) => each.status(id) !== undefined)!;

  beforeAll(async () => {
    child = await bundledChild();
    databaseUrl = startPostgres(pgFolder).url('postgres');
    database = await openDatabase(databaseUrl, { schema: 'apply' });
    service = await newApi('api');
    const response = await fetch(`${service.url}/v1/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: service.setupLink!.split('#')[1], name: 'Ana', keyName: 'first' }),
    });
    ({ key } = (await response.json()) as { key: string });
    await newWorker('one');
    await newWorker('two');
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.close({ meetings: 'leave' })));
    await service.close();
    await Promise.all([database, ...databases].map((each) => each.close()));
    await child.remove();
    stopPostgres(pgFolder);
    rmSync(root, { recursive: true, force: true });
  });

  it('runs an invited bot on one of its workers, follows what the API wants of it, and keeps every word', async () => {
    const id = await invite('meeting-1');
    await until(id, 'active');
    const worker = workers.find(({ used }) => used === 1)!;
    expect((await rowOf(id)).workerId).toBe(worker.id);
    expect((await listWorkers(database.orm)).map((row) => row.id).sort()).toEqual(
      workers.map((each) => each.id).sort(),
    );
    await speaks(id, 1);
    const reader = await follow(id);
    await expect.poll(() => reader.words(1).length, { timeout: 120_000 }).toBeGreaterThan(5);
    expect(reader.events[0]).toMatchObject({ type: 'snapshot', data: { bot: { id } } });
    expect(JSON.stringify((await api('GET', `/v1/bots/${id}`)).json)).toContain('"id":"ana"');
    const otherApi = await newApi('api-2');
    const otherReader = await follow(id, otherApi);
    await expect.poll(() => otherReader.words(1).length, { timeout: 120_000 }).toBeGreaterThan(5);
    const changed = await api('PATCH', `/v1/bots/${id}`, { languages: ['es', 'en', 'fr'] });
    expect(changed.status).toBe(202);
    await expect
      .poll(async () => (await supervisorOf(id).command(id, { kind: 'status' })) as object, {
        timeout: 120_000,
      })
      .toMatchObject({ settings: { languages: ['es', 'en', 'fr'] } });
    // What became of it is told once, to whoever reads on whichever machine.
    const told = { botId: id, revision: changed.json['revision'], changes: { languages: 'applied' } };
    for (const { events } of [reader, otherReader])
      await expect
        .poll(() => events.filter(({ type }) => type === 'change').map(({ data }) => data), {
          timeout: 120_000,
        })
        .toEqual([told]);
    expect((await api('POST', `/v1/bots/${id}/leave`, {})).status).toBe(202);
    await until(id, 'ended');
    await Promise.all([reader.over, otherReader.over]);
    expect(reader.events.filter(({ type }) => type === 'change')).toHaveLength(1);
    await otherApi.close();
    expect(reader.events.findLast(({ type }) => type === 'bot')?.data.state).toBe('ended');
    expect((await rowOf(id)).reason).toBe('asked');
    const words = await wordsOf(id, 1);
    expect(words).toEqual(words.map((_, index) => index + 1));
    await expect.poll(() => workers.map(({ used }) => used)).toEqual([0, 0]);
  });

  it('takes a meeting of a machine that is gone up on the other one, under the same id, with the next epoch', async () => {
    const id = await invite('meeting-2');
    await until(id, 'active');
    await speaks(id, 1);
    const machine = workers.find(({ used }) => used === 1)!;
    const { pid } = supervisorOf(id).status(id)!;
    const { participantId } = await rowOf(id);
    const reader = await follow(id);
    await expect.poll(() => reader.words(1).length, { timeout: 120_000 }).toBeGreaterThan(0);
    await machine.close({ meetings: 'keep' }); // shows no more that it lives
    process.kill(pid!, 'SIGKILL');
    // How soon is measured by `npm run bench -- faults`: the machine of the tests may be busy.
    await expect.poll(async () => (await rowOf(id)).epoch, { timeout: 120_000, interval: 50 }).toBe(2);
    await until(id, 'active');
    await speaks(id, 2);
    await expect.poll(() => reader.words(2).length, { timeout: 120_000 }).toBeGreaterThan(5);
    expect(await rowOf(id)).toMatchObject({
      participantId,
      workerId: workers.find((each) => each !== machine)!.id,
    });
    const words = await wordsOf(id, 1);
    expect(words).toEqual(words.map((_, index) => index + 1));
    await api('POST', `/v1/bots/${id}/leave`, {});
    await until(id, 'ended');
    workers[workers.indexOf(machine)] = await newWorker('three').then(() => workers.pop()!);
  });

  it('hands the meetings of a worker over to another one when the API asks it to drain', async () => {
    const id = await invite('meeting-3');
    await until(id, 'active');
    await speaks(id, 1);
    const reader = await follow(id);
    const machine = workers.find(({ used }) => used === 1)!;
    const shown = async () => {
      const { data } = (await api('GET', '/v1/workers')).json as unknown as {
        data: { id: string; state: string }[];
      };
      return data.find((each) => each.id === machine.id)?.state;
    };
    const asked = await api('POST', `/v1/workers/${machine.id}/drain`, { mode: 'handover' });
    expect(asked).toMatchObject({ status: 202, json: { state: 'draining', drain: { mode: 'handover' } } });
    await expect.poll(async () => (await rowOf(id)).epoch, { timeout: 120_000, interval: 50 }).toBe(2);
    await speaks(id, 2);
    await expect.poll(() => reader.words(2).length, { timeout: 120_000 }).toBeGreaterThan(5);
    await expect.poll(shown, { timeout: 120_000 }).toBe('drained');
    await expect.poll(() => machine.used, { timeout: 120_000 }).toBe(0);
    expect((await rowOf(id)).state).toBe('active');
    expect((await rowOf(id)).workerId).not.toBe(machine.id);
    // Nobody is left who could take this one's meetings.
    const other = workers.find((each) => each !== machine)!;
    expect((await api('POST', `/v1/workers/${other.id}/drain`, { mode: 'handover' })).status).toBe(409);
    // It is taken back: the machine takes meetings again, this one among them.
    expect((await api('DELETE', `/v1/workers/${machine.id}/drain`)).status).toBe(202);
    await expect.poll(shown, { timeout: 120_000 }).toBe('running');
    expect((await api('POST', `/v1/workers/${other.id}/drain`, { mode: 'handover' })).status).toBe(202);
    await expect.poll(() => machine.used, { timeout: 120_000 }).toBe(1);
    await speaks(id, 3);
    expect((await api('DELETE', `/v1/workers/${other.id}/drain`)).status).toBe(202);
    await api('POST', `/v1/bots/${id}/leave`, {});
    await until(id, 'ended');
  });

  it('a bot for later is taken in time, moved, and called off', async () => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const soon = await invite('meeting-4', { joinAt: at(24_000) });
    const never = await invite('meeting-5', { joinAt: at(3_600_000) });
    expect((await rowOf(soon)).state).toBe('scheduled');
    expect((await api('DELETE', `/v1/bots/${never}`)).status).toBeLessThan(300);
    expect((await rowOf(never)).state).toBe('cancelled');
    await until(soon, 'staged', 15_000);
    await until(soon, 'active', 30_000);
    const { joinAt, joinedAt } = await rowOf(soon);
    const lateMs = joinedAt!.getTime() - joinAt!.getTime();
    expect(lateMs).toBeGreaterThan(-3_000);
    expect(lateMs).toBeLessThan(12_000); // on a busy machine, too: its process was there before
    await api('POST', `/v1/bots/${soon}/leave`, {});
    await until(soon, 'ended');
  });
});
