/** A session that will expire: another connection takes over before it does. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { ParleyError } from '../../../src/errors.js';
import { FakeVad } from '../fake-vad.js';
import { type ScriptedConnection, type SentEvent, tone } from '../scripted-transport.js';
import { connected, type SessionFixture, speak, turns } from '../session-fixture.js';

const SILENCE = new Int16Array(240);
const LOUD = tone(10);
/** How long the sessions of these tests last. */
const LASTS_MS = 120_000;
/** From three quarters of that on a pause is waited for, and from eleven twelfths on not even that. */
const LEAVE_FROM_MS = 90_000;
const LEAVE_BY_MS = 110_000;

type Fixture = SessionFixture & { vads: Map<ScriptedConnection, FakeVad> };

async function expiring(config: Parameters<typeof connected>[0] = {}): Promise<Fixture> {
  const epoch = new VirtualClock();
  const vads = new Map<ScriptedConnection, FakeVad>();
  const onEvent = (event: SentEvent, connection: ScriptedConnection): void => {
    let vad = vads.get(connection);
    if (vad === undefined) vads.set(connection, (vad = new FakeVad()));
    vad.onEvent(event, connection);
  };
  let clock = epoch;
  const expiresAtS = (): number => (clock.epochMs() + LASTS_MS) / 1_000;
  const fixture = await connected(config, { expiresAtS, onEvent });
  ({ clock } = fixture);
  return { ...fixture, vads };
}

/** Speaks frame by frame until `untilMs`, and lets connections open meanwhile. */
async function speakUntil(fixture: Fixture, untilMs: number, frame: () => Int16Array): Promise<void> {
  while (fixture.clock.nowMs() < untilMs) {
    speak(fixture, Math.min(100, untilMs - fixture.clock.nowMs()), frame);
    await turns(4);
  }
}

/** What was said on each connection: milliseconds of sound. */
function loudMs({ server }: Fixture): number[] {
  const of = (connection: ScriptedConnection): number =>
    connection.appends.reduce((sum, pcm) => sum + pcm.filter((sample) => sample !== 0).length, 0) / 24;
  return server.connections.map((connection) => Math.round(of(connection)));
}

describe('a session that will expire', () => {
  it('is left in silence, for a line that knows what was said, and is closed when it is done', async () => {
    const fixture = await expiring({ transcription: undefined });
    const { session, server, emitted } = fixture;
    await speakUntil(fixture, 1_000, () => LOUD);
    await speakUntil(fixture, 2_000, () => SILENCE);
    server.connection.respond('r', 'item_1', 'out', 100, 'good morning');
    session.setInstructions('translate to Italian');
    await speakUntil(fixture, LEAVE_FROM_MS - 100, () => SILENCE);
    expect(server.connections).toHaveLength(1);
    await speakUntil(fixture, LEAVE_FROM_MS + 2_000, () => SILENCE);
    expect(server.connections).toHaveLength(2);
    expect(server.connections[0]?.closed).toBe(true);
    expect(server.connection.sent[0]).toMatchObject({ session: { instructions: 'translate to Italian' } });
    expect(JSON.stringify(server.connection.of('conversation.item.create'))).toContain('good morning');
    expect(session.counters).toMatchObject({ rotations: 1, reconnects: 0, turns: 1 });
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['rotated']);
    expect(emitted.state.map(({ kind }) => kind)).toEqual(['connecting', 'ready']);
  });

  it('goes on with the sentence that is being said, and moves in the pause behind it', async () => {
    const fixture = await expiring();
    const { server, emitted } = fixture;
    await speakUntil(fixture, LEAVE_FROM_MS - 1_000, () => SILENCE);
    await speakUntil(fixture, LEAVE_FROM_MS + 3_000, () => LOUD);
    expect(server.connections).toHaveLength(2);
    expect(loudMs(fixture)).toEqual([4_000, 0]);
    await speakUntil(fixture, LEAVE_FROM_MS + 4_000, () => SILENCE);
    await speakUntil(fixture, LEAVE_FROM_MS + 5_000, () => LOUD);
    await speakUntil(fixture, LEAVE_FROM_MS + 6_000, () => SILENCE);
    expect(loudMs(fixture)).toEqual([4_000, 1_000]);
    expect(emitted.turnCommitted.map(({ turnId }) => turnId)).toEqual(['maria.1/item_1', 'maria.2/item_1']);
    expect(server.connection.of('response.create')).toEqual([]); // what was said before is translated before
    server.connections[0]?.respond('r1', 'item_1', 'out', 100);
    await speakUntil(fixture, LEAVE_FROM_MS + 8_000, () => SILENCE);
    expect(server.connection.of('response.create')).toHaveLength(1);
    server.connection.respond('r2', 'item_1', 'out', 100);
    expect(emitted.turnDone.map(({ turnId, outcome }) => [turnId, outcome])).toEqual([
      ['maria.1/item_1', 'completed'],
      ['maria.2/item_1', 'completed'],
    ]);
    expect(server.connections[0]?.closed).toBe(true);
  });

  it('without a pause is left where a piece of long speech ends, and loses nothing', async () => {
    const fixture = await expiring();
    const { session, emitted } = fixture;
    await speakUntil(fixture, LEAVE_FROM_MS - 1_000, () => SILENCE);
    await speakUntil(fixture, LEAVE_FROM_MS + 5_000, () => LOUD);
    session.commitTurn();
    await speakUntil(fixture, LEAVE_FROM_MS + 8_000, () => LOUD);
    await speakUntil(fixture, LEAVE_FROM_MS + 10_000, () => SILENCE);
    expect(loudMs(fixture)).toEqual([6_000, 3_000]);
    expect(emitted.turnCommitted.map(({ turnId }) => turnId)).toEqual(['maria.1/item_1', 'maria.2/item_1']);
    expect(emitted.turnCommitted[0]?.endMs).toBeCloseTo(LEAVE_FROM_MS + 5_000, -2);
    expect(emitted.turnCommitted[1]?.startMs).toBeCloseTo(LEAVE_FROM_MS + 5_000, -2);
    expect(session.counters.rotations).toBe(1);
  });

  it('without any pause is left when its time is over, wherever the speaker is', async () => {
    const fixture = await expiring();
    const { session, emitted } = fixture;
    await speakUntil(fixture, LEAVE_FROM_MS - 1_000, () => SILENCE);
    await speakUntil(fixture, LEAVE_BY_MS - 100, () => LOUD);
    expect(loudMs(fixture)[1]).toBe(0);
    await speakUntil(fixture, LEAVE_BY_MS + 3_000, () => LOUD);
    await speakUntil(fixture, LEAVE_BY_MS + 5_000, () => SILENCE);
    const [before = 0, after = 0] = loudMs(fixture);
    expect(before + after).toBe(24_000);
    expect(after).toBeGreaterThanOrEqual(2_900);
    expect(emitted.turnCommitted.map(({ turnId }) => turnId)).toEqual(['maria.1/item_1', 'maria.2/item_1']);
    expect(session.counters).toMatchObject({ rotations: 1, reconnects: 0 });
  });

  it('is replaced again and again', async () => {
    const fixture = await expiring();
    const { session, server, vads } = fixture;
    await speakUntil(fixture, 5 * LEAVE_FROM_MS - 1_000, () => SILENCE);
    expect(session.counters).toMatchObject({ rotations: 4, reconnects: 0, turns: 0 });
    expect(server.connections.slice(0, -1).every(({ closed }) => closed)).toBe(true);
    expect(vads.size).toBe(5);
  });

  it('that cannot be replaced yet says so once, and is tried again until it can', async () => {
    const fixture = await expiring();
    const { session, server, emitted } = fixture;
    server.refuse = new ParleyError('service_unavailable', 'overloaded', { retryable: true });
    await speakUntil(fixture, LEAVE_FROM_MS + 8_000, () => SILENCE);
    expect(emitted.notice.map(({ message }) => message)).toEqual([
      'the session will expire, and no other could be opened: overloaded',
    ]);
    expect(session.state.kind).toBe('ready');
    server.refuse = undefined;
    await speakUntil(fixture, LEAVE_FROM_MS + 15_000, () => SILENCE);
    expect(session.counters).toMatchObject({ rotations: 1, reconnects: 0 });
  });

  it('that cannot be replaced at all goes on for as long as it may', async () => {
    const fixture = await expiring();
    const { session, server, emitted } = fixture;
    server.refuse = new ParleyError('key_refused', 'the key was revoked');
    await speakUntil(fixture, LEAVE_BY_MS + 8_000, () => SILENCE);
    expect(emitted.notice).toHaveLength(1);
    expect(session.state.kind).toBe('ready');
    server.connection.error({ code: 'session_expired', message: 'Your session hit the maximum duration.' });
    await speakUntil(fixture, LEAVE_BY_MS + 9_000, () => SILENCE);
    expect(session.state).toEqual({ kind: 'ended', error: server.refuse });
  });

  it('that expires all the same is replaced like any line that was lost', async () => {
    const fixture = await expiring();
    const { session, server } = fixture;
    await speakUntil(fixture, 5_000, () => SILENCE);
    server.connection.error({ code: 'session_expired', message: 'Your session hit the maximum duration.' });
    expect(session.state.kind).toBe('reconnecting');
    await speakUntil(fixture, 6_000, () => SILENCE);
    expect(session.state.kind).toBe('ready');
    expect(session.counters).toMatchObject({ rotations: 0, reconnects: 1 });
  });

  it('and is lost while another line waits for a pause: that one takes over at once', async () => {
    const fixture = await expiring();
    const { session, server, emitted } = fixture;
    await speakUntil(fixture, LEAVE_FROM_MS - 1_000, () => SILENCE);
    await speakUntil(fixture, LEAVE_FROM_MS + 1_000, () => LOUD);
    expect(server.connections).toHaveLength(2);
    server.connections[0]?.drop(1006);
    expect(session.state.kind).toBe('ready');
    await speakUntil(fixture, LEAVE_FROM_MS + 2_000, () => LOUD);
    await speakUntil(fixture, LEAVE_FROM_MS + 3_000, () => SILENCE);
    expect(server.connections).toHaveLength(2);
    expect(loudMs(fixture)).toEqual([2_000, 3_000]); // the sentence is said again from its beginning
    expect(emitted.turnDone).toMatchObject([{ turnId: 'maria.1/item_1', outcome: 'failed' }]);
    expect(emitted.turnCommitted).toMatchObject([{ turnId: 'maria.2/item_1' }]);
  });

  it('loses its line right after the move: what was said on the one before is not said again', async () => {
    const fixture = await expiring();
    const { server, emitted } = fixture;
    await speakUntil(fixture, LEAVE_FROM_MS - 3_000, () => SILENCE);
    await speakUntil(fixture, LEAVE_FROM_MS - 2_000, () => LOUD);
    await speakUntil(fixture, LEAVE_FROM_MS - 100, () => SILENCE);
    server.connection.respond('r', 'item_1', 'out', 20);
    await speakUntil(fixture, LEAVE_FROM_MS + 1_000, () => SILENCE);
    expect(server.connections).toHaveLength(2);
    server.connection.drop(1006);
    await speakUntil(fixture, LEAVE_FROM_MS + 3_000, () => SILENCE);
    expect(loudMs(fixture)).toEqual([1_000, 0, 0]);
    expect(emitted.turnCommitted).toHaveLength(1);
  });

  it('is not replaced once it is closing', async () => {
    const fixture = await expiring();
    const { session, server, clock } = fixture;
    await speakUntil(fixture, LEAVE_FROM_MS - 1_000, () => SILENCE);
    server.connection.turn('a');
    const closing = session.close(5_000);
    clock.advanceBy(5_000);
    await closing;
    await turns(4);
    expect(server.connections).toHaveLength(1);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});
