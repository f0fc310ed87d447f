/** Two workers are replaced by two others while meetings go on: real processes over a real PostgreSQL. Ten of them are in the benchmark. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres } from '../../database/test-databases.js';
import { FaultStage, type StageWorker } from './fault-stage.js';

const MEETINGS = Array.from({ length: 4 }, (_, index) => `meeting-${index}`);
/** Many processes start at a time, on a machine that may be busy. */
const START_MS = 300_000;
const HANDOVER = ['--drain', 'handover'];

describe.skipIf(!hasPostgres)('a rolling deploy of two workers', { timeout: 600_000 }, () => {
  let stage: FaultStage;
  let bots: string[];
  const old: StageWorker[] = [];
  const fresh: StageWorker[] = [];

  beforeAll(async () => {
    stage = await FaultStage.open({ postgres: true });
    await stage.serveFleet();
    for (const name of ['one', 'two'])
      old.push(await stage.worker(name, { slots: MEETINGS.length / 2, more: HANDOVER }));
    bots = await Promise.all(MEETINGS.map((meetingId) => stage.invite(meetingId)));
    await Promise.all(MEETINGS.map((meetingId) => stage.speaks(meetingId)));
  }, START_MS);
  afterAll(() => stage.close());

  it('ends no meeting: each is handed over once, and its former process is put out by its next one', async () => {
    for (const worker of old) {
      fresh.push(await stage.worker(`${worker.name}-anew`, { slots: MEETINGS.length, more: HANDOVER }));
      expect(await worker.process.kill('SIGTERM')).toBe(143);
    }
    for (const [index, meetingId] of MEETINGS.entries()) {
      await stage.speaksAgain(meetingId, 2);
      const [before, after] = stage.registry.presences(meetingId);
      expect(before!.wasPutOut, meetingId).toBe(true); // at no moment was nobody there
      expect(after!.enteredMs).toBeLessThanOrEqual(before!.leftMs!);
      const { state, epoch, workerId } = await stage.bot(bots[index]!);
      expect([state, epoch]).toEqual(['active', 2]);
      expect(fresh.map(({ id }) => id)).toContain(workerId);
      expect(await stage.missingOf(bots[index]!, 1, before!), meetingId).toEqual([]);
    }
  });
});
