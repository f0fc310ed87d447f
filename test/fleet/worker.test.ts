import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import { Capacity } from '../../src/fleet/capacity.js';
import { DatabaseWatch } from '../../src/fleet/database-watch.js';
import { FleetWorker } from '../../src/fleet/worker.js';
import { createLogger } from '../../src/log.js';
import { MemoryEngine, MemoryJobs } from './memory-engine.js';

it('a worker shows that its meetings live while something else that it asked of the database gets no answer', async () => {
  const clock = new VirtualClock();
  const jobs = new MemoryJobs(clock);
  const engine = new MemoryEngine(jobs);
  const worker = new FleetWorker({
    ...{ engine, clock, log: createLogger({ level: 'silent' }), capacity: new Capacity(4) },
    runner: { run: () => new Promise(() => undefined), abandon: () => undefined, leave: () => undefined },
    watch: new DatabaseWatch({ ask: () => Promise.resolve(true), clock, heartbeatMs: engine.heartbeatMs }),
    measure: () => ({ cpu: 0.1, freeBytes: 8 * 1024 ** 3 }),
    onBeat: () => new Promise(() => undefined), // a connection that is dead, and nobody was told
  });
  await engine.enqueue(undefined, { botId: 'bot', priority: 10 });
  worker.start();
  const pass = async (seconds: number) => {
    for (let ms = 0; ms < seconds * 1_000; ms += 100) {
      clock.advanceBy(100);
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    }
  };
  await pass(60);
  expect(worker.used).toBe(1);
  expect(clock.nowMs() - jobs.all[0]!.heldAtMs).toBeLessThanOrEqual(1_000);
  const other = new MemoryEngine(jobs);
  await other.reap();
  expect(await other.claim(1)).toEqual([]);
});
