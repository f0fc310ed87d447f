import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import { Housekeeping } from '../../src/database/housekeeping.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** Housekeeping over a database that only writes down what it is asked, with so much log. */
function kept(logBytes = '0') {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const problems: string[] = [];
  let failure: Error | undefined;
  const query = (text: string) => {
    if (failure !== undefined) return Promise.reject(failure);
    if (text.includes('pg_wal_lsn_diff')) return Promise.resolve([{ bytes: logBytes }]);
    asked.push(`${clock.nowMs() / SECOND_MS} ${text}`);
    return Promise.resolve([]);
  };
  const housekeeping = new Housekeeping({ query } as never, clock, (problem) => problems.push(problem));
  /** Time passes, in steps in which promises settle. */
  const pass = async (ms: number, eachStep?: () => Promise<void>) => {
    for (const endMs = clock.nowMs() + ms; clock.nowMs() < endMs;) {
      clock.advanceBy(SECOND_MS);
      await eachStep?.();
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
  return { housekeeping, asked, problems, pass, fail: (error: Error) => (failure = error) };
}

it('nothing is done where nothing was asked', async () => {
  const { asked, pass } = kept();
  await pass(3 * 60 * MINUTE_MS);
  expect(asked).toEqual([]);
});

it('a checkpoint is made when it has been quiet for half a minute, once', async () => {
  const { housekeeping, asked, pass } = kept();
  await housekeeping.beforeQuery();
  await pass(10 * MINUTE_MS);
  expect(asked).toEqual(['30 checkpoint']);
});

it('a database that is never quiet has one every five minutes, and is vacuumed every hour', async () => {
  const { housekeeping, asked, pass } = kept();
  await pass(61 * MINUTE_MS, () => housekeeping.beforeQuery());
  expect(asked.filter((each) => each.endsWith('checkpoint'))).toHaveLength(12);
  expect(asked.slice(0, 2)).toEqual(['300 checkpoint', '600 checkpoint']);
  expect(asked.filter((each) => each.endsWith('vacuum (analyze)'))).toEqual(['3600 vacuum (analyze)']);
});

it('a long log is written out before more is written', async () => {
  const { housekeeping, asked } = kept('17000000');
  for (let query = 0; query < 250; query++) await housekeeping.beforeQuery();
  expect(asked).toEqual(['0 checkpoint', '0 checkpoint']);
});

it('the log is looked at as well when a lot was written by few queries', async () => {
  const { housekeeping, asked } = kept('17000000');
  for (let query = 0; query < 6; query++) {
    await housekeeping.beforeQuery();
    housekeeping.count(['x'.repeat(1_000_000), 7]);
  }
  expect(asked).toEqual(['0 checkpoint']);
});

it('what fails is told, and tried again', async () => {
  const { housekeeping, problems, pass, fail } = kept();
  fail(new Error('no space left on device'));
  await housekeeping.beforeQuery();
  await pass(31 * SECOND_MS);
  expect(problems).toEqual(['the embedded database could not be tidied up: no space left on device']);
  await housekeeping.beforeQuery();
  await pass(40 * SECOND_MS);
  expect(problems).toHaveLength(2);
});

it('it stops', async () => {
  const { housekeeping, asked, pass } = kept();
  await housekeeping.beforeQuery();
  await housekeeping.close();
  await pass(10 * MINUTE_MS);
  expect(asked).toEqual([]);
});
