import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import type { Orm } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open.js';
import { ParleyError } from '../../src/errors.js';
import { openPgBoss } from '../../src/fleet/pg-boss.js';
import { createLogger } from '../../src/log.js';
import { postgresBinaries, startPostgres, stopPostgres } from '../database/postgres-server.js';
import { describeEngine } from './engine-contract.js';
import { MemoryEngine, MemoryJobs } from './memory-engine.js';

const log = createLogger({ level: 'silent' });
const LAPSE = `update pgboss.job set heartbeat_on = heartbeat_on - interval '8 s' where id = $1`;

describeEngine('in memory', () => {
  const clock = new VirtualClock();
  const jobs = new MemoryJobs(clock);
  return Promise.resolve({
    engines: [new MemoryEngine(jobs), new MemoryEngine(jobs)],
    transaction: async (work) => {
      const before = jobs.all.map((job) => ({ ...job }));
      try {
        return await work(undefined as unknown as Orm);
      } catch (error) {
        jobs.all.splice(0, Infinity, ...before);
        throw error;
      }
    },
    lapse: ({ jobId }) => {
      jobs.all.find(({ id }) => id === jobId)!.heldAtMs -= 8_000;
      return Promise.resolve();
    },
    nowMs: () => clock.epochMs(),
    close: () => Promise.resolve(),
  });
});

describeEngine('pg-boss on the embedded database', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-engine-'));
  const database = await openDatabase(folder);
  const { engine } = await openPgBoss({ database, log });
  return {
    engines: [engine, engine], // one process uses it
    transaction: (work) => database.transaction(work),
    lapse: async ({ jobId }) => {
      await database.query(LAPSE, [jobId]);
    },
    nowMs: () => Date.now(),
    close: async () => {
      await engine.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});

describe.skipIf(postgresBinaries() === undefined)('with a server', () => {
  describeEngine('pg-boss on PostgreSQL', async () => {
    const folder = join(tmpdir(), `parley-engine-pg-${process.pid}`);
    const url = startPostgres(folder).url('postgres');
    const database = await openDatabase(url, { schema: 'apply' });
    const engines = [
      (await openPgBoss({ database, url, log })).engine,
      (await openPgBoss({ database, url, log })).engine,
    ] as const;
    return {
      engines,
      transaction: (work) => database.transaction(work),
      lapse: async ({ jobId }) => {
        await database.query(LAPSE, [jobId]);
      },
      nowMs: () => Date.now(),
      close: async () => {
        await Promise.all(engines.map((engine) => engine.close()));
        await database.close();
        stopPostgres(folder);
      },
    };
  });

  it('an invitation on one machine wakes the workers of another, and orders are answered there', async () => {
    const folder = join(tmpdir(), `parley-wake-pg-${process.pid}`);
    const url = startPostgres(folder).url('postgres');
    const database = await openDatabase(url, { schema: 'apply' });
    const { engine: here, orders } = await openPgBoss({ database, url, log });
    const { engine: there, orders: ordersThere } = await openPgBoss({ database, url, log });
    try {
      let wakes = 0;
      there.onWake(() => wakes++);
      await database.transaction((tx) => here.enqueue(tx, { botId: 'bot_1', priority: 10 }));
      await expect.poll(() => wakes, { timeout: 2_000, interval: 10 }).toBe(1);
      await ordersThere.serve('wrk_1', ({ botId, command }) =>
        botId === 'bot_1'
          ? Promise.resolve({ done: command })
          : Promise.reject(new ParleyError('usage', `${botId} does not run here`)),
      );
      expect(await orders.ask('wrk_1', { botId: 'bot_1', command: { kind: 'say', text: 'hola' } })).toEqual({
        done: { kind: 'say', text: 'hola' },
      });
      await expect(orders.ask('wrk_1', { botId: 'bot_2', command: {} })).rejects.toMatchObject({
        ...{ code: 'usage', message: 'bot_2 does not run here' },
      });
    } finally {
      await here.close();
      await there.close();
      await database.close();
      stopPostgres(folder);
    }
  });
});
