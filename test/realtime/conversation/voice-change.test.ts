import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../src/errors.js';
import { FakeVad } from '../fake-vad.js';
import { type ScriptedConnection, tone } from '../scripted-transport.js';
import { connected, makeSession, nothingIsDue, speak, turns } from '../session-fixture.js';
import { append } from '../chunks.js';

const LOUD = tone(10);

/** A session that has spoken: its voice cannot be changed on this connection any more. */
async function spoken(config: Parameters<typeof connected>[0] = {}) {
  const fixture = await connected(config);
  fixture.server.connection.turn('a');
  fixture.server.connection.respond('r0', 'a', 'out_a', 100);
  return { ...fixture, first: fixture.server.connection };
}

describe('a change of voice before the first audio', () => {
  it('is part of the configuration when it comes early enough, and an update when not', async () => {
    const { session, server } = makeSession({}, { handshake: false });
    session.setVoice('ash');
    const connecting = session.connect();
    await turns();
    session.setVoice('coral');
    server.connection.say({ type: 'session.created', session: { type: 'realtime' } });
    session.setVoice('cedar');
    server.connection.confirm();
    await connecting;
    session.setVoice('sage');
    session.setVoice('sage');
    const voices = server.connection
      .of('session.update')
      .map((event) => (event['session'] as { audio: { output: { voice: string } } }).audio.output.voice);
    expect(voices).toEqual(['coral', 'cedar', 'sage']);
    expect(server.connections).toHaveLength(1);
  });

  it('opens a new line when the server refuses it after all', async () => {
    const { session, server, emitted } = await connected();
    session.setVoice('cedar');
    const eventId = server.connection.of('session.update').at(-1)?.event_id ?? '';
    server.connection.error({ code: 'cannot_update_voice', message: 'too late', event_id: eventId });
    await turns();
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['update_rejected']);
    expect(server.connections).toHaveLength(2);
    expect(server.connection.sent[0]).toMatchObject({ session: { audio: { output: { voice: 'cedar' } } } });
    expect(session.state.kind).toBe('ready');
  });
});

describe('a change of voice after the first audio', () => {
  it('opens a new line with everything, and closes the old one once it is done', async () => {
    const { session, server, clock, first } = await spoken();
    session.setInstructions('translate to Italian');
    session.setVoice('cedar');
    await turns();
    expect(server.connections).toHaveLength(2);
    expect(first.of('session.update')).toHaveLength(2); // the voice is not asked for on the old connection
    expect(server.connection.sent[0]).toMatchObject({
      session: { instructions: 'translate to Italian', audio: { output: { voice: 'cedar' } } },
    });
    clock.advanceBy(2_000);
    expect(first.closed).toBe(true);
    expect(server.connection.closed).toBe(false);
    expect(session.idle).toBe(true);
    expect(nothingIsDue(clock)).toBe(true);
  });

  it('waits for the end of the turn that is being spoken, and keeps the order of turns', async () => {
    const { session, server, clock, emitted, first } = await spoken();
    first.speechStarted('b', 3_000);
    session.setVoice('cedar');
    await turns();
    const second = server.connection;
    append(session, tone(100), clock.nowMs());
    clock.advanceBy(100);
    expect(second.appends).toHaveLength(0);
    first.committed('b');
    clock.advanceBy(300); // nor is anything to be heard
    append(session, tone(1_000), clock.nowMs());
    second.turn('c');
    session.holdTurns(true);
    session.holdTurns(false);
    expect(second.of('response.create')).toEqual([]); // what was said before is translated before
    first.respond('r1', 'b', 'out_b', 50);
    clock.advanceBy(2_000);
    second.respond('r2', 'c', 'out_c', 50);
    expect(emitted.turnDone.map(({ turnId, outcome }) => [turnId, outcome])).toEqual([
      ['maria.1/a', 'completed'],
      ['maria.1/b', 'completed'],
      ['maria.2/c', 'completed'],
    ]);
    expect(first.closed).toBe(true);
  });

  it('loses no audio in the switch, nor words that the old line’s server notices even after two seconds', async () => {
    const late: Int16Array[] = [];
    let slow = true;
    const vads = new Map<ScriptedConnection, FakeVad>();
    const fixture = await connected(
      {},
      {
        onEvent: (event, connection) => {
          let vad = vads.get(connection);
          if (vad === undefined) vads.set(connection, (vad = new FakeVad()));
          if (slow && vads.keys().next().value === connection)
            late.push(...connection.appends.slice(late.length));
          else vad.onEvent(event, connection);
        },
      },
    );
    const { session, server, clock, emitted } = fixture;
    const first = server.connection;
    first.turn('a');
    first.respond('r0', 'a', 'out_a', 100);
    speak(fixture, 500, () => LOUD);
    session.setVoice('cedar');
    await turns();
    const second = server.connection;
    speak(fixture, 1_900, () => LOUD);
    expect(second.appends).toEqual([]); // something is to be heard, though the server does not say so
    speak(fixture, 140, () => LOUD); // it may be noise: the session moves
    speak(fixture, 300, () => LOUD);
    slow = false;
    for (const pcm of late) vads.get(first)!.hear(pcm, first);
    expect(emitted.speechStarted.map(({ turnId }) => turnId)).toEqual([
      'maria.1/a',
      'maria.2/item_1',
      'maria.1/item_1',
    ]);
    speak(fixture, 1_000, () => new Int16Array(240));
    const loud = [first, second].flatMap(({ appends }) => appends.flatMap((pcm) => [...pcm.filter(Boolean)]));
    expect(loud).toHaveLength(284 * LOUD.length);
    expect(
      emitted.turnCommitted
        .map(({ turnId }) => turnId)
        .slice(1)
        .sort(),
    ).toEqual(['maria.1/item_1', 'maria.2/item_1']);
    const bounds = new Map(emitted.turnCommitted.map((turn) => [turn.turnId, turn]));
    expect(Math.abs(bounds.get('maria.1/item_1')!.endMs - 2_500)).toBeLessThanOrEqual(20);
    expect(Math.abs(bounds.get('maria.2/item_1')!.startMs - 2_500)).toBeLessThanOrEqual(20);
    expect(second.of('response.create')).toEqual([]);
    first.respond('r1', 'item_1', 'x', 20);
    clock.advanceBy(200);
    second.respond('r2', 'item_1', 'x', 20);
    expect(emitted.turnDone.slice(1).map(({ turnId, outcome }) => [turnId, outcome])).toEqual([
      ['maria.1/item_1', 'completed'],
      ['maria.2/item_1', 'completed'],
    ]);
    expect(first.closed).toBe(true);
  });

  it('takes instructions along that change while the new line opens', async () => {
    const { session, server, clock } = await spoken();
    session.setVoice('cedar');
    session.setInstructions('translate to Italian');
    await turns();
    clock.advanceBy(2_000);
    expect(server.connections).toHaveLength(2);
    const updates = server.connection.of('session.update').map((event) => JSON.stringify(event['session']));
    expect(updates.at(-1)).toContain('translate to Italian');
  });

  it('waits for the change before it, when even the new line will not have it', async () => {
    const { session, server, clock, first } = await spoken();
    first.turn('b', 3_000, 4_000);
    session.setVoice('cedar');
    await turns();
    clock.advanceBy(20);
    const second = server.connection;
    const refuse = () => {
      const eventId = second.of('session.update').at(-1)?.event_id ?? '';
      second.error({ code: 'cannot_update_voice', message: 'no', event_id: eventId });
    };
    session.setVoice('ash');
    refuse();
    await turns();
    expect(server.connections).toHaveLength(2);
    first.respond('r1', 'b', 'out_b', 50);
    clock.advanceBy(2_000);
    expect(first.closed).toBe(true);
    refuse();
    await turns();
    clock.advanceBy(2_000);
    expect(server.connections).toHaveLength(3);
    expect(JSON.stringify(server.connection.sent[0])).toContain('"voice":"ash"');
    expect(second.closed).toBe(true);
  });

  it('can be followed by another before it is done: the last one counts', async () => {
    const { session, server, clock, first } = await spoken();
    session.setVoice('cedar');
    session.setVoice('ash');
    await turns();
    clock.advanceBy(2_000);
    expect(server.connections).toHaveLength(2);
    const updates = server.connection.of('session.update');
    expect(JSON.stringify(updates.at(-1))).toContain('"voice":"ash"');
    expect(first.closed).toBe(true);
  });

  it('is given up, and told, when the new line cannot be had; a later try is a new one', async () => {
    const { session, server, emitted, clock } = await spoken();
    server.refuse = new ParleyError('service_unavailable', 'no more lines');
    session.setVoice('cedar');
    await turns();
    expect(emitted.notice).toEqual([
      { kind: 'update_rejected', message: 'the voice could not be changed: no more lines' },
    ]);
    expect(session.state.kind).toBe('ready');
    server.refuse = undefined;
    session.setVoice('cedar');
    await turns();
    clock.advanceBy(2_000);
    expect(server.connections).toHaveLength(2);
    expect(server.connections[0]?.closed).toBe(true);
  });

  it('is given up when the new line drops before the open turn ends', async () => {
    const { session, server, emitted, first } = await spoken();
    first.speechStarted('b', 3_000);
    session.setVoice('cedar');
    await turns();
    server.connection.drop(1011);
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['update_rejected']);
    first.committed('b');
    first.respond('r1', 'b', 'out_b', 50);
    expect(emitted.turnDone.at(-1)).toMatchObject({ turnId: 'maria.1/b', outcome: 'completed' });
    expect(session.state.kind).toBe('ready');
  });

  it('goes on with the new line when the old one drops before it is done', async () => {
    const { session, server, emitted, clock, first } = await spoken();
    first.turn('b', 3_000, 4_000);
    session.setVoice('cedar');
    await turns();
    clock.advanceBy(20);
    const second = server.connection;
    append(session, tone(20), clock.nowMs());
    expect(second.appends.length).toBeGreaterThan(0);
    first.drop(1006);
    clock.advanceBy(20);
    expect(session.state.kind).toBe('ready');
    expect(emitted.turnDone.at(-1)).toMatchObject({ turnId: 'maria.1/b', outcome: 'failed' });
    second.turn('c');
    second.respond('r', 'c', 'out_c', 50);
    expect(emitted.turnDone.at(-1)).toMatchObject({ turnId: 'maria.2/c', outcome: 'completed' });
  });

  it('truncates items of a line only there', async () => {
    const { session, server, clock, first } = await spoken();
    first.turn('b', 3_000, 4_000);
    first.responseCreated('r1', 'b');
    first.audio('r1', 'same_id', tone(500));
    session.setVoice('cedar');
    await turns();
    clock.advanceBy(20);
    const second = server.connection;
    session.cut([{ outputId: 'maria.1/same_id', playedMs: 120, heardToEnd: false }]);
    first.responseDone('r1');
    expect(first.of('conversation.item.truncate')).toMatchObject([{ audio_end_ms: 120 }]);
    clock.advanceBy(2_000);
    expect(first.closed).toBe(true);
    second.turn('c');
    second.respond('r2', 'c', 'same_id', 500);
    session.cut([{ outputId: 'maria.1/same_id', playedMs: 300, heardToEnd: false }]);
    expect(second.of('conversation.item.truncate')).toEqual([]);
    session.cut([{ outputId: 'maria.2/same_id', playedMs: 300, heardToEnd: false }]);
    expect(second.of('conversation.item.truncate')).toMatchObject([{ audio_end_ms: 300 }]);
  });

  it.each(['opening', 'waiting for the open turn', 'draining the old line'])(
    'does not outlive a close while %s',
    async (phase) => {
      const { session, server, clock, emitted, first } = await spoken();
      let openGate: () => void = () => undefined;
      if (phase === 'opening') {
        server.gate = new Promise((resolve) => {
          openGate = resolve;
        });
      }
      if (phase === 'waiting for the open turn') first.speechStarted('b', 3_000);
      if (phase === 'draining the old line') first.turn('b', 3_000, 4_000);
      session.setVoice('cedar');
      await turns();
      clock.advanceBy(20);
      const closing = session.close();
      if (phase === 'waiting for the open turn') expect(server.connection.closed).toBe(true); // of no use any more
      clock.advanceBy(10_000);
      await closing;
      openGate();
      await turns();
      expect(server.connections.every((connection) => connection.closed)).toBe(true);
      expect(session.state).toEqual({ kind: 'ended' });
      expect(emitted.notice).toEqual([]);
      expect(emitted.state.at(-1)).toEqual({ kind: 'ended' });
      expect(nothingIsDue(clock)).toBe(true);
    },
  );
});
