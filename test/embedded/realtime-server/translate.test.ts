/** The translation endpoint of the embedded server, by a client that sends and reads raw messages in memory. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import {
  type ClientSocket,
  SessionHost,
  type SessionHostOptions,
} from '../../../src/embedded/realtime-server/index.js';
import { decideUpgrade } from '../../../src/embedded/realtime-server/server/upgrade.js';
import { at, babble, base64, Harness, join, silence, TestResponder } from './harness.js';

type Wire = { type: string } & Record<string, unknown>;

class Client {
  readonly clock = new VirtualClock();
  readonly responder = new TestResponder();
  readonly events: Wire[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly #session;

  constructor(options: Partial<SessionHostOptions> = {}) {
    const host = new SessionHost({ clock: this.clock, responder: this.responder, ...options });
    const socket: ClientSocket = {
      OPEN: 1,
      readyState: 1,
      bufferedAmount: 0,
      send: (text) => {
        this.events.push(JSON.parse(text) as Wire);
      },
      close: (code, reason) => {
        this.closed = { code, reason };
      },
      terminate: () => {
        this.closed = { code: 1006, reason: '' };
      },
      pause: () => undefined,
    };
    this.#session = host.openTranslate(socket, 'gpt-realtime-translate');
  }

  send(event: unknown): void {
    this.#session.receive(JSON.stringify(event));
  }

  /** Sets the language, and transcription where it is wanted. */
  configure(language: string, transcribes = false): void {
    const input = transcribes ? { transcription: { model: 'gpt-realtime-whisper' } } : {};
    this.send({ type: 'session.update', session: { audio: { input, output: { language } } } });
  }

  append(pcm: Int16Array): void {
    for (let from = 0; from < pcm.length; from += 4_800) {
      const audio = base64(pcm.subarray(from, from + 4_800));
      this.send({ type: 'session.input_audio_buffer.append', audio });
    }
  }

  of(type: string): Wire[] {
    return this.events.filter((event) => event.type === type);
  }

  /** Every delta of audio, decoded. */
  frames(): Int16Array[] {
    return this.of('session.output_audio.delta').map(({ delta }) => {
      const bytes = Buffer.from(delta as string, 'base64');
      return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2).slice();
    });
  }

  voicedMs(): number {
    return this.frames().reduce((sum, frame) => sum + frame.filter((sample) => sample !== 0).length / 24, 0);
  }

  text(type: string): string {
    return this.of(type)
      .map(({ delta }) => delta as string)
      .join('');
  }

  get error(): unknown {
    return this.of('error').at(-1)?.['error'];
  }
}

const PHRASE = join(silence(400), babble(1_500), silence(800));

describe('a translation session', () => {
  it('begins in Spanish, without transcription, and says when it ends', () => {
    const { events } = new Client();
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'session.created',
      session: {
        type: 'translation',
        model: 'parley-embedded',
        audio: { input: { transcription: null, noise_reduction: null }, output: { language: 'es' } },
      },
    });
    expect(at(events[0], 'session.expires_at')).toBe(Date.UTC(2026, 0, 1) / 1000 + 3_600);
  });

  it('sends 400 ms of audio per 200 ms of input, zeros where it says nothing, and texts ahead of it', () => {
    const client = new Client();
    client.configure('en', true);
    client.append(join(PHRASE, silence(1_300)));
    const frames = client.frames();
    expect(frames).toHaveLength(20); // 4 s
    expect(new Set(frames.map(({ length }) => length))).toEqual(new Set([9_600]));
    expect(frames.slice(0, 9).every((frame) => frame.every((sample) => sample === 0))).toBe(true);
    expect(client.voicedMs()).toBeGreaterThan(900);
    expect(client.text('session.output_transcript.delta').trim()).toBe('one two three four five');
    expect(client.text('session.input_transcript.delta').trim()).toBe('uno dos tres');
    expect(client.responder.heard[0]!.instructions).toBe('Translate into English.');
    const elapsed = client.of('session.output_audio.delta').map(({ elapsed_ms }) => elapsed_ms);
    expect(elapsed.slice(0, 3)).toEqual([200, 400, 600]);
  });

  it('says nothing, and no transcript, where there is nothing to translate', () => {
    const client = new Client();
    client.responder.text = '';
    client.responder.durationMs = 0;
    client.configure('en');
    client.append(PHRASE);
    expect(client.responder.heard).toHaveLength(1);
    expect(client.voicedMs()).toBe(0);
    expect(client.of('session.output_transcript.delta')).toHaveLength(0);
    expect(client.of('session.input_transcript.delta')).toHaveLength(0);
  });

  it('stands still without input', () => {
    const client = new Client();
    client.append(join(silence(400), babble(1_500)));
    const sent = client.events.length;
    client.clock.advanceBy(60_000);
    expect(client.events).toHaveLength(sent);
  });

  it('drains what is pending after session.close, faster than it is heard, then closes', () => {
    const client = new Client();
    client.append(join(silence(400), babble(1_500)).subarray(0, 45_000));
    expect(client.voicedMs()).toBe(0);
    client.send({ type: 'session.close' });
    expect(client.closed).toBeUndefined();
    client.clock.advanceBy(600);
    expect(client.voicedMs()).toBeGreaterThan(900);
    expect(client.events.at(-1)!.type).toBe('session.closed');
    expect(client.closed).toEqual({ code: 1000, reason: '' });
    expect(client.clock.nextDueMs()).toBeUndefined();
  });

  it.each([
    [
      'a region',
      { audio: { output: { language: 'pt-BR' } } },
      'invalid_value',
      'session.audio.output.language',
    ],
    [
      'another form',
      { audio: { output: { language: 'zho' } } },
      'invalid_value',
      'session.audio.output.language',
    ],
    [
      'a voice',
      { audio: { output: { language: 'en', voice: 'marin' } } },
      'unknown_parameter',
      'session.audio.output.voice',
    ],
    ['instructions', { instructions: 'be brief' }, 'unknown_parameter', 'session.instructions'],
    ['a type', { type: 'translation' }, 'unknown_parameter', 'session.type'],
    [
      'a source language',
      { audio: { input: { language: 'es' } } },
      'unknown_parameter',
      'session.audio.input.language',
    ],
    [
      'turn detection',
      { audio: { input: { turn_detection: null } } },
      'unknown_parameter',
      'session.audio.input.turn_detection',
    ],
  ])('refuses %s, and changes nothing', (_, session, code, param) => {
    const client = new Client();
    client.send({ type: 'session.update', session, event_id: 'mine' });
    expect(client.error).toMatchObject({ code, param, event_id: 'mine', type: 'invalid_request_error' });
    expect(client.of('session.updated')).toHaveLength(0);
    client.send({ type: 'session.update', session: {} });
    expect(at(client.events.at(-1), 'session.audio.output.language')).toBe('es');
  });

  it('takes three events and no others', () => {
    const client = new Client();
    for (const type of ['input_audio_buffer.append', 'response.create', 'input_audio_buffer.commit']) {
      client.send({ type, audio: '' });
      expect(client.error).toMatchObject({ code: 'invalid_value', param: 'type' });
    }
    client.send({ type: 'session.update' });
    expect(client.error).toMatchObject({ code: 'missing_required_parameter', param: 'session' });
    client.send({ type: 'session.input_audio_buffer.append', audio: '!' });
    expect(client.error).toMatchObject({ code: 'invalid_value', param: 'audio' });
  });

  it('ends after its time, with the error of the API and 1001', () => {
    const client = new Client({ sessionDurationMs: 60_000 });
    client.clock.advanceBy(60_000);
    expect(client.error).toMatchObject({ code: 'session_expired' });
    expect(client.closed).toEqual({
      code: 1001,
      reason: 'Your session hit the maximum duration of 1 minutes.',
    });
  });
});

describe('the endpoint', () => {
  const asked = (url: string, headers: Record<string, string> = {}) =>
    decideUpgrade(
      { url, headers: { host: '127.0.0.1:80', authorization: 'Bearer x', ...headers } },
      { port: 80, key: undefined },
    );

  it('is behind the paths of OpenAI and Azure', () => {
    for (const path of ['/v1/realtime/translations', '/openai/v1/realtime/translations']) {
      expect(asked(`${path}?model=gpt-realtime-translate`)).toMatchObject({
        accepted: true,
        translates: true,
      });
    }
    expect(asked('/v1/realtime?model=x')).toMatchObject({ accepted: true, translates: false });
    expect(asked('/translations?model=x')).toMatchObject({ refusal: { status: 404 } });
  });

  it('is the only one for its model, and knows no beta', () => {
    expect(asked('/v1/realtime?model=gpt-realtime-translate')).toMatchObject({
      refusal: { message: expect.stringContaining('only supported on /v1/realtime/translations') as string },
    });
    expect(
      asked('/v1/realtime/translations?model=gpt-realtime-translate', { 'openai-beta': 'realtime=v1' }),
    ).toMatchObject({
      refusal: { message: 'Translation sessions are only available on the GA API.' },
    });
  });

  it('is there over a WebSocket', async () => {
    const harness = await Harness.start();
    const client = await harness.connect('/translations?model=gpt-realtime-translate');
    expect(at(client.last('session.created'), 'session.type')).toBe('translation');
    await harness.stop();
  });
});
