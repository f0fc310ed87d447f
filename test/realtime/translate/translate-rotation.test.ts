/** Sessions that expire: another one takes over in a pause, and what the old one has left is heard first. */
import { describe, expect, it } from 'vitest';
import { babble } from '../../embedded/realtime-server/harness.js';
import { phrase, whole } from '../continuous/continuous-world.js';
import { TranslationWorld } from './translate-world.js';

const IDS = [
  'where-is-the-station',
  'send-the-report',
  'share-my-screen',
  'can-you-hear-me',
  'customers-like-it',
];

describe('a session that will expire', () => {
  it('is replaced in a pause, and nothing is lost or said twice', async () => {
    const world = await TranslationWorld.ready({ server: { sessionDurationMs: 60_000 } });
    const said: string[] = [];
    while (world.clock.nowMs() < 150_000) {
      const id = IDS[said.length % IDS.length]!;
      said.push(id);
      await world.say([id], 1_500);
    }
    await world.close();

    expect(world.session.counters.rotations).toBe(3);
    expect(world.session.counters.reconnects).toBe(0);
    expect(world.translations()).toEqual(whole(said));
    expect(world.states()).toEqual(['draining', 'ended']);
    for (const atMs of world.openedAtMs.slice(1)) expect(atMs % 60_000).toBeGreaterThan(0);
    expect(world.notices('rotated')).toHaveLength(3);
    expect(world.clock.nextDueMs()).toBeUndefined();
  });

  it('is left while the translation of the phrase before is still being said, which is heard first', async () => {
    const world = await TranslationWorld.ready({ server: { sessionDurationMs: 60_000 } });
    await world.wait(44_000);
    await world.hear(phrase('share-my-screen')); // the pause behind it is the first one to leave in
    await world.wait(1_900);
    await world.hear(phrase('can-you-hear-me'));
    await world.wait(6_000);
    expect(world.session.counters.rotations).toBe(1);
    await world.close();
    expect(world.translations()).toEqual(whole(['share-my-screen', 'can-you-hear-me']));
    const order = world.emitted.audio.map(({ turnId }) => turnId);
    expect([...new Set(order)]).toHaveLength(2);
    expect(order).toEqual([...order].sort());
  });

  it('is left in the middle of speech where nobody pauses, before its time is over', async () => {
    const world = await TranslationWorld.ready({ server: { sessionDurationMs: 60_000 } });
    await world.hear(babble(58_000));
    expect(world.session.counters.rotations).toBe(1);
    await world.wait(15_000);
    await world.close();
    const [first, second] = world.emitted.turnCommitted;
    expect(second!.startMs - first!.endMs).toBeLessThan(400); // speech goes on in another turn
    expect(world.session.counters.reconnects).toBe(0);
    expect(world.session.counters.audioSentMs).toBeGreaterThan(world.clock.nowMs() - 3_000);
  });

  it('goes on where no other can be opened, tries again, and is replaced once that works', async () => {
    const world = await TranslationWorld.ready({ server: { sessionDurationMs: 60_000 } });
    world.faults.set({ refuseConnections: { status: 503, count: 3 } });
    await world.wait(40_000);
    await world.say(['send-the-report', 'share-my-screen'], 3_000);
    expect(world.notices('server_error')).toHaveLength(1);
    expect(world.notices('server_error')[0]).toMatch(/no other could be opened.*503/);
    expect(world.session.counters.rotations).toBe(1);
    await world.close();
    expect(world.states()).toEqual(['draining', 'ended']);
    expect(world.translations()).toEqual(whole(['send-the-report', 'share-my-screen']));
  });

  it('is replaced at once where its time is over without a warning: the calendars differ', async () => {
    const world = await TranslationWorld.ready({
      server: { sessionDurationMs: 60_000 },
      calendarAheadMs: 600_000,
    });
    await world.wait(57_000);
    await world.say(['send-the-report', 'share-my-screen']); // the first is cut off in its middle
    await world.close();
    expect(world.session.counters).toMatchObject({ rotations: 0, reconnects: 1 });
    expect(world.states()).toEqual(['reconnecting', 'ready', 'draining', 'ended']);
    expect(world.translations()).toEqual(whole(['send-the-report', 'share-my-screen']));
  });

  it('is replaced without a word in a pause of saving mode', async () => {
    const world = await TranslationWorld.ready({
      server: { sessionDurationMs: 60_000 },
      config: { pauseAfterSilenceMs: 2_000 },
    });
    await world.wait(200_000);
    await world.say(['send-the-report']);
    await world.close();
    expect(world.session.counters.rotations).toBe(4);
    expect(world.session.counters.reconnects).toBe(0);
    expect(world.translations()).toEqual(whole(['send-the-report']));
  });
});
