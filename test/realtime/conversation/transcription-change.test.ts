import { describe, expect, it } from 'vitest';
import { connected, makeSession, turns } from '../session-fixture.js';
import type { ScriptedConnection } from '../scripted-transport.js';

/** `transcription` of every update that says anything of it. */
function transcriptions(connection: ScriptedConnection): unknown[] {
  return connection.of('session.update').flatMap((event) => {
    const { audio } = event['session'] as { audio?: { input?: { transcription?: unknown } } };
    return audio?.input?.transcription === undefined ? [] : [audio.input.transcription];
  });
}

const config = { transcription: { model: 'whisper-1' } };

describe('a change of transcription', () => {
  it('is part of the configuration when it comes before it, and an update when it differs later', async () => {
    const { session, server } = makeSession(config);
    session.setTranscription(undefined);
    await session.connect();
    session.setTranscription(undefined);
    session.setTranscription({ language: 'es' });
    session.setTranscription({ language: 'es' });
    session.setTranscription({ language: 'fr' });
    session.setTranscription(undefined);
    expect(transcriptions(server.connection)).toEqual([
      null,
      { model: 'whisper-1', language: 'es' },
      { model: 'whisper-1', language: 'fr' },
      null,
    ]);
  });

  it('keeps a language that is configured, and cannot begin without a model', async () => {
    const fixed = await connected({ transcription: { model: 'whisper-1', language: 'de' } });
    fixed.session.setTranscription({ language: 'es' });
    expect(transcriptions(fixed.server.connection)).toEqual([{ model: 'whisper-1', language: 'de' }]);
    const none = await connected({ transcription: undefined });
    none.session.setTranscription({ language: 'es' });
    expect(transcriptions(none.server.connection)).toEqual([null]);
  });

  it('holds on the line that a change of voice opens', async () => {
    const { session, server } = await connected(config);
    server.connection.turn('a');
    server.connection.respond('r0', 'a', 'out_a', 100);
    session.setTranscription({ language: 'es' });
    session.setVoice('cedar');
    session.setTranscription(undefined);
    await turns();
    expect(server.connections).toHaveLength(2);
    expect(transcriptions(server.connection)).toEqual([{ model: 'whisper-1', language: 'es' }, null]);
  });

  it('refused, is told, and the session goes on', async () => {
    const { session, server, emitted } = await connected(config);
    session.setTranscription({ language: 'xx' });
    const eventId = server.connection.of('session.update').at(-1)?.event_id ?? '';
    server.connection.error({ code: 'invalid_value', message: 'no such language', event_id: eventId });
    expect(emitted.notice).toEqual([
      expect.objectContaining({
        kind: 'update_rejected',
        message: 'the server refused the transcription: no such language',
      }),
    ]);
    expect(session.state.kind).toBe('ready');
  });
});
