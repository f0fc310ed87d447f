/**
 * Connections of translation sessions that break, over the embedded server: what was lost, and after how long it is interpreted
 * again.
 */
import { describe, expect, it } from 'vitest';
import { phrase, soundOf, textOf, whole } from '../continuous/continuous-world.js';
import { TranslationWorld } from './translate-world.js';

/** From the first `reconnecting` to the next `ready`. */
function goneForS(world: TranslationWorld): number {
  return Number(/lost for ([\d.]+) s/.exec(world.notices('reconnected')[0] ?? '')?.[1]);
}

const RECOVERED = ['reconnecting', 'ready', 'draining', 'ended'];

describe('a line that is dropped', () => {
  it('in speech: it is opened again at once, and what was being said is sent again: nothing is lost', async () => {
    const world = await TranslationWorld.ready();
    await world.say(['send-the-report']);
    const pcm = phrase('share-my-screen');
    await world.hear(pcm.subarray(0, 24_000));
    world.faults.dropAll();
    await world.hear(pcm.subarray(24_000));
    await world.wait(3_000);
    await world.close();
    expect(world.states()).toEqual(RECOVERED);
    expect(goneForS(world)).toBeLessThan(0.2);
    expect(world.translations()).toEqual(whole(['send-the-report', 'share-my-screen']));
    expect(world.notices('reconnected')[0]).toMatch(/nothing was lost/);
  });

  it('in playback: the rest of that translation is lost, what was heard stays, and it is not said again', async () => {
    const world = await TranslationWorld.ready();
    await world.hear(phrase('share-my-screen'));
    while (world.emitted.audio.length < 2) await world.wait(20);
    world.faults.dropAll();
    await world.wait(2_000);
    await world.say(['send-the-report']);
    await world.close();
    const [cut, next] = world.translations();
    expect(cut!.outcome).toBe('failed');
    expect(cut!.heardSamples).toBeGreaterThan(0);
    expect(cut!.heardSamples).toBeLessThan(soundOf('share-my-screen'));
    expect([next]).toEqual(whole(['send-the-report']));
    expect(world.translations()).toHaveLength(2);
    expect(goneForS(world)).toBeLessThan(0.2);
    expect(world.notices('reconnected')[0]).toMatch(/1 translation\(s\) were cut short or lost/);
  });

  it('between turns: nobody notices', async () => {
    const world = await TranslationWorld.ready();
    await world.say(['send-the-report'], 6_000);
    world.faults.dropAll();
    await world.wait(1_000);
    await world.say(['share-my-screen']);
    await world.close();
    expect(world.states()).toEqual(RECOVERED);
    expect(world.translations()).toEqual(whole(['send-the-report', 'share-my-screen']));
  });

  it('again and again: attempts stay apart, and whoever owns the session is told after a minute', async () => {
    const world = await TranslationWorld.ready();
    world.faults.set({ dropConnections: { afterMs: 100 } });
    world.faults.dropAll();
    await world.wait(80_000);
    expect(world.session.state).toMatchObject({ kind: 'ended', error: { retryable: true } });
    expect(world.openedAtMs.length).toBeGreaterThan(30);
    expect(world.openedAtMs.length).toBeLessThan(130);
    expect(world.clock.nowMs() - world.openedAtMs.at(-1)!).toBeGreaterThan(15_000);
    expect(world.clock.nextDueMs()).toBeUndefined();
  });
});

describe('a server that is away', () => {
  it('refuses for 5 s: what was said meanwhile is interpreted, within 1.5 s of its return', async () => {
    const world = await TranslationWorld.ready();
    world.faults.set({ refuseConnections: { status: 503 } });
    world.faults.dropAll();
    await world.hear(phrase('send-the-report'));
    await world.wait(5_000 - phrase('send-the-report').length / 24);
    expect(world.session.state).toMatchObject({ kind: 'reconnecting', error: { retryable: true } });
    expect(world.session.idle).toBe(false);
    world.faults.set({});
    const backAtMs = world.clock.nowMs();
    while (world.session.state.kind !== 'ready') await world.wait(20);
    expect(world.clock.nowMs() - backAtMs).toBeLessThan(1_500);
    await world.say(['share-my-screen']);
    await world.close();
    expect(world.translations()).toEqual(whole(['send-the-report', 'share-my-screen']));
    expect(world.session.counters.staleAudioDroppedMs).toBe(0);
  });

  it('refuses for 30 s: what is older than ten seconds is left out, and counted', async () => {
    const world = await TranslationWorld.ready();
    world.faults.set({ refuseConnections: { status: 503 } });
    world.faults.dropAll();
    await world.say(['send-the-report', 'share-my-screen', 'can-you-hear-me'], 4_000);
    world.faults.set({});
    await world.wait(5_000);
    await world.close();
    expect(world.translations().map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'completed']);
    expect(world.translations().slice(2)).toEqual(whole(['can-you-hear-me']));
    expect(world.session.counters.staleAudioDroppedMs).toBeGreaterThan(3_000);
    expect(world.notices('reconnected')[0]).toMatch(/2 translation\(s\)/);
  });

  it('asks to be left alone for 4 s: it is, and not for much longer', async () => {
    const world = await TranslationWorld.ready();
    world.faults.set({ refuseConnections: { status: 429, retryAfterSeconds: 4, count: 1 } });
    world.faults.dropAll();
    await world.wait(8_000);
    const [, refused, taken] = world.openedAtMs;
    expect(world.openedAtMs).toHaveLength(3);
    expect(taken! - refused!).toBeGreaterThanOrEqual(4_000);
    expect(taken! - refused!).toBeLessThan(5_000);
    expect(world.session.state.kind).toBe('ready');
  });

  it('asks for more than a minute: the session ends and says for how long', async () => {
    const world = await TranslationWorld.ready();
    world.faults.set({ refuseConnections: { status: 503, retryAfterSeconds: 120 } });
    world.faults.dropAll();
    await world.wait(1_000);
    expect(world.session.state).toMatchObject({ kind: 'ended', error: { retryAfterMs: 120_000 } });
  });

  it('refuses the key from then on: one clear line, and no further attempt', async () => {
    const world = await TranslationWorld.ready();
    world.faults.set({ refuseConnections: { status: 401 } });
    await world.hear(phrase('send-the-report'));
    world.faults.dropAll();
    await world.wait(10_000);
    expect(world.session.state).toMatchObject({ kind: 'ended', error: { code: 'key_refused' } });
    expect(world.openedAtMs).toHaveLength(2);
    expect(world.translations()).toEqual([{ text: '', heardSamples: 0, outcome: 'failed' }]);
    expect(world.clock.nextDueMs()).toBeUndefined();
  });

  it('refuses at the beginning: connecting fails with what it said', async () => {
    const world = new TranslationWorld({
      server: { faults: { refuseConnections: { status: 429, retryAfterSeconds: 7 } } },
    });
    await expect(world.session.connect()).rejects.toMatchObject({ retryable: true, retryAfterMs: 7_000 });
    expect(world.clock.nextDueMs()).toBeUndefined();
  });
});

describe('a line that is silent', () => {
  for (const [name, begin, heal] of [
    [
      'stalled for 30 s',
      (world: TranslationWorld): void => world.faults.set({ stall: true }),
      (world: TranslationWorld): void => world.faults.set({}),
    ],
    ['half open', (world: TranslationWorld): void => world.faults.freezeAll(), (): void => undefined],
  ] as const) {
    it(`${name}: is noticed after 6 s, and what was said since then is interpreted`, async () => {
      const world = await TranslationWorld.ready();
      await world.say(['send-the-report'], 6_000);
      begin(world);
      const sinceMs = world.clock.nowMs();
      await world.hear(phrase('share-my-screen'));
      while (world.states().length === 0) await world.wait(20);
      expect(world.clock.nowMs() - sinceMs).toBeLessThan(6_500);
      if (name === 'half open') {
        await world.wait(3_000);
        await world.close();
        expect(world.translations()).toEqual(whole(['send-the-report', 'share-my-screen']));
        expect(goneForS(world)).toBeLessThan(0.5);
        return;
      }
      await world.wait(30_000 - (world.clock.nowMs() - sinceMs));
      heal(world);
      const backAtMs = world.clock.nowMs();
      await world.say(['can-you-hear-me'], 8_000);
      await world.close();
      expect(world.states()).toEqual(RECOVERED);
      expect(goneForS(world)).toBeLessThan(30);
      const readyAtMs = sinceMs + 6_000 + goneForS(world) * 1_000;
      expect(readyAtMs - backAtMs).toBeLessThan(1_500); // it is asked to begin every second
      expect(world.translations()).toEqual([
        ...whole(['send-the-report']),
        { text: '', heardSamples: 0, outcome: 'failed' },
        ...whole(['can-you-hear-me']),
      ]);
      expect(world.session.counters.staleAudioDroppedMs).toBeGreaterThan(1_500);
    });
  }

  it('is noticed while people go on talking: all of what they said is told apart, and heard whole', async () => {
    const world = await TranslationWorld.ready();
    await world.say(['where-is-the-station'], 4_000);
    const pcm = phrase('send-the-report');
    await world.hear(pcm.subarray(0, 24_000));
    world.faults.freezeAll();
    await world.hear(pcm.subarray(24_000));
    await world.wait(1_000);
    await world.say(['share-my-screen', 'see-you-next-week']);
    await world.close();
    expect(world.translations()).toEqual(
      whole(['where-is-the-station', 'send-the-report', 'share-my-screen', 'see-you-next-week']),
    );
  });

  it('is not taken for dead where it is ours that was held up, and the answers are waiting', async () => {
    const world = await TranslationWorld.ready();
    await world.say(['where-is-the-station'], 4_000);
    const atMs = world.clock.nowMs();
    world.speech.push(phrase('share-my-screen'), atMs); // as it comes when a process wakes up: all at once
    world.speech.push(phrase('send-the-report'), atMs + phrase('share-my-screen').length / 24);
    world.sleep(20_000);
    world.clock.advanceBy(120); // timers fire first
    await world.wait(1_000);
    expect(world.states()).toEqual([]);
  });

  it('is not taken for dead where its server never sent silence, or is sent nothing', async () => {
    const sparse = await TranslationWorld.ready({ config: { pauseAfterSilenceMs: 2_000 } });
    await sparse.wait(60_000);
    expect(sparse.states()).toEqual([]);
    expect(sparse.openedAtMs).toHaveLength(1);
    const muteFromTheBeginning = await TranslationWorld.ready();
    muteFromTheBeginning.faults.set({ stall: true });
    await muteFromTheBeginning.wait(60_000);
    expect(muteFromTheBeginning.states()).toEqual([]);
  });
});

describe('a server that talks nonsense', () => {
  it('costs what it garbled, and nothing else', async () => {
    const world = await TranslationWorld.ready();
    await world.say(['send-the-report']);
    world.faults.set({
      malformedEvents: { count: 3, kind: 'broken_json', types: ['session.output_audio.delta'] },
      unknownEvents: { count: 2 },
      duplicateEvents: { count: 5 },
    });
    await world.wait(3_000);
    world.faults.set({});
    await world.say(['share-my-screen']);
    await world.close();
    expect(world.translations()).toEqual(whole(['send-the-report', 'share-my-screen']));
    expect(world.session.counters.malformedEvents).toBe(3);
    expect(world.states()).toEqual(['draining', 'ended']);
  });

  it('and nothing else for 6 s is as good as dead', async () => {
    const world = await TranslationWorld.ready();
    await world.say(['send-the-report'], 6_000);
    world.faults.set({ malformedEvents: { kind: 'missing_fields', types: ['session.output_audio.delta'] } });
    await world.hear(phrase('share-my-screen'));
    while (world.states().length === 0) await world.wait(20);
    world.faults.set({});
    await world.wait(6_000);
    await world.close();
    expect(world.session.counters.reconnects).toBe(1);
    expect(world.translations().at(-1)!.text).toBe(textOf('share-my-screen'));
  });

  it('drops the line while it is closed: what is left is lost, and told', async () => {
    const world = await TranslationWorld.ready();
    await world.hear(phrase('share-my-screen'));
    const closing = world.close();
    await Promise.resolve();
    world.faults.dropAll();
    await closing;
    expect(world.notices('turn_abandoned')).toHaveLength(1);
    expect(world.session.state).toEqual({ kind: 'ended' });
    expect(world.translations().map(({ outcome }) => outcome)).toEqual(['failed']);
  });

  it('is away while the session is closed: what was said is interpreted if it returns in time', async () => {
    const world = await TranslationWorld.ready();
    world.faults.set({ refuseConnections: { status: 503, count: 10 } });
    world.faults.dropAll();
    await world.hear(phrase('send-the-report'));
    expect(world.session.state.kind).toBe('reconnecting');
    await world.close();
    expect(world.translations()).toEqual(whole(['send-the-report']));
    expect(world.session.state).toEqual({ kind: 'ended' });
  });
});
