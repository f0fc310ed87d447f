import { describe, expect, it } from 'vitest';
import { connected, turns } from '../session-fixture.js';

describe('a session that never answers', () => {
  it('asks for no response, also of the server, and ends each turn when it is committed', async () => {
    const { session, server, emitted } = await connected({ responses: 'none' });
    const [configured] = server.connection.of('session.update');
    expect(configured).toMatchObject({
      session: {
        audio: { input: { turn_detection: { create_response: false, interrupt_response: false } } },
      },
    });
    server.connection.turn('a');
    server.connection.turn('b');
    await turns();
    expect(server.connection.of('response.create')).toEqual([]);
    expect(emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['empty', 'empty']);
    expect(session.idle).toBe(true);
    expect(emitted.notice).toEqual([]);
  });

  it('tells what was said, also after the turn is over, and waits for it when it closes', async () => {
    const { session, server, emitted, clock } = await connected({ responses: 'none' });
    server.connection.turn('a');
    const closing = session.close(5_000);
    clock.advanceBy(100);
    await turns();
    expect(session.state.kind).toBe('draining');
    server.connection.say({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: 'a',
      content_index: 0,
      transcript: 'Hola',
      usage: { type: 'duration', seconds: 1 },
    });
    clock.advanceBy(100);
    await closing;
    expect(emitted.sourceTranscript.at(-1)).toMatchObject({ text: 'Hola', final: true });
  });
});
