import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../src/errors.js';
import { connected, makeSession, turns } from '../session-fixture.js';
import { tone } from '../scripted-transport.js';
import { append } from '../chunks.js';

describe('connecting', () => {
  it('sends one session.update with everything explicit, and is ready at session.updated', async () => {
    const { server, emitted } = await connected({
      transcription: { model: 'gpt-transcribe', language: 'es' },
    });
    expect(server.connection.sent).toEqual([
      {
        event_id: 'maria.1.1',
        type: 'session.update',
        session: {
          type: 'realtime',
          output_modalities: ['audio'],
          instructions: 'translate to English',
          max_output_tokens: 'inf',
          audio: {
            input: {
              format: { type: 'audio/pcm', rate: 24_000 },
              transcription: { model: 'gpt-transcribe', language: 'es' },
              turn_detection: {
                type: 'server_vad',
                threshold: 0.5,
                prefix_padding_ms: 300,
                silence_duration_ms: 500,
                create_response: false,
                interrupt_response: false,
              },
            },
            output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'marin' },
          },
        },
      },
    ]);
    expect(emitted.state.map(({ kind }) => kind)).toEqual(['connecting', 'ready']);
  });

  it('leaves responses and interruption to the server when told so, and sends every value it is given', async () => {
    const { server } = await connected({
      responses: 'server',
      voice: 'cedar',
      transcription: undefined,
      maxOutputTokens: 1_000,
      vad: { threshold: 0.7, prefixPaddingMs: 120, silenceDurationMs: 350 },
    });
    expect(server.connection.sent[0]).toMatchObject({
      session: {
        max_output_tokens: 1_000,
        audio: {
          input: {
            transcription: null,
            turn_detection: {
              threshold: 0.7,
              prefix_padding_ms: 120,
              silence_duration_ms: 350,
              create_response: true,
              interrupt_response: true,
            },
          },
          output: { voice: 'cedar' },
        },
      },
    });
  });

  it.each([
    ['uplinkChunkMs', { uplinkChunkMs: 0 }],
    ['uplinkChunkMs', { uplinkChunkMs: 101 }],
    ['uplinkChunkMs', { uplinkChunkMs: NaN }],
    ['vad.threshold', { vad: { threshold: 1.1, prefixPaddingMs: 0, silenceDurationMs: 0 } }],
    ['vad.silenceDurationMs', { vad: { threshold: 0, prefixPaddingMs: 0, silenceDurationMs: -1 } }],
    ['maxOutputTokens', { maxOutputTokens: 0 }],
  ])('refuses a configuration out of range: %s', (name, config) => {
    expect(() => makeSession(config)).toThrow(name);
  });

  it('holds audio back until session.updated, then sends all of it in order', async () => {
    const { session, server } = makeSession({}, { handshake: false });
    const connecting = session.connect();
    for (let n = 0; n < 20; n++) append(session, new Int16Array(240).fill(n + 1), n * 10);
    await turns();
    server.connection.say({ type: 'session.created', session: { type: 'realtime' } });
    expect(server.connection.appends).toHaveLength(0);
    expect(server.connection.of('session.update')).toHaveLength(1);
    server.connection.confirm();
    await connecting;
    const sent = server.connection.appends.flatMap((pcm) => [...pcm]);
    expect(sent).toHaveLength(300 * 24 + 20 * 240); // the prefix padding in front
    expect(sent.slice(0, 300 * 24).every((sample) => sample === 0)).toBe(true);
    expect(sent.slice(300 * 24)).toEqual(Array.from({ length: 4_800 }, (_, n) => Math.floor(n / 240) + 1));
  });

  it('holds back 10 s at most, the newest, and counts what it dropped', async () => {
    const { session, server, emitted } = makeSession({}, { handshake: false });
    const connecting = session.connect();
    await turns();
    for (let n = 0; n < 1_500; n++) append(session, new Int16Array(240).fill(n / 4), n * 10); // too quiet for speech
    expect(session.counters.audioDroppedMs).toBe(5_000);
    server.connection.say({ type: 'session.created', session: { type: 'realtime' } });
    server.connection.confirm();
    await connecting;
    expect(server.connection.appendedMs).toBe(10_300);
    expect(server.connection.appends.at(3)?.[0]).toBe(125);
    const notices = emitted.notice.filter(({ kind }) => kind === 'audio_dropped');
    expect(notices.length).toBeGreaterThan(0);
    expect(notices.length).toBeLessThanOrEqual(6); // one per second lost
  });

  it('rejects when the first update is refused, naming the parameter, and closes the line', async () => {
    const { session, server, emitted, clock } = makeSession({}, { handshake: false });
    const connecting = session.connect();
    await turns();
    server.connection.say({ type: 'session.created', session: { type: 'realtime' } });
    server.connection.error({
      code: 'missing_required_parameter',
      message: 'Missing required parameter.',
      param: 'session.audio.output.format.rate',
    });
    await expect(connecting).rejects.toThrow(/session\.audio\.output\.format\.rate/);
    expect(emitted.state.at(-1)).toMatchObject({ kind: 'ended', error: { code: 'protocol' } });
    expect(emitted.state.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    expect(server.connection.closed).toBe(true);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('says what the server said when it reports an error instead of creating the session', async () => {
    const { session, server } = makeSession({}, { handshake: false });
    const connecting = session.connect();
    await turns();
    server.connection.error({ code: 'model_load_error', message: 'the model could not be loaded' });
    await expect(connecting).rejects.toThrow(/the model could not be loaded/);
  });

  it('gives up a server that never configures the session', async () => {
    const { session, clock, server } = makeSession({}, { handshake: false });
    const connecting = session.connect();
    await turns();
    clock.advanceBy(15_000);
    await expect(connecting).rejects.toMatchObject({ code: 'service_unavailable', retryable: true });
    expect(server.connection.closed).toBe(true);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('passes on why the line could not be opened', async () => {
    const { session, server, emitted } = makeSession();
    server.refuse = new ParleyError('key_refused', 'wrong key');
    await expect(session.connect()).rejects.toBe(server.refuse);
    expect(emitted.state.at(-1)).toEqual({ kind: 'ended', error: server.refuse });
  });

  it('rejects, once, when the connection drops while it is being configured', async () => {
    const { session, server, emitted, clock } = makeSession({}, { handshake: false });
    const connecting = session.connect();
    await turns();
    server.connection.drop(1011, 'internal');
    await expect(connecting).rejects.toThrow(/1011: internal/);
    expect(emitted.state.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('stays ended when the connection drops in the same breath as it becomes ready', async () => {
    const { session, server, emitted } = makeSession({}, { handshake: false });
    const connecting = session.connect();
    await turns();
    server.connection.say({ type: 'session.created', session: { type: 'realtime' } });
    server.connection.confirm();
    server.connection.drop(1006);
    await expect(connecting).rejects.toThrow(/1006/);
    expect(emitted.state.map(({ kind }) => kind)).toEqual(['connecting', 'ended']);
  });

  it('accepts a session.created and a session.updated in words of the server’s own', async () => {
    const { session, server } = makeSession({}, { handshake: false });
    const connecting = session.connect();
    await turns();
    server.connection.say({ type: 'session.created', session: 'new' });
    server.connection.say({ type: 'session.updated', session: { type: 'realtime', tools: 'none' } });
    await connecting;
    expect(session.state.kind).toBe('ready');
    expect(session.counters.malformedEvents).toBe(2);
  });

  it('connects once', async () => {
    const { session } = await connected();
    await expect(session.connect()).rejects.toThrow(/once/);
    expect(session.state.kind).toBe('ready');
  });
});

describe('instructions', () => {
  it('are the ones set last before connecting', async () => {
    const { session, server } = makeSession();
    session.setInstructions('translate to German');
    await session.connect();
    expect(server.connection.of('session.update')).toHaveLength(1);
    expect(server.connection.sent[0]).toMatchObject({ session: { instructions: 'translate to German' } });
  });

  it.each(['before session.created', 'before session.updated'])('can be changed %s', async (when) => {
    const { session, server } = makeSession({}, { handshake: false });
    const connecting = session.connect();
    await turns();
    if (when === 'before session.created') session.setInstructions('translate to German');
    server.connection.say({ type: 'session.created', session: { type: 'realtime' } });
    if (when === 'before session.updated') session.setInstructions('translate to German');
    server.connection.confirm();
    await connecting;
    const last = server.connection.of('session.update').at(-1);
    expect(last).toMatchObject({ session: { type: 'realtime', instructions: 'translate to German' } });
    expect(server.connection.of('session.update')).toHaveLength(when === 'before session.created' ? 1 : 2);
  });

  it('can be changed at any time, alone, and only when they differ', async () => {
    const { session, server, emitted } = await connected();
    session.setInstructions('translate to French');
    session.setInstructions('translate to French');
    server.connection.speechStarted('item_1');
    session.setInstructions('');
    expect(server.connection.of('session.update').slice(1)).toMatchObject([
      { session: { type: 'realtime', instructions: 'translate to French' } },
      { session: { type: 'realtime', instructions: '' } },
    ]);
    expect(Object.keys(server.connection.sent[1]?.['session'] as object).sort()).toEqual([
      'instructions',
      'type',
    ]);
    server.connection.error({
      code: 'invalid_value',
      message: 'too long',
      param: 'session.instructions',
      event_id: server.connection.sent[1]?.event_id ?? '',
    });
    expect(emitted.notice).toEqual([
      {
        kind: 'update_rejected',
        code: 'invalid_value',
        param: 'session.instructions',
        message: 'the server refused the instructions: too long',
      },
    ]);
    expect(session.state.kind).toBe('ready');
  });

  it('sends nothing more after the end, whatever is called', async () => {
    const { session, server, clock } = await connected();
    await session.close();
    session.setInstructions('late');
    session.setVoice('cedar');
    append(session, tone(100), 0);
    session.endOfSpeech();
    session.holdTurns(true);
    session.holdTurns(false);
    session.cut([{ outputId: 'maria.1/x', playedMs: 10, heardToEnd: false }]);
    await session.close();
    expect(server.connection.sent).toHaveLength(1);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});
