import { describe, expect, it } from 'vitest';
import type { ScriptedConnection } from '../scripted-transport.js';
import { connected, makeSession, nothingIsDue } from '../session-fixture.js';

/** Output modalities of every update that says anything of them, requests, and what was cancelled, in order. */
function sent(connection: ScriptedConnection): unknown[] {
  return connection.sent.flatMap((event) => {
    if (event.type === 'response.create') return ['response'];
    if (event.type === 'response.cancel') return [`cancel ${String(event['response_id'])}`];
    if (event.type !== 'session.update') return [];
    const { output_modalities: modalities } = event['session'] as { output_modalities?: string[] };
    return modalities ?? [];
  });
}

describe('translations that are written only', () => {
  it('are asked for in the configuration or later, exactly when that changes', async () => {
    const { session, server } = makeSession();
    session.setSpoken(false);
    await session.connect();
    session.setSpoken(false);
    session.setSpoken(true);
    session.setSpoken(true);
    expect(sent(server.connection)).toEqual(['text', 'audio']);
  });

  it('come as text, and end their turns in good order', async () => {
    const { session, server, emitted } = await connected({ spoken: false });
    const { connection } = server;
    connection.turn('a');
    connection.responseCreated('r1', 'a');
    const at = { response_id: 'r1', item_id: 'out', output_index: 0, content_index: 0 };
    connection.say({ type: 'response.output_text.delta', ...at, delta: 'Good ' });
    connection.say({ type: 'response.output_text.delta', ...at, delta: 'morning' });
    connection.say({ type: 'response.output_text.done', ...at, text: 'Good morning.' });
    connection.responseDone('r1');
    expect(emitted.translationTranscript.map(({ text }) => text)).toEqual([
      'Good',
      'Good morning',
      'Good morning.',
      'Good morning.',
    ]);
    expect(emitted.turnDone).toMatchObject([{ outcome: 'completed' }]);
    expect([emitted.audio, session.idle]).toEqual([[], true]);
  });

  it('that the server refuses are told, and not asked for again', async () => {
    const { session, server, emitted } = await connected();
    session.setSpoken(false);
    const { event_id } = server.connection.sent.at(-1)!;
    server.connection.say({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'no text here', event_id },
    });
    expect(emitted.notice).toMatchObject([
      { kind: 'update_rejected', message: expect.stringContaining('kind of output') as string },
    ]);
    session.setInstructions('others');
    expect(sent(server.connection)).toEqual(['audio', 'text']);
  });
});

describe('a turn whose translation is not wanted', () => {
  it('is cancelled where it is being made: nothing more is spoken, and the next one is asked for', async () => {
    const { session, server, emitted } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.turn('b', 2_000, 3_000);
    connection.responseCreated('r1', 'a');
    connection.audio('r1', 'out_a', new Int16Array(480));
    const { turnId } = emitted.turnCommitted[0]!;
    session.cancelTurn(turnId);
    session.cancelTurn(turnId);
    connection.audio('r1', 'out_a', new Int16Array(480));
    expect(emitted.audio).toHaveLength(1);
    expect(sent(connection)).toEqual(['audio', 'response', 'cancel r1']);
    connection.responseDone('r1', 'cancelled');
    expect(emitted.turnDone).toMatchObject([{ turnId, outcome: 'cancelled' }]);
    expect(sent(connection)).toEqual(['audio', 'response', 'cancel r1', 'response']);
  });

  it('is cancelled as soon as the server says that it makes it', async () => {
    const { session, server, emitted } = await connected();
    const { connection } = server;
    connection.turn('a');
    session.cancelTurn(emitted.turnCommitted[0]!.turnId);
    expect(sent(connection)).toEqual(['audio', 'response']);
    connection.responseCreated('r1', 'a');
    expect(sent(connection)).toEqual(['audio', 'response', 'cancel r1']);
    connection.responseDone('r1'); // it was faster
    expect(emitted.turnDone).toMatchObject([{ outcome: 'cancelled' }]);
    expect(session.idle).toBe(true);
  });

  it('is not asked for where it waits', async () => {
    const { session, server, emitted } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.turn('b', 2_000, 3_000);
    session.cancelTurn(emitted.turnCommitted[1]!.turnId);
    connection.respond('r1', 'a', 'out_a', 20);
    expect(emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['cancelled', 'completed']);
    expect(sent(connection)).toEqual(['audio', 'response']);
    expect(session.idle).toBe(true);
  });

  it('is not told to later turns, also where it was over; nobody else’s id does anything', async () => {
    const { session, server, emitted, clock } = await connected();
    const { connection } = server;
    for (const id of ['a', 'b', 'c']) {
      connection.turn(id, clock.nowMs(), clock.nowMs() + 500);
      connection.say({
        type: 'conversation.item.input_audio_transcription.completed',
        item_id: id,
        content_index: 0,
        transcript: `said ${id}`,
        usage: { type: 'duration', seconds: 1 },
      });
      connection.responseCreated(`r_${id}`, id);
      const at = { response_id: `r_${id}`, item_id: `out_${id}`, output_index: 0, content_index: 0 };
      connection.say({
        type: 'response.output_audio_transcript.done',
        ...at,
        transcript: `translated ${id}`,
      });
      connection.responseDone(`r_${id}`);
      if (id === 'b') session.cancelTurn(emitted.turnCommitted[1]!.turnId);
      session.cancelTurn('nobody');
    }
    connection.turn('d', clock.nowMs(), clock.nowMs() + 500);
    const texts = connection.sent
      .filter(({ type }) => type === 'conversation.item.create')
      .map((event) => JSON.stringify(event));
    expect(texts.filter((text) => text.includes('translated a'))).toHaveLength(1);
    expect(texts.filter((text) => text.includes('translated b') || text.includes('said b'))).toEqual([]);
    expect(texts.filter((text) => text.includes('translated c'))).toHaveLength(1);
    await session.close(0);
    expect(nothingIsDue(clock)).toBe(true);
  });
});
