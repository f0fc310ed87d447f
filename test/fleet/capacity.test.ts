import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import { Capacity } from '../../src/fleet/capacity.js';
import { DatabaseWatch } from '../../src/fleet/database-watch.js';
import { machineMeter } from '../../src/fleet/machine-load.js';

const GIB = 1024 ** 3;

it('a machine takes as many meetings as it has slots', () => {
  const capacity = new Capacity(3);
  capacity.measured({ cpu: 0.2, freeBytes: GIB }, 0);
  expect([0, 1, 3, 4].map((running) => capacity.free(running))).toEqual([3, 2, 0, 0]);
});

it('it is full after ten busy seconds, until it is clearly less busy', () => {
  const capacity = new Capacity(4);
  const at = (second: number, cpu: number) => {
    capacity.measured({ cpu, freeBytes: GIB }, second * 1_000);
    return capacity.free(1);
  };
  expect(at(0, 0.9)).toBe(3);
  expect(at(5, 0.5)).toBe(3); // a moment to breathe
  expect(at(6, 0.9)).toBe(3);
  expect(at(15, 0.9)).toBe(3);
  expect(at(16, 0.9)).toBe(0);
  expect(at(17, 0.6)).toBe(0);
  expect(capacity.free(0)).toBe(1); // better here than nowhere
  expect(at(18, 0.54)).toBe(3);
});

it('it is full at once when memory is short', () => {
  const capacity = new Capacity(4);
  capacity.measured({ cpu: 0.1, freeBytes: 400 * 1024 ** 2 }, 0);
  expect(capacity.free(0)).toBe(0);
  capacity.measured({ cpu: 0.1, freeBytes: GIB }, 1_000);
  expect(capacity.free(0)).toBe(4);
});

it('this machine can be measured', () => {
  const measure = machineMeter();
  for (const endMs = Date.now() + 50; Date.now() < endMs;);
  const { cpu, freeBytes } = measure();
  expect(cpu).toBeGreaterThanOrEqual(0);
  expect(cpu).toBeLessThanOrEqual(1);
  expect(freeBytes).toBeGreaterThan(1024 ** 2);
});

async function setUp() {
  const clock = new VirtualClock();
  let answer: 'yes' | 'no' | 'fails' | 'never' = 'yes';
  const watch = new DatabaseWatch({
    ask: () => {
      if (answer === 'never') return new Promise(() => undefined);
      return answer === 'fails'
        ? Promise.reject(new Error('ECONNREFUSED'))
        : Promise.resolve(answer === 'yes');
    },
    clock,
    heartbeatMs: 7_000,
  });
  const check = async () => {
    const checked = watch.check();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    if (answer === 'never') clock.advanceBy(3_000);
    return checked;
  };
  /** Checks once a second. */
  const pass = async (seconds: number, as: typeof answer = 'yes') => {
    answer = as;
    for (let second = 0; second < seconds; second++) {
      await check();
      clock.advanceBy(1_000);
    }
  };
  await Promise.resolve();
  return { clock, watch, pass, check };
}

it('a database is steady when it has answered for a heartbeat, and for as long as others take to come back', async () => {
  const { watch, pass } = await setUp();
  expect(watch.isSteady).toBe(false);
  await pass(14);
  expect(watch.isSteady).toBe(false);
  await pass(2);
  expect(watch.isSteady).toBe(true);
});

it.each(['no', 'fails', 'never'] as const)('one that says %s once has to be steady anew', async (as) => {
  const { watch, pass } = await setUp();
  await pass(60);
  await pass(1, as);
  expect(watch.isSteady).toBe(false);
  await pass(14);
  expect(watch.isSteady).toBe(false);
  await pass(2);
  expect(watch.isSteady).toBe(true);
});

it('whoever did not ask for a while, since it stood still, knows nothing of that while', async () => {
  const { clock, watch, pass, check } = await setUp();
  await pass(60);
  clock.advanceBy(20_000);
  expect(await check()).toBe(true);
  expect(watch.isSteady).toBe(false);
});
