/** A live session against the embedded server: what is heard, told, billed, and what happens when things go wrong. */
import { describe, expect, it } from 'vitest';
import { phrase, textOf } from '../continuous/continuous-world.js';
import { LiveWorld, wholeOf } from './live-world.js';

const PHRASES = ['where-is-the-station', 'send-the-report', 'share-my-screen'] as const;

describe('a live session', () => {
  it('translates phrase by phrase, each heard whole, with its words and its source', async () => {
    const world = await LiveWorld.ready();
    await world.say(PHRASES);
    await world.wait(4_000);
    expect(world.translations()).toEqual(wholeOf(PHRASES));
    const sources = world.emitted.sourceTranscript.filter(({ final }) => final).map(({ text }) => text);
    expect(sources).toEqual(PHRASES.map((id) => textOf(id, 'es')));
    await world.close();
    expect(world.states()).toEqual(['draining', 'ended']);
  });

  it('queues no zeros: what is said between two pauses is not longer than it was', async () => {
    const world = await LiveWorld.ready();
    await world.say(['where-is-the-station']);
    await world.wait(3_000);
    const heardMs = world.emitted.audio.reduce((sum, { pcm }) => sum + pcm.length / 24, 0);
    const spokenMs = phrase('where-is-the-station', 'en').length / 24;
    expect(heardMs).toBeLessThanOrEqual(spokenMs);
    expect(heardMs).toBeGreaterThan(spokenMs * 0.6);
    expect(world.emitted.audio.every(({ pcm }) => pcm.some((sample) => Math.abs(sample) >= 100))).toBe(true);
    await world.close();
  });

  it('is fed without end, at the pace of the clock', async () => {
    const world = await LiveWorld.ready();
    await world.wait(10_000);
    expect(world.host.receivedAudioMs).toBeGreaterThan(9_500);
    expect(world.host.receivedAudioMs).toBeLessThanOrEqual(10_200);
    await world.close();
  });

  it('is billed by the last sum that the service told, the final one included, once', async () => {
    const world = await LiveWorld.ready();
    await world.wait(31_000);
    expect(world.billedMs()).toBe(30_000);
    await world.close();
    expect(world.billedMs()).toBeGreaterThan(30_900);
    expect(world.billedMs()).toBeLessThan(31_300);
    expect(world.session.counters.endsWithoutUsage).toBe(0);
  });

  it('says what was begun before it ends, and feeds silence for that', async () => {
    const world = await LiveWorld.ready();
    await world.hear(phrase('send-the-report'));
    await world.close();
    expect(world.translations()).toEqual(wholeOf(['send-the-report']));
  });

  it('tells no source where somebody else does', async () => {
    const world = await LiveWorld.ready();
    world.session.setTranscription(undefined);
    await world.say(['send-the-report']);
    await world.wait(4_000);
    expect(world.emitted.sourceTranscript.filter(({ text }) => text !== '')).toEqual([]);
    expect(world.translations()).toEqual(wholeOf(['send-the-report']));
    await world.close();
  });
});

describe('instructions and voice', () => {
  it('are fixed: others are taken by another session, in a pause, and nothing is lost', async () => {
    const world = await LiveWorld.ready();
    await world.say(['where-is-the-station'], 500);
    world.session.controls!.setInstructions('Translate everything into German.');
    await world.say(['send-the-report'], 4_000);
    await world.say(['share-my-screen'], 8_000);
    expect(world.openedAtMs).toHaveLength(2);
    const texts = world.translations().map(({ text }) => text);
    const spanish = [textOf('where-is-the-station'), textOf('send-the-report')];
    expect(texts).toEqual([spanish.join(' '), textOf('share-my-screen', 'de')]); // the pause was too short for two turns
    world.session.controls!.setVoice('cedar');
    await world.wait(3_000);
    expect(world.openedAtMs).toHaveLength(3);
    expect(world.notices('reconnected')).toEqual([]);
    await world.close();
    expect(world.host.connections).toBe(0);
  });

  it('a session that cannot be opened for them leaves the old one, and is tried again half a minute later', async () => {
    const world = await LiveWorld.ready();
    await world.wait(500);
    world.faults.set({ refuseConnections: { status: 503 } });
    world.session.controls!.setVoice('cedar');
    await world.wait(20_000);
    expect(world.openedAtMs).toHaveLength(2);
    expect(world.notices('update_rejected')).toHaveLength(1);
    world.faults.set({});
    await world.wait(15_000);
    expect(world.openedAtMs).toHaveLength(3);
    await world.say(['send-the-report'], 8_000);
    expect(world.translations()).toEqual(wholeOf(['send-the-report']));
    await world.close();
  });

  it('speed and kind of output cannot be chosen; a voice that is no name is refused', async () => {
    const world = await LiveWorld.ready();
    const { controls } = world.session;
    controls!.setSpoken(false);
    controls!.setSpeed(1.2);
    expect(() => controls!.setSpeed(9)).toThrow(/speed/);
    expect(() => controls!.setVoice('<b>')).toThrow(/voice/);
    await world.wait(2_000);
    expect(world.openedAtMs).toHaveLength(1);
    await world.close();
  });
});

describe('a model that the service does not know', () => {
  it('is replaced by the one before it, and that is told', async () => {
    const world = await LiveWorld.ready({
      server: { faults: { refuseSessions: { code: 'invalid_model', count: 1 } } },
    });
    expect(world.openedAtMs).toHaveLength(2);
    expect(world.notices('server_error')).toEqual([
      'the service does not know the model gpt-live-1.1: gpt-live-1 takes its place',
    ]);
    await world.close();
  });

  it('ends the session where that is not known either', async () => {
    const world = new LiveWorld({ server: { faults: { refuseSessions: { code: 'invalid_model' } } } });
    await expect(world.connect()).rejects.toMatchObject({ code: 'service_unavailable', retryable: false });
  });
});

describe('what the service does on its bad days', () => {
  it.each([
    ['credit_balance_exhausted', /no credit/],
    ['insufficient_quota', /quota/],
    ['account_deactivated', /closed/],
  ])('an account with %s is refused after the connection was accepted', async (code, message) => {
    const world = new LiveWorld({ server: { faults: { refuseSessions: { code } } } });
    await expect(world.connect()).rejects.toMatchObject({
      retryable: false,
      message: expect.stringMatching(message) as string,
    });
    expect(world.session.state.kind).toBe('ended');
  });

  it('a late session is waited for', async () => {
    const world = new LiveWorld({ server: { faults: { lateSessions: { afterMs: 3_000 } } } });
    const connecting = world.connect();
    await world.wait(2_900);
    expect(world.session.state.kind).toBe('connecting');
    await world.wait(200);
    await connecting;
    await world.close();
  });

  it.each(['connection_lost', 'expired'] as const)(
    'one that ends for the reason %s is opened again',
    async (reason) => {
      const world = await LiveWorld.ready({
        server: { faults: { closeSessions: { reason, afterMs: 6_500, count: 1 } } },
      });
      await world.say(['where-is-the-station', 'send-the-report', 'share-my-screen'], 4_000);
      await world.wait(3_000);
      expect(world.session.counters.reconnects).toBe(1);
      expect(
        world.translations().filter(({ outcome }) => outcome === 'completed').length,
      ).toBeGreaterThanOrEqual(2);
      if (reason === 'expired') expect(world.notices('reconnected')[0]).toMatch(/held up/);
      await world.close();
    },
  );

  it('one that ends for its content is opened again once; twice in a row, it is over', async () => {
    const world = await LiveWorld.ready({
      server: { faults: { closeSessions: { reason: 'content', afterMs: 2_000 } } },
    });
    await world.wait(3_000);
    expect(world.session.counters.reconnects).toBe(1);
    expect(world.notices('reconnected')[0]).toMatch(/for what is said in it/);
    await world.wait(3_000);
    expect(world.session.state).toMatchObject({ kind: 'ended', error: { retryable: false } });
  });

  it('one that stalls is found by its silence long before it is dropped', async () => {
    const world = await LiveWorld.ready({
      server: { faults: { stallSessions: { afterMs: 7_000, count: 1 } } },
    });
    await world.say(['where-is-the-station'], 5_000);
    const beforeMs = world.clock.nowMs();
    for (let n = 0; n < 40 && world.session.counters.reconnects === 0; n++) await world.wait(500);
    expect(world.clock.nowMs() - beforeMs).toBeLessThan(8_000);
    await world.say(['send-the-report'], 8_000);
    expect(world.translations()).toEqual(wholeOf(['where-is-the-station', 'send-the-report']));
    expect(world.session.counters.endsWithoutUsage).toBe(1);
    await world.close();
  });

  it('a dropped connection costs nothing where nothing was being said', async () => {
    const world = await LiveWorld.ready();
    await world.say(['where-is-the-station'], 7_000);
    world.faults.dropAll();
    await world.say(['send-the-report'], 7_000);
    expect(world.translations()).toEqual(wholeOf(['where-is-the-station', 'send-the-report']));
    expect(world.states()).toEqual(['reconnecting', 'ready']);
    await world.close();
  });

  it('a delegation is counted and answered without a word, an error without a code is told, and the session goes on', async () => {
    const world = await LiveWorld.ready({
      server: { faults: { delegatePhrases: { count: 1 }, codelessErrors: { count: 1 } } },
    });
    await world.say(['where-is-the-station'], 8_000);
    expect(world.session.counters.delegations).toBe(1);
    expect(world.notices('server_error')).toEqual([
      'the service reports an error, and the session goes on: server_error',
    ]);
    expect(world.translations()).toEqual(wholeOf(['where-is-the-station']));
    await world.close();
  });

  it('speech without words is heard, and its turn is done', async () => {
    const world = await LiveWorld.ready({ server: { faults: { unwrittenPhrases: { count: 1 } } } });
    await world.say(['where-is-the-station', 'send-the-report'], 7_000);
    const [first, second] = wholeOf(['where-is-the-station', 'send-the-report']);
    expect(world.translations()).toEqual([{ ...first, text: '' }, second]);
    await world.close();
  });
});

describe('rotation', () => {
  it('goes by the announced end: another session takes over in a pause, and nothing is lost or said twice', async () => {
    const world = await LiveWorld.ready({ server: { sessionDurationMs: 40_000 } });
    const ids = Array.from({ length: 10 }, (_, n) => PHRASES[n % 3]!);
    await world.say(ids, 3_000);
    await world.wait(4_000);
    expect(world.translations()).toEqual(wholeOf(ids));
    expect(world.session.counters.rotations).toBeGreaterThanOrEqual(1);
    expect(world.notices('reconnected')).toEqual([]);
    await world.close();
  });

  it('a session that waits to take over is fed, and lives', async () => {
    const world = await LiveWorld.ready({ server: { sessionDurationMs: 400_000 } });
    // No pause is long enough from three quarters of the time on: one word follows the other.
    for (let n = 0; n < 90; n++) await world.say(['where-is-the-station'], 1_700);
    await world.wait(5_000);
    const done = world.translations().filter(({ outcome }) => outcome === 'completed');
    expect(done.length).toBeGreaterThanOrEqual(88);
    expect(world.session.counters.rotations).toBe(1);
    expect(world.openedAtMs.length).toBe(2);
    await world.close();
  });
});
