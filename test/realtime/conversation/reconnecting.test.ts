/** A connection that is lost, and what a session makes of it. */
import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../src/errors.js';
import { FakeVad } from '../fake-vad.js';
import { type ScriptedConnection, type ScriptedServerOptions, tone } from '../scripted-transport.js';
import { connected, nothingIsDue, type SessionFixture, speak, turns } from '../session-fixture.js';
import { append } from '../chunks.js';

const SILENCE = new Int16Array(240);
const LOUD = tone(10);
const DOWN = new ParleyError('service_unavailable', 'nothing is listening there', { retryable: true });

/** Moves the clock on, and lets connections open meanwhile. */
async function pass({ clock }: Pick<SessionFixture, 'clock'>, durationMs: number): Promise<void> {
  for (let left = durationMs; left > 0; left -= 50) {
    clock.advanceBy(Math.min(50, left));
    await turns(4);
  }
}

/** A server that hears by itself, on every connection. */
function inputTurns(options: ScriptedServerOptions = {}): ScriptedServerOptions {
  const vads = new Map<ScriptedConnection, FakeVad>();
  return {
    ...options,
    onEvent: (event, connection) => {
      let vad = vads.get(connection);
      if (vad === undefined) vads.set(connection, (vad = new FakeVad()));
      vad.onEvent(event, connection);
    },
  };
}

/** Loud samples appended to a connection. */
function loudMs(connection: ScriptedConnection): number {
  return connection.appends.reduce((sum, pcm) => sum + pcm.filter((sample) => sample !== 0).length, 0) / 24;
}

describe('a line that is lost', () => {
  it('is replaced at once, and told what it must know', async () => {
    const fixture = await connected({ transcription: undefined });
    const { session, server, emitted } = fixture;
    server.connection.turn('a');
    server.connection.respond('r1', 'a', 'out_a', 20, 'good morning');
    session.setInstructions('translate to Italian');
    session.setSpeed(1.2);
    server.connection.drop(1006);
    expect(session.state).toMatchObject({ kind: 'reconnecting', error: { message: /1006/ } });
    session.setInstructions('translate to French');
    await pass(fixture, 50);
    expect(session.state.kind).toBe('ready');
    expect(server.connections).toHaveLength(2);
    expect(emitted.state.map(({ kind }) => kind)).toEqual(['connecting', 'ready', 'reconnecting', 'ready']);
    const [configured, ...changes] = server.connection.of('session.update').map((event) => event['session']);
    expect(configured).toMatchObject({
      instructions: 'translate to French',
      audio: { output: { speed: 1.2 } },
    });
    expect(changes).toEqual([]);
    expect(server.connection.of('conversation.item.create').map(({ item }) => item)).toMatchObject([
      { role: 'assistant', content: [{ text: 'good morning' }] },
    ]);
    expect(session.counters).toMatchObject({ reconnects: 1, staleAudioDroppedMs: 0 });
    expect(emitted.notice).toEqual([
      {
        kind: 'reconnected',
        message: expect.stringMatching(/^the connection was lost for \d+ ms/) as string,
      },
    ]);
  });

  it('in a sentence: what was said of it and what is said meanwhile goes to the new line, once', async () => {
    const fixture = await connected({}, inputTurns());
    const { session, server, emitted, clock } = fixture;
    speak(fixture, 500, () => SILENCE);
    speak(fixture, 800, () => LOUD);
    server.refuse = DOWN;
    server.connection.drop(1006);
    expect(emitted.turnDone).toMatchObject([{ turnId: 'maria.1/item_1', outcome: 'failed' }]);
    speak(fixture, 700, () => LOUD);
    await turns(4);
    server.refuse = undefined;
    await pass(fixture, 1_500);
    speak(fixture, 1_000, () => SILENCE);
    const startMs = emitted.speechStarted.map((speech) => speech.startMs);
    expect(startMs).toHaveLength(2);
    expect(Math.abs(startMs[1]! - 500)).toBeLessThanOrEqual(20); // when it was said, not when it was sent
    expect(loudMs(server.connection)).toBeCloseTo(1_500, -2);
    expect(emitted.turnCommitted).toMatchObject([
      { turnId: expect.stringMatching(/^maria\.\d\/item_1$/) as string },
    ]);
    expect(Math.abs(emitted.turnCommitted[0]!.endMs - 2_000)).toBeLessThanOrEqual(40);
    server.connection.respond('r', 'item_1', 'out', 20);
    expect(emitted.turnDone.at(-1)?.outcome).toBe('completed');
    expect(session.counters.staleAudioDroppedMs).toBe(0);
    await pass(fixture, 60_000);
    expect(nothingIsDue(clock)).toBe(true);
  });

  it('between two sentences: nothing is said twice', async () => {
    const fixture = await connected({}, inputTurns());
    const { server, emitted } = fixture;
    speak(fixture, 800, () => LOUD);
    speak(fixture, 1_000, () => SILENCE);
    server.connection.respond('r', 'item_1', 'out', 20);
    server.connection.drop(1006);
    await pass(fixture, 50);
    speak(fixture, 1_000, () => SILENCE);
    expect(server.connections).toHaveLength(2);
    expect(loudMs(server.connection)).toBe(0);
    expect(emitted.speechStarted).toHaveLength(1);
    expect(emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['completed']);
  });

  it('while a translation is heard: it is not said again, and the next sentence is said to the new line', async () => {
    const fixture = await connected({}, inputTurns());
    const { server, emitted } = fixture;
    speak(fixture, 800, () => LOUD);
    speak(fixture, 1_000, () => SILENCE);
    server.connection.responseCreated('r', 'item_1');
    server.connection.audio('r', 'out', tone(100));
    speak(fixture, 400, () => LOUD); // the next one, which the server has heard begin
    server.connection.drop(1011);
    expect(emitted.turnDone.map(({ turnId, outcome }) => [turnId, outcome])).toEqual([
      ['maria.1/item_1', 'failed'],
      ['maria.1/item_2', 'failed'],
    ]);
    expect(emitted.audioEnded).toHaveLength(1); // what was heard of it ends
    await pass(fixture, 50);
    speak(fixture, 1_000, () => SILENCE);
    expect(loudMs(server.connection)).toBeCloseTo(400, -1);
    expect(emitted.speechStarted).toHaveLength(3);
  });

  it('with a translation that was asked for and not begun: it is asked for anew', async () => {
    const fixture = await connected({}, inputTurns());
    const { server, emitted } = fixture;
    speak(fixture, 800, () => LOUD);
    speak(fixture, 1_000, () => SILENCE);
    server.connection.responseCreated('r', 'item_1');
    server.connection.text('r', 'out', 'half a');
    server.connection.drop(1006);
    await pass(fixture, 50);
    speak(fixture, 600, () => SILENCE);
    expect(emitted.turnCommitted.map(({ turnId }) => turnId)).toEqual(['maria.1/item_1', 'maria.2/item_1']);
    expect(server.connection.of('response.create')).toHaveLength(1);
  });

  it('for long: the last ten seconds are interpreted, and what is older is dropped and counted', async () => {
    const fixture = await connected({}, inputTurns());
    const { session, server, emitted } = fixture;
    server.refuse = DOWN;
    server.connection.drop(1006);
    for (let second = 0; second < 30; second++) {
      speak(fixture, 1_000, () => (second < 25 ? LOUD : SILENCE));
      await turns(4);
    }
    server.refuse = undefined;
    await pass(fixture, 1_500);
    const { staleAudioDroppedMs } = session.counters;
    expect(staleAudioDroppedMs).toBeGreaterThanOrEqual(20_000);
    expect(staleAudioDroppedMs).toBeLessThanOrEqual(22_000);
    expect(emitted.notice.at(-1)?.message).toMatch(/\d+ ms of audio were too old to be interpreted$/);
    expect(server.connection.appendedMs).toBeLessThanOrEqual(10_000 + 300 + 1_300);
    expect(emitted.speechStarted.every(({ startMs }) => startMs >= 20_000)).toBe(true);
  });

  it('is tried for a minute and not for ever, less and less often', async () => {
    const fixture = await connected();
    const { session, server } = fixture;
    server.refuse = DOWN;
    server.connection.drop(1006);
    await pass(fixture, 59_000);
    expect(session.state.kind).toBe('reconnecting');
    await pass(fixture, 3_000);
    expect(session.state).toMatchObject({ kind: 'ended', error: DOWN });
    expect(fixture.clock.nextDueMs()).toBeUndefined();
  });

  it.each([
    new ParleyError('key_refused', 'the key was revoked'),
    new ParleyError('service_unavailable', 'out of quota'),
  ])('ends the session where trying again does not help: $message', async (refusal) => {
    const fixture = await connected();
    const { session, server, emitted } = fixture;
    server.refuse = refusal;
    server.connection.drop(1006);
    await pass(fixture, 100);
    expect(session.state).toEqual({ kind: 'ended', error: refusal });
    expect(emitted.state.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    expect(fixture.clock.nextDueMs()).toBeUndefined();
  });

  it('leaves a server alone for as long as it asks', async () => {
    const fixture = await connected();
    const { session, server } = fixture;
    server.refuse = new ParleyError('service_unavailable', '429', { retryable: true, retryAfterMs: 7_000 });
    server.connection.drop(1006);
    await pass(fixture, 100);
    server.refuse = undefined;
    await pass(fixture, 6_800);
    expect(session.state.kind).toBe('reconnecting');
    await pass(fixture, 2_000);
    expect(session.state.kind).toBe('ready');
  });

  it('again and again is tried with longer and longer waits, until one lasts', async () => {
    const fixture = await connected();
    const { session, server } = fixture;
    const opened: number[] = [];
    for (let n = 0; n < 6; n++) {
      server.connection.drop(1006);
      const before = server.connections.length;
      while (server.connections.length === before || session.state.kind !== 'ready') await pass(fixture, 50);
      opened.push(fixture.clock.nowMs());
    }
    const waits = opened.map((atMs, n) => atMs - (opened[n - 1] ?? 0));
    expect(waits[0]).toBeLessThanOrEqual(100);
    expect(waits[5]).toBeGreaterThanOrEqual(600);
    await pass(fixture, 10_000);
    server.connection.drop(1006);
    await pass(fixture, 100);
    expect(session.state.kind).toBe('ready');
  });

  it('that speaks texts of ours is asked again for those that were not spoken', async () => {
    const fixture = await connected();
    const { session, server } = fixture;
    session.speak('heard in part');
    session.speak('never begun');
    server.connection.responseCreated('r', 'text_1');
    server.connection.audio('r', 'out', tone(20));
    server.connection.drop(1006);
    await pass(fixture, 50);
    const asked = server.connection.of('response.create').map(({ response }) => JSON.stringify(response));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('never begun');
  });

  it('is waited for by whoever closes the session, and then finishes what was said', async () => {
    const fixture = await connected({}, inputTurns());
    const { session, server, emitted } = fixture;
    speak(fixture, 800, () => LOUD);
    server.refuse = DOWN;
    server.connection.drop(1006);
    await turns(4);
    const closing = session.close();
    append(session, LOUD, fixture.clock.nowMs()); // too late
    server.refuse = undefined;
    await pass(fixture, 2_000);
    expect(session.state.kind).toBe('draining');
    server.connection.respond('r', 'item_1', 'out', 20);
    await pass(fixture, 2_500);
    await closing;
    expect(emitted.turnDone.at(-1)?.outcome).toBe('completed');
    expect(session.state).toEqual({ kind: 'ended' });
    expect(fixture.clock.nextDueMs()).toBeUndefined();
  });

  it('does not outlive a close that cannot wait', async () => {
    const fixture = await connected();
    const { session, server, clock } = fixture;
    server.refuse = DOWN;
    server.connection.drop(1006);
    await turns(4);
    const closing = session.close(500);
    clock.advanceBy(500);
    await closing;
    server.refuse = undefined;
    await pass(fixture, 5_000);
    expect(session.state).toEqual({ kind: 'ended' });
    expect(server.connections).toHaveLength(1);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});

describe('a server that says nothing any more', () => {
  it('is found out by a translation that does not come', async () => {
    const fixture = await connected({}, { answersProbes: false });
    const { session, server, clock } = fixture;
    server.connection.turn('a');
    clock.advanceBy(9_999);
    expect(session.state.kind).toBe('ready');
    clock.advanceBy(1);
    expect(session.state).toMatchObject({ kind: 'reconnecting', error: { retryable: true } });
    await turns(4);
    await pass(fixture, 50);
    expect(server.connections).toHaveLength(2);
    expect(server.connections[0]?.closed).toBe(true);
  });

  it('is found out by speech that it does not notice, in time for that to be interpreted', async () => {
    const fixture = await connected({}, { answersProbes: false });
    const { session, server } = fixture;
    speak(fixture, 2_000, () => LOUD);
    for (let second = 0; second < 7 && session.state.kind === 'ready'; second++) {
      speak(fixture, 1_000, () => SILENCE);
    }
    expect(session.state.kind).toBe('reconnecting');
    await pass(fixture, 100);
    expect(loudMs(server.connection)).toBeCloseTo(2_000, -2);
    expect(session.counters.staleAudioDroppedMs).toBe(0);
  });

  it('is not taken for gone while it answers, nor in silence', async () => {
    const fixture = await connected();
    const { session, server } = fixture;
    speak(fixture, 30_000, () => LOUD); // noise
    speak(fixture, 60_000, () => SILENCE);
    expect(session.state.kind).toBe('ready');
    expect(server.connections).toHaveLength(1);
    const probes = server.connection.of('session.update').slice(1);
    expect(probes.length).toBeGreaterThan(0);
    expect(probes.length).toBeLessThanOrEqual(5);
    for (const { session: asked } of probes) expect(asked).toEqual({ type: 'realtime' });
  });

  it('is asked no more when two lines in a row did not answer: it may be one that never does', async () => {
    const fixture = await connected({}, { answersProbes: false });
    const { session, server } = fixture;
    for (let second = 0; second < 120; second++) {
      speak(fixture, 1_000, () => LOUD);
      await turns(4);
    }
    expect(session.state.kind).toBe('ready');
    expect(server.connections).toHaveLength(3);
  });
});

describe('a server that comes back', () => {
  it('is told its configuration again and again, since it may have missed what was sent first', async () => {
    const fixture = await connected({}, { answersProbes: false });
    const { session, server } = fixture;
    server.mute = true;
    server.connection.drop(1006);
    await pass(fixture, 3_500);
    expect(session.state.kind).toBe('reconnecting');
    expect(server.connections).toHaveLength(2);
    expect(server.connection.of('session.update')).toHaveLength(3);
    server.mute = false;
    server.connection.confirm();
    await turns();
    expect(session.state.kind).toBe('ready');
    await pass(fixture, 5_000);
    expect(server.connections).toHaveLength(2);
    expect(server.connection.of('session.update')).toHaveLength(3);
  });

  it('is given up after five seconds of that, and tried on another line', async () => {
    const fixture = await connected();
    const { session, server } = fixture;
    server.mute = true;
    server.connection.drop(1006);
    await pass(fixture, 5_000);
    server.mute = false;
    await pass(fixture, 500);
    expect(session.state.kind).toBe('ready');
    expect(server.connections.map(({ closed }) => closed)).toEqual([true, true, false]);
  });
});
