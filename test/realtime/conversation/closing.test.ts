import { describe, expect, it } from 'vitest';
import { FakeVad } from '../fake-vad.js';
import { tone } from '../scripted-transport.js';
import { connected, makeSession, speak, turns } from '../session-fixture.js';
import { append } from '../chunks.js';

const LOUD = tone(10);

describe('closing', () => {
  it('brings the last turn to its end, waits for its translation, then ends', async () => {
    const vad = new FakeVad();
    const fixture = await connected({ transcription: undefined }, { onEvent: vad.onEvent });
    const { session, server, clock, emitted } = fixture;
    speak(fixture, 500, () => LOUD);
    const closing = session.close();
    expect(session.state.kind).toBe('draining');
    append(session, LOUD, clock.nowMs()); // nothing more is taken
    clock.advanceBy(2_000);
    expect(server.connection.of('response.create')).toHaveLength(1);
    expect(session.state.kind).toBe('draining');
    server.connection.respond('r', 'item_1', 'out', 200);
    clock.advanceBy(20);
    await closing;
    expect(emitted.turnDone).toMatchObject([{ outcome: 'completed' }]);
    expect(emitted.state.at(-1)).toEqual({ kind: 'ended' });
    expect(server.connection.closedByClient).toEqual({ code: 1000 });
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('waits 10 s and no longer', async () => {
    const { session, server, clock, emitted } = await connected();
    server.connection.turn('a');
    let closed = false;
    const closing = session.close().then(() => {
      closed = true;
    });
    clock.advanceBy(9_979);
    await turns();
    expect(closed).toBe(false);
    clock.advanceBy(21);
    await closing;
    expect(emitted.turnDone).toMatchObject([{ turnId: 'maria.1/a', outcome: 'failed' }]);
    expect(session.state).toEqual({ kind: 'ended' });
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it.each(['completed', 'failed', 'never'])(
    'waits a little for the transcript of the last turn: %s',
    async (how) => {
      const { session, server, clock, emitted } = await connected();
      server.connection.turn('a');
      server.connection.respond('r', 'a', 'out', 20);
      expect(session.idle).toBe(true);
      const closing = session.close();
      clock.advanceBy(1_000);
      await turns();
      expect(session.state.kind).toBe('draining');
      const about = { item_id: 'a', content_index: 0 };
      const type = `conversation.item.input_audio_transcription.${how}`;
      const usage = { type: 'duration', seconds: 1 };
      if (how === 'completed') server.connection.say({ type, ...about, transcript: 'hola', usage });
      if (how === 'failed') server.connection.say({ type, ...about, error: { message: 'noise' } });
      clock.advanceBy(how === 'never' ? 1_000 : 20);
      await closing;
      expect(emitted.sourceTranscript.map(({ text }) => text)).toEqual(how === 'completed' ? ['hola'] : []);
      expect(clock.nextDueMs()).toBeUndefined();
    },
  );

  it('does not wait for transcripts that were never asked for', async () => {
    const { session, server } = await connected({ transcription: undefined });
    server.connection.turn('a');
    server.connection.respond('r', 'a', 'out', 20);
    await session.close();
    expect(session.state).toEqual({ kind: 'ended' });
  });

  it('keeps a deadline that it is given, 0 included', async () => {
    const { session, server, clock } = await connected();
    server.connection.turn('a');
    await session.close(0);
    expect(session.state.kind).toBe('ended');
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('leaves no timer of a request that was refused for the time being', async () => {
    const { session, server, clock } = await connected();
    server.connection.turn('a');
    const eventId = server.connection.of('response.create')[0]?.event_id ?? '';
    server.connection.error({ code: 'conversation_already_has_active_response', event_id: eventId });
    await session.close(0);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('is at once when nothing is open', async () => {
    const { session, clock } = await connected();
    await session.close();
    expect(session.state).toEqual({ kind: 'ended' });
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('twice: the second waits with the first, or cuts it short', async () => {
    const { session, server, clock, emitted } = await connected();
    server.connection.turn('a');
    const first = session.close();
    let secondDone = false;
    const second = session.close().then(() => {
      secondDone = true;
    });
    await turns();
    expect([session.state.kind, secondDone]).toEqual(['draining', false]);
    await session.close(0);
    await Promise.all([first, second]);
    expect(emitted.state.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    expect(clock.nextDueMs()).toBeUndefined();
    await session.close();
  });

  it('works before connecting, and leaves no timer of audio that was held', async () => {
    const { session, clock, server } = makeSession();
    append(session, LOUD, 0);
    clock.advanceBy(200);
    await session.close();
    expect(session.state).toEqual({ kind: 'ended' });
    expect(clock.nextDueMs()).toBeUndefined();
    expect(server.connections).toHaveLength(0);
    await expect(session.connect()).rejects.toThrow();
  });

  it.each(['opening', 'configuring'])('ends connecting while %s', async (phase) => {
    const { session, clock, server, emitted } = makeSession({}, { handshake: false });
    let openGate: () => void = () => undefined;
    if (phase === 'opening') {
      server.gate = new Promise((resolve) => {
        openGate = resolve;
      });
    }
    const connecting = session.connect();
    const outcome = expect(connecting).rejects.toThrow(/closed while it was connecting/);
    await turns();
    await session.close();
    openGate();
    await outcome;
    await turns();
    expect(emitted.state.map(({ kind }) => kind)).toEqual(['connecting', 'ended']);
    expect(session.state).toEqual({ kind: 'ended' });
    expect(server.connections.every((connection) => connection.closed)).toBe(true);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('ends early, with the error, when the line fails while draining', async () => {
    const { session, server, clock } = await connected();
    server.connection.turn('a');
    const closing = session.close();
    server.connection.drop(1006);
    await closing;
    expect(session.state).toMatchObject({ kind: 'ended', error: { code: 'service_unavailable' } });
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('hears nothing of a server that talks on', async () => {
    const { session, server, order } = await connected();
    const { connection } = server;
    connection.turn('a');
    await session.close(0);
    const before = [...order];
    connection.close = () => undefined;
    Object.defineProperty(connection, 'closed', { value: false });
    connection.respond('r', 'a', 'out', 20);
    connection.drop(1006);
    expect(order).toEqual(before);
  });
});

describe('a listener that throws', () => {
  it('never stops audio, and is told to whoever asked', async () => {
    const errors: string[] = [];
    const { session, server, emitted } = await connected({ transcription: undefined });
    for (const name of ['audio', 'speechStarted', 'turnDone', 'notice', 'state', 'audioEnded'] as const) {
      session.events.on(name, () => {
        errors.push(name);
        throw new Error(name);
      });
    }
    server.connection.turn('a');
    server.connection.turn('b');
    server.connection.respond('r1', 'a', 'x', 100);
    server.connection.respond('r2', 'b', 'y', 100);
    server.connection.say({ type: 'something.new' });
    await session.close();
    expect(emitted.audio).toHaveLength(2);
    expect(emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
    expect(errors).toHaveLength(2 + 2 + 2 + 2 + 1 + 2); // two of each, one notice
  });

  it('may call back into the session from any event', async () => {
    const { session, server, clock, emitted } = await connected();
    session.events.on('speechStarted', () => {
      session.setInstructions('again');
      session.holdTurns(true);
      session.holdTurns(false);
    });
    session.events.on('audio', ({ outputId }) => {
      session.cut([{ outputId, playedMs: 5, heardToEnd: false }]);
    });
    session.events.on('turnDone', () => {
      void session.close(0);
    });
    server.connection.turn('a');
    server.connection.turn('b');
    server.connection.respond('r1', 'a', 'x', 100);
    await turns();
    expect(session.state).toEqual({ kind: 'ended' });
    expect(emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['completed', 'failed']);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});
