import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Orm } from '../../src/database/database.js';
import type { JobClaim, JobEngine } from '../../src/fleet/engine.js';

/** One kind of engine, with what a test needs to do behind its back. */
export type EngineUnderTest = {
  /** Two workers' engines over the same jobs. */
  engines: readonly [JobEngine, JobEngine];
  /** Commits what `work` does, unless it rejects. */
  transaction<Result>(work: (tx: Orm) => Promise<Result>): Promise<Result>;
  /** As if this claim had not been held for eight seconds. */
  lapse(claim: JobClaim): Promise<void>;
  nowMs(): number;
  close(): Promise<void>;
};

/** What every engine of jobs does. */
export function describeEngine(name: string, open: () => Promise<EngineUnderTest>): void {
  describe(`jobs: ${name}`, () => {
    let under: EngineUnderTest;
    let a: JobEngine;
    let b: JobEngine;
    let bots = 0;
    const newBot = () => `bot_${String(++bots).padStart(4, '0')}`;
    const enqueue = (botId: string, priority = 10, startAfter?: Date) =>
      under.transaction((tx) => a.enqueue(tx, { botId, priority, startAfter }));
    const idsOf = (claims: readonly JobClaim[]) => claims.map(({ botId }) => botId);

    /** Whoever looked less than a second ago does not look again. */
    const reapAndClaim = async (limit: number) => {
      for (;;) {
        await b.reap();
        const claims = await b.claim(limit);
        if (claims.length > 0) return claims;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };

    beforeAll(async () => {
      under = await open();
      [a, b] = under.engines;
    });
    afterAll(() => under.close());

    it('a job is taken once, and another one of the same bot is refused until it is over', async () => {
      const bot = newBot();
      expect(await enqueue(bot)).toBe(true);
      expect(await enqueue(bot)).toBe(false);
      const [claim] = await a.claim(5);
      expect(claim).toMatchObject({ botId: bot, attempt: 0 });
      expect(await b.claim(5)).toEqual([]);
      expect(await enqueue(bot)).toBe(false);
      expect(await b.find(bot)).toEqual(claim);
      await a.release(claim!, 'done');
      expect(await b.find(bot)).toBeUndefined();
      expect(await a.claim(5)).toEqual([]);
      expect(await enqueue(bot)).toBe(true);
      const [second] = await b.claim(5);
      await b.release(second!, 'done');
    });

    it('what is rolled back was never there', async () => {
      const bot = newBot();
      await expect(
        under.transaction(async (tx) => {
          await a.enqueue(tx, { botId: bot, priority: 10 });
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect(await a.claim(5)).toEqual([]);
    });

    it('the urgent go first, and nobody takes more than they have room for', async () => {
      const [adHoc, rescue, scheduled] = [newBot(), newBot(), newBot()];
      await enqueue(adHoc, 10);
      await enqueue(rescue, 30);
      await enqueue(scheduled, 20);
      expect(await a.claim(0)).toEqual([]);
      const first = await a.claim(2);
      expect(idsOf(first).sort()).toEqual([rescue, scheduled].sort());
      const rest = await b.claim(2);
      expect(idsOf(rest)).toEqual([adHoc]);
      for (const claim of [...first, ...rest]) await a.release(claim, 'done');
    });

    it('a meeting that lost its worker goes before those that have not begun', async () => {
      const [running, scheduled] = [newBot(), newBot()];
      await enqueue(running, 10);
      const [lost] = await a.claim(1);
      await enqueue(scheduled, 20);
      await under.lapse(lost!);
      const [first] = await reapAndClaim(1);
      expect(first?.botId).toBe(running);
      const [second] = await b.claim(1);
      expect(second?.botId).toBe(scheduled);
      for (const claim of [first!, second!]) await b.release(claim, 'done');
    });

    it('one for later waits for its time, can be moved, and can be called off', async () => {
      const bot = newBot();
      const later = new Date(under.nowMs() + 3_600_000);
      await enqueue(bot, 20, later);
      expect(await a.claim(5)).toEqual([]);
      expect(await enqueue(bot)).toBe(false);
      const now = new Date(under.nowMs() - 1);
      expect(
        await under.transaction((tx) => a.reschedule(tx, { botId: bot, priority: 20, startAfter: now })),
      ).toBe(true);
      const [claim] = await a.claim(5);
      expect(claim?.botId).toBe(bot);
      // One that runs is not called off like this.
      expect(await under.transaction((tx) => a.cancel(tx, bot))).toBe(false);
      await a.release(claim!, 'done');
      await enqueue(bot, 20, later);
      expect(await under.transaction((tx) => a.cancel(tx, bot))).toBe(true);
      expect(await under.transaction((tx) => a.cancel(tx, bot))).toBe(false);
      expect(await enqueue(bot)).toBe(true);
      await a.release((await a.claim(1))[0]!, 'done');
    });

    it('a claim that is not held is lost when somebody reaps: its holder learns it, and changes nothing any more', async () => {
      const bot = newBot();
      await enqueue(bot);
      const [old] = await a.claim(5);
      await under.lapse(old!);
      const [taken] = await reapAndClaim(5);
      expect(taken).toMatchObject({ botId: bot });
      expect(taken!.attempt).toBeGreaterThan(old!.attempt);
      expect(await a.hold([old!])).toEqual([old]);
      await a.release(old!, 'done');
      await a.release(old!, 'again');
      expect(await b.hold([taken!])).toEqual([]);
      expect(await a.claim(5)).toEqual([]);
      await b.release(taken!, 'done');
    });

    it('one that nobody reaped meanwhile goes on', async () => {
      await enqueue(newBot());
      const [claim] = await a.claim(5);
      await under.lapse(claim!);
      expect(await a.hold([claim!])).toEqual([]);
      await b.reap();
      expect(await b.claim(5)).toEqual([]);
      await a.release(claim!, 'done');
    });

    it('one that is given back is taken by whoever comes first', async () => {
      const bot = newBot();
      await enqueue(bot);
      const [claim] = await a.claim(5);
      await a.release(claim!, 'again');
      const [next] = await b.claim(5);
      expect(next).toMatchObject({ botId: bot });
      expect(await a.hold([claim!])).toEqual([claim]);
      await b.release(next!, 'done');
    });

    it('of many that look at once, each job has one', async () => {
      const ids = Array.from({ length: 12 }, newBot);
      for (const id of ids) await enqueue(id);
      const claims = (await Promise.all([a.claim(5), b.claim(5), a.claim(5), b.claim(5)])).flat();
      const rest = claims.length < ids.length ? await a.claim(20) : [];
      expect(idsOf([...claims, ...rest]).sort()).toEqual(ids);
      for (const claim of [...claims, ...rest]) await a.release(claim, 'done');
    });
  });
}
