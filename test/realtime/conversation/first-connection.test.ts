/** A first connection that cannot be opened, and what a session makes of it that was told to be patient. */
import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../src/errors.js';
import { FakeVad } from '../fake-vad.js';
import { tone } from '../scripted-transport.js';
import { makeSession, nothingIsDue, type SessionFixture, speak, turns } from '../session-fixture.js';
import { phrase, whole } from '../continuous/continuous-world.js';
import { TranslationWorld } from '../translate/translate-world.js';

const SILENCE = new Int16Array(240);
const LOUD = tone(10);
const AWAY = new ParleyError('service_unavailable', 'nothing is listening there', { retryable: true });
const PATIENCE_MS = 60_000;

/** A session whose server hears by itself, and is away; and how its `connect` ends. */
function refused(error = AWAY, patienceMs = PATIENCE_MS) {
  const vad = new FakeVad();
  const onEvent: FakeVad['onEvent'] = (event, connection) => {
    vad.onEvent(event, connection);
  };
  const fixture = makeSession({}, { onEvent }, 'maria', patienceMs);
  fixture.server.refuse = error;
  let ending: unknown;
  fixture.session.connect().then(
    () => (ending = 'ready'),
    (cause: unknown) => (ending = cause),
  );
  return { ...fixture, ending: () => ending };
}

/** Speaks in steps, between which connections open. */
async function say(fixture: SessionFixture, durationMs: number, frame: Int16Array): Promise<void> {
  for (let left = durationMs; left > 0; left -= 100) {
    speak(fixture, Math.min(100, left), () => frame);
    await turns(2);
  }
}

describe('the first line of a patient conversation session', () => {
  it('is tried again, and is told what was said meanwhile, in whole', async () => {
    const fixture = refused();
    const { session, server, emitted, ending } = fixture;
    await say(fixture, 300, SILENCE);
    expect(session.state).toEqual({ kind: 'reconnecting', error: AWAY });
    expect(session.idle).toBe(false);
    await say(fixture, 1_000, LOUD);
    session.setInstructions('translate to French');
    await say(fixture, 6_000, SILENCE);
    expect(ending()).toBeUndefined();
    server.refuse = undefined;
    await say(fixture, 1_500, SILENCE);
    expect(ending()).toBe('ready');
    expect(emitted.state.map(({ kind }) => kind)).toEqual(['connecting', 'reconnecting', 'ready']);
    expect(server.connections).toHaveLength(1);
    expect(server.connection.of('session.update').map((event) => event['session'])).toMatchObject([
      { instructions: 'translate to French' },
    ]);
    expect(emitted.turnCommitted).toHaveLength(1);
    expect(Math.abs(emitted.turnCommitted[0]!.startMs - 300)).toBeLessThanOrEqual(20); // when it was said
    expect(session.counters).toMatchObject({ audioDroppedMs: 0, staleAudioDroppedMs: 0 });
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['reconnected']);
  });

  it('after more than ten seconds: what is older is dropped and counted, once', async () => {
    const fixture = refused();
    await say(fixture, 15_000, LOUD);
    fixture.server.refuse = undefined;
    await say(fixture, 1_000, LOUD);
    const { audioDroppedMs, staleAudioDroppedMs } = fixture.session.counters;
    expect(audioDroppedMs).toBe(0);
    expect(staleAudioDroppedMs).toBeGreaterThan(4_500);
    expect(staleAudioDroppedMs).toBeLessThan(6_500);
    expect(fixture.emitted.notice.at(-1)?.message).toContain(
      `${staleAudioDroppedMs} ms of audio were too old`,
    );
  });

  it('lost while it is configured is tried again, too', async () => {
    const fixture = refused();
    const { server, session, ending } = fixture;
    server.refuse = undefined;
    server.mute = true;
    await say(fixture, 600, LOUD);
    server.connection.drop(1011);
    server.mute = false;
    await say(fixture, 1_000, LOUD);
    expect([ending(), session.state.kind]).toEqual(['ready', 'ready']);
    expect(server.connections).toHaveLength(2);
  });

  it('is never opened before the server allows it', async () => {
    const options = { retryable: true, retryAfterMs: 4_000 };
    const fixture = refused(new ParleyError('service_unavailable', '429', options));
    await turns();
    fixture.server.refuse = undefined;
    await say(fixture, 3_900, SILENCE);
    expect(fixture.server.connections).toHaveLength(0);
    await say(fixture, 1_000, SILENCE);
    expect(fixture.ending()).toBe('ready');
  });

  it('is given up when the patience is at an end, and then nothing goes on', async () => {
    const fixture = refused(AWAY, 5_000);
    await say(fixture, 5_000, SILENCE);
    expect(fixture.ending()).toBe(AWAY);
    expect(fixture.session.state).toEqual({ kind: 'ended', error: AWAY });
    expect(nothingIsDue(fixture.clock)).toBe(true);
  });

  it.each([
    ['where trying again does not help', new ParleyError('key_refused', 'wrong key'), PATIENCE_MS],
    ['without patience', AWAY, 0],
  ])('is not tried again %s', async (_name, error, patienceMs) => {
    const fixture = refused(error, patienceMs);
    await turns();
    expect(fixture.ending()).toBe(error);
    expect(fixture.emitted.state.map(({ kind }) => kind)).toEqual(['connecting', 'ended']);
    expect(nothingIsDue(fixture.clock)).toBe(true);
  });

  it('closing meanwhile waits for it as long as it may, then ends', async () => {
    const returns = refused();
    await say(returns, 1_000, LOUD);
    const closing = returns.session.close(10_000);
    returns.server.refuse = undefined;
    for (let n = 0; n < 110; n++) {
      returns.clock.advanceBy(100);
      await turns(2);
    }
    await closing;
    expect(returns.ending()).toBe('ready');
    expect(returns.emitted.turnCommitted).toHaveLength(1);

    const stays = refused();
    await say(stays, 1_000, LOUD);
    await stays.session.close(0);
    await turns();
    expect(stays.ending()).toMatchObject({ message: 'the session was closed while it was connecting' });
    expect(nothingIsDue(stays.clock)).toBe(true);
  });
});

describe('the first line of a patient translation session', () => {
  const away = (count: number, retryAfterSeconds?: number) => ({
    status: 503,
    count,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
  /** A session whose server refuses at first; and how its `connect` ends. */
  function open(refuseConnections: ReturnType<typeof away>, patienceMs = PATIENCE_MS) {
    const world = new TranslationWorld({ patienceMs });
    world.faults.set({ refuseConnections });
    let ending: unknown;
    world.session.connect().then(
      () => (ending = 'ready'),
      (cause: unknown) => (ending = cause),
    );
    return { world, ending: () => ending };
  }

  it('is tried again, and is told what was said meanwhile, in whole', async () => {
    const { world, ending } = open(away(10));
    await world.say(['send-the-report', 'share-my-screen'], 1_000);
    await world.wait(6_000);
    await world.close();
    expect(ending()).toBe('ready');
    expect(world.emitted.state.map(({ kind }) => kind)).toEqual([
      'connecting',
      'reconnecting',
      'ready',
      'draining',
      'ended',
    ]);
    expect(world.translations()).toEqual(whole(['send-the-report', 'share-my-screen']));
    expect(world.notices('reconnected')[0]).toMatch(/nothing was lost/);
    expect(world.session.counters.staleAudioDroppedMs).toBe(0);
  });

  it('is never opened before the server allows it, and what is older than ten seconds by then is told as lost', async () => {
    const { world } = open(away(1, 20));
    await world.say(['send-the-report'], 14_000);
    await world.say(['share-my-screen'], 8_000);
    await world.close();
    const [first, second] = world.openedAtMs;
    expect(second! - first!).toBeGreaterThanOrEqual(20_000);
    expect(world.openedAtMs).toHaveLength(2);
    expect(world.translations()).toEqual([
      { text: '', heardSamples: 0, outcome: 'failed' },
      ...whole(['share-my-screen']),
    ]);
    expect(world.session.counters.staleAudioDroppedMs).toBeGreaterThan(500);
  });

  it('is given up when the patience is at an end, and then nothing goes on', async () => {
    const { world, ending } = open(away(1_000), 5_000);
    await world.hear(phrase('send-the-report'));
    await world.wait(5_000);
    expect(ending()).toMatchObject({ code: 'service_unavailable', retryable: true });
    expect(world.session.state).toMatchObject({ kind: 'ended', error: ending() });
    expect(world.clock.nextDueMs()).toBeUndefined();
  });

  it.each([
    ['where trying again does not help', { status: 401, count: 1 }, PATIENCE_MS],
    ['without patience', away(1), 0],
  ])('is not tried again %s', async (_name, refusal, patienceMs) => {
    const { world, ending } = open(refusal, patienceMs);
    await turns();
    expect(world.emitted.state.map(({ kind }) => kind)).toEqual(['connecting', 'ended']);
    expect(ending()).toBeInstanceOf(ParleyError);
    expect(world.openedAtMs).toHaveLength(1);
  });

  it('closing meanwhile waits for it as long as it may, then ends', async () => {
    const { world: returns } = open(away(10));
    await returns.hear(phrase('send-the-report'));
    await returns.close();
    expect(returns.translations()).toEqual(whole(['send-the-report']));

    const { world: stays, ending } = open(away(1_000));
    await stays.hear(phrase('send-the-report'));
    await stays.close(2_000);
    await turns();
    expect(ending()).toMatchObject({ message: 'the session was closed while it was connecting' });
    expect(stays.translations().map(({ outcome }) => outcome)).toEqual(['failed']);
    expect(stays.clock.nextDueMs()).toBeUndefined();
  });
});
