/** Live sessions of the embedded server, by a client that sends and reads raw messages in memory. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../../audio/index.js';
import { VirtualClock } from '../../../src/clock.js';
import {
  type ClientSocket,
  SessionHost,
  type SessionHostOptions,
} from '../../../src/embedded/realtime-server/index.js';
import { decideUpgrade } from '../../../src/embedded/realtime-server/server/upgrade.js';
import { parseLiveEvent } from '../../../src/realtime/protocol/live-server-events.js';
import { babble, base64, join, silence, TestResponder } from './harness.js';

type Wire = { type: string } & Record<string, unknown>;

beforeAll(() => loadResampler());

class Client {
  readonly clock = new VirtualClock();
  readonly responder = new TestResponder();
  readonly host: SessionHost;
  readonly events: Wire[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly #session;

  constructor(options: Partial<SessionHostOptions> = {}, azure = false) {
    this.host = new SessionHost({ clock: this.clock, responder: this.responder, ...options });
    const socket: ClientSocket = {
      OPEN: 1,
      readyState: 1,
      bufferedAmount: 0,
      send: (text) => {
        const parsed = parseLiveEvent(text);
        expect(parsed.kind, text.slice(0, 200)).not.toBe('malformed');
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
    this.#session = this.host.openLive(socket, azure);
  }

  send(event: unknown): void {
    this.#session.receive(JSON.stringify(event));
  }

  start(session: object = {}): this {
    this.send({ type: 'session.start', event_id: 's1', session: { model: 'gpt-live-1.1', ...session } });
    return this;
  }

  /** In real time: 100 ms for every 100 ms. */
  append(pcm: Int16Array): this {
    for (let from = 0; from < pcm.length; from += 2_400) {
      this.clock.advanceBy(100);
      this.send({ type: 'session.input_audio.append', audio: base64(pcm.subarray(from, from + 2_400)) });
    }
    return this;
  }

  of(type: string): Wire[] {
    return this.events.filter((event) => event.type === type);
  }

  /** All audio that came, in order. */
  audio(): Int16Array {
    return join(
      ...this.of('session.output_audio.delta').map(({ delta }) => {
        const bytes = Buffer.from(delta as string, 'base64');
        return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2).slice();
      }),
    );
  }

  text(type: string): string {
    return this.of(type)
      .map(({ delta }) => delta as string)
      .join('');
  }

  get error(): Record<string, unknown> {
    return this.of('error').at(-1)?.['error'] as Record<string, unknown>;
  }
}

const PHRASE = join(silence(400), babble(1_500), silence(1_600));
const voicedMs = (pcm: Int16Array) => pcm.filter((sample) => sample !== 0).length / 24;

describe('the beginning of a live session', () => {
  it('says nothing until it is started, then what it is, with the defaults filled in', () => {
    const client = new Client();
    expect(client.events).toEqual([]);
    client.start();
    expect(client.events).toMatchObject([
      {
        type: 'session.started',
        client_event_id: 's1',
        session: {
          model: 'parley-embedded',
          status: 'active',
          store: false,
          audio: { format: { type: 'audio/pcm', rate: 24_000 }, output: { voice: 'marin' } },
          delegation: { type: 'client' },
        },
      },
    ]);
    const { expires_at: expiresAtS } = client.events[0]!['session'] as { expires_at: number };
    expect(expiresAtS).toBe(Math.floor(client.clock.epochMs() / 1_000) + 3_600);
  });

  it.each([
    ['audio', { type: 'session.input_audio.append', audio: base64(silence(100)) }, 'event_not_allowed'],
    ['a model that is missing', { type: 'session.start', session: {} }, 'missing_required_parameter'],
    [
      'a field that there is none of',
      { type: 'session.start', session: { model: 'm', temperature: 1 } },
      'unknown_parameter',
    ],
    [
      '48 kHz',
      {
        type: 'session.start',
        session: { model: 'm', audio: { format: { type: 'audio/pcm', rate: 48_000 } } },
      },
      'invalid_value',
    ],
    [
      'rights of a browser',
      { type: 'session.start', session: { model: 'm', client: {} } },
      'unsupported_parameter',
    ],
    [
      'too long instructions',
      { type: 'session.start', session: { model: 'm', instructions: 'a'.repeat(70_000) } },
      'string_above_max_length',
    ],
  ])('refuses %s, and ends', (_what, event, code) => {
    const client = new Client();
    client.send(event);
    expect(client.error).toMatchObject({ code });
    expect(client.closed).toMatchObject({ code: 1000 });
  });

  it('refuses an account without credit in place of starting, late sessions start later', () => {
    const broke = new Client({ faults: { refuseSessions: { code: 'credit_balance_exhausted' } } }).start();
    expect(broke.events.map(({ type }) => type)).toEqual(['error']);
    expect(broke.error).toMatchObject({ code: 'credit_balance_exhausted', client_event_id: 's1' });
    const late = new Client({ faults: { lateSessions: { afterMs: 900 } } }).start();
    expect(late.events).toEqual([]);
    late.clock.advanceBy(900);
    expect(late.of('session.started')).toHaveLength(1);
  });

  it('is started once', () => {
    const client = new Client().start().start();
    expect(client.error).toMatchObject({ code: 'event_not_allowed', client_event_id: 's1' });
    expect(client.closed).toBeUndefined();
  });
});

describe('a live session that runs', () => {
  it('sends as much audio as it hears, zeros while it says nothing, without ids; the translation is heard whole', () => {
    const client = new Client().start({ instructions: 'Translate into English.' }).append(PHRASE);
    expect(client.audio()).toHaveLength(PHRASE.length - (PHRASE.length % 2_400));
    expect(client.of('session.output_audio.delta').every((event) => !('event_id' in event))).toBe(true);
    client.append(silence(2_000));
    expect(voicedMs(client.audio())).toBeGreaterThan(950);
    expect(client.responder.heard).toHaveLength(1);
    expect(client.responder.heard[0]!.instructions).toBe('Translate into English.');
  });

  it('writes in windows of 200 ms, 600 ms late, with leading blanks, on one clock', () => {
    const client = new Client().start().append(PHRASE).append(silence(2_000));
    expect(client.text('session.input_transcript.delta')).toBe(' uno dos tres');
    expect(client.text('session.output_transcript.delta')).toBe(' one two three four five');
    let heardMs = 0;
    for (const { type, start_ms: startMs, end_ms: endMs } of client.events) {
      if (type === 'session.output_audio.delta') heardMs += 100;
      if (!type.endsWith('transcript.delta')) continue;
      expect((endMs as number) - (startMs as number)).toBe(200);
      expect(heardMs + 100).toBeGreaterThanOrEqual((endMs as number) + 600);
    }
    const spokenAt = client.of('session.output_transcript.delta').map(({ start_ms: startMs }) => startMs);
    expect(spokenAt).toEqual([...spokenAt].sort((a, b) => (a as number) - (b as number)));
  });

  it('stands still where it is sent nothing, and ends after 31 s of that', () => {
    const client = new Client().start().append(silence(1_000));
    const before = client.events.length;
    client.clock.advanceBy(30_900);
    expect(client.events).toHaveLength(before);
    client.clock.advanceBy(100);
    expect(client.events.at(-1)).toMatchObject({
      type: 'session.closed',
      reason: 'expired',
      usage: { seconds: 1 },
    });
    expect(client.closed).toMatchObject({ code: 1000 });
  });

  it('tells its seconds every 15 s of its clock, as a sum', () => {
    const client = new Client().start();
    for (let n = 0; n < 4; n++) client.append(silence(10_000));
    expect(client.of('session.usage.updated').map(({ usage }) => usage)).toEqual([
      { seconds: 15 },
      { seconds: 30 },
    ]);
  });

  it('refuses half a sample and no sample, and lives on', () => {
    const client = new Client().start();
    client.send({ type: 'session.input_audio.append', audio: 'AAAA', event_id: 'odd' });
    expect(client.error).toMatchObject({ code: 'invalid_audio', client_event_id: 'odd' });
    client.send({ type: 'session.input_audio.append', audio: '' });
    expect(client.of('error')).toHaveLength(2);
    client.append(silence(100));
    expect(client.audio()).toHaveLength(2_400);
  });

  it('hears silence while it is muted; its clock goes on', () => {
    const client = new Client().start();
    client.send({ type: 'session.input_audio.mute', event_id: null });
    client.append(PHRASE);
    client.send({ type: 'session.input_audio.unmute' });
    expect(client.responder.heard).toEqual([]);
    expect(client.audio().length).toBeGreaterThan(80_000);
    expect(client.of('session.input_audio.muted')).toHaveLength(1);
    expect(client.of('session.input_audio.unmuted')).toHaveLength(1);
  });

  it('takes what is appended when its clock moves, and says what did not reach it', () => {
    const client = new Client().start();
    const thinking = { type: 'session.thinking.append', content: 'go on', delegation_id: null };
    client.send({ ...thinking, event_id: 'one' });
    expect(client.of('session.thinking.appended')).toEqual([]);
    client.append(silence(100));
    expect(client.of('session.thinking.appended')).toMatchObject([{ client_event_id: 'one', start_ms: 0 }]);
    client.send({ ...thinking, event_id: 'two' });
    client.send({ type: 'session.close' });
    expect(client.error).toMatchObject({ code: 'context_injection_incomplete', client_event_id: 'two' });
    const other = new Client().start();
    other.send({ type: thinking.type, content: thinking.content });
    expect(other.error).toMatchObject({ code: 'missing_required_parameter', param: 'delegation_id' });
    other.send({ ...thinking, content: 'a '.repeat(1_500) });
    expect(other.error).toMatchObject({ code: 'string_above_max_length', param: 'content' });
  });

  it('changes nothing that is fixed at the start, and knows no response or decision', () => {
    const client = new Client().start();
    client.send({ type: 'session.update', session: { instructions: 'other' } });
    expect(client.error).toMatchObject({ code: 'immutable_field_update', param: 'session.instructions' });
    client.send({
      type: 'session.update',
      session: { delegation: { type: 'client', acknowledgement_delay_ms: 9 } },
    });
    expect(client.of('session.updated')).toMatchObject([
      { session: { delegation: { acknowledgement_delay_ms: 9 } } },
    ]);
    client.send({ type: 'response.create' });
    expect(client.error).toMatchObject({ code: 'event_not_allowed' });
    client.send({ type: 'input_audio_buffer.append', audio: '' });
    expect(client.error).toMatchObject({ code: 'invalid_value', param: 'type' });
  });

  it.each([
    ['PCM at 16 kHz', { type: 'audio/pcm', rate: 16_000 }, 3_200],
    ['G.711', { type: 'audio/pcmu', rate: 8_000 }, 800],
  ])('speaks %s in both directions', (_what, format, bytesPer100Ms) => {
    const client = new Client().start({ audio: { format } });
    const audio = Buffer.alloc(bytesPer100Ms).toString('base64');
    for (let n = 0; n < 20; n++) client.send({ type: 'session.input_audio.append', audio });
    const bytes = client
      .of('session.output_audio.delta')
      .map(({ delta }) => Buffer.from(delta as string, 'base64').length);
    const total = bytes.reduce((sum, each) => sum + each, 0);
    expect(total / bytesPer100Ms).toBeGreaterThan(18.5);
    expect(total / bytesPer100Ms).toBeLessThanOrEqual(20);
  });

  it('plays a fixture in place of what it says', () => {
    const client = new Client().start();
    const audio = base64(new Int16Array(4_800).fill(5));
    client.send({ type: 'session.output_audio.fixture.play', audio, event_id: 'f' });
    client.append(silence(500));
    expect(client.of('session.output_audio.fixture.playing')).toMatchObject([{ client_event_id: 'f' }]);
    expect(client.of('session.output_audio.fixture.played')).toHaveLength(1);
    expect(voicedMs(client.audio())).toBe(200);
  });
});

describe('the end of a live session', () => {
  it('on request, says what was begun, in real time, then its final seconds', () => {
    const client = new Client().start().append(PHRASE.subarray(0, 1_900 * 24));
    client.send({ type: 'session.close' });
    expect(client.closed).toBeUndefined();
    client.clock.advanceBy(1_000);
    expect(client.closed).toBeUndefined();
    client.clock.advanceBy(4_000);
    expect(voicedMs(client.audio())).toBeGreaterThan(950);
    expect(client.text('session.output_transcript.delta')).toBe(' one two three four five');
    expect(client.events.at(-1)).toMatchObject({ type: 'session.closed', reason: 'close_requested' });
    expect(client.closed).toMatchObject({ code: 1000 });
  });

  it('comes at the announced time', () => {
    const client = new Client({ sessionDurationMs: 20_000 }).start().append(silence(19_900));
    expect(client.closed).toBeUndefined();
    client.append(silence(200));
    expect(client.of('session.closed')).toMatchObject([{ reason: 'expired' }]);
  });
});

describe('faults of a live session', () => {
  it.each(['content', 'connection_lost', 'expired'] as const)('ends it for the reason %s', (reason) => {
    const client = new Client({ faults: { closeSessions: { reason, afterMs: 500 } } }).start();
    client.append(silence(600));
    expect(client.of('session.closed')).toMatchObject([{ reason, usage: { seconds: 0.4 } }]);
  });

  it('stalls, and is dropped 20 s later', () => {
    const client = new Client({ faults: { stallSessions: { afterMs: 1_000 } } }).start();
    client.append(silence(18_000));
    expect(client.audio().length / 24).toBe(900);
    expect(client.of('session.usage.updated')).toEqual([]);
    client.append(silence(4_000));
    expect(client.closed).toEqual({ code: 1006, reason: '' });
  });

  it('delegates, answers, repeats, leaves words out, and errs without a code', () => {
    const client = new Client({
      faults: { delegatePhrases: { count: 1 }, answerPhrases: { count: 1, text: 'Sure, I can help.' } },
    }).start();
    client.append(PHRASE).append(silence(3_000));
    expect(client.of('session.delegation.created')).toMatchObject([{ delegation: { target: 'client' } }]);
    expect(client.text('session.output_transcript.delta')).toBe(' Sure, I can help.');
    client.host.faultControl.set({ repeatPhrases: { count: 1 }, codelessErrors: { count: 1 } });
    client.append(PHRASE).append(silence(3_000));
    expect(client.text('session.output_transcript.delta')).toBe(
      ' Sure, I can help. one two three four five one two three four five',
    );
    expect(client.error).toMatchObject({ code: null });
    client.host.faultControl.set({ unwrittenPhrases: { count: 1 } });
    const beforeMs = voicedMs(client.audio());
    const written = client.text('session.output_transcript.delta');
    client.append(PHRASE).append(silence(3_000));
    expect(client.text('session.output_transcript.delta')).toBe(written);
    expect(voicedMs(client.audio()) - beforeMs).toBeGreaterThan(950);
  });
});

describe("Azure's form", () => {
  it('puts times on audio, leaves silence out, and repeats no ids', () => {
    const client = new Client({}, true).start().append(PHRASE).append(silence(2_000));
    const deltas = client.of('session.output_audio.delta');
    expect(deltas.length).toBeLessThan(14);
    expect(deltas.length).toBeGreaterThan(9);
    for (const { start_ms: startMs, end_ms: endMs } of deltas)
      expect((endMs as number) - (startMs as number)).toBe(100);
    expect(deltas[0]!['start_ms']).toBeGreaterThan(2_000);
    expect(client.of('session.started')[0]).not.toHaveProperty('client_event_id');
    client.append(silence(60_000));
    expect(client.of('session.usage.updated').map(({ usage }) => usage)).toEqual([{ seconds: 60 }]);
  });
});

describe('the way to live sessions', () => {
  const asked = (url: string, headers: object = {}) =>
    decideUpgrade(
      { url, headers: { host: 'localhost:1', authorization: 'Bearer k', ...headers } },
      { port: 1, key: 'k' },
    );

  it('is a path of its own, without a query, on both providers', () => {
    expect(asked('/v1/live/sessions')).toMatchObject({ accepted: true, live: true, azure: false });
    expect(asked('/openai/v1/live/sessions')).toMatchObject({ accepted: true, live: true, azure: true });
    expect(asked('/openai/v1/live', { authorization: undefined, 'api-key': 'k' })).toMatchObject({
      accepted: true,
      azure: true,
    });
    expect(asked('/v1/live/sessions?model=gpt-live-1')).toMatchObject({ refusal: { status: 400 } });
    expect(asked('/v1/live/sessions/live_1/attach')).toMatchObject({ refusal: { status: 404 } });
  });

  it('takes a bearer token and nothing else, and no page of a browser', () => {
    const code = (headers: object) => asked('/v1/live/sessions', headers);
    expect(code({ origin: 'http://localhost:1' })).toMatchObject({ refusal: { status: 403 } });
    expect(code({ authorization: 'Bearer other' })).toMatchObject({
      refusal: { status: 401, code: 'invalid_api_key' },
    });
    const missing = { refusal: { status: 401, code: 'missing_authorization' } };
    expect(code({ authorization: undefined, 'api-key': 'k' })).toMatchObject(missing);
    expect(
      code({ authorization: undefined, 'sec-websocket-protocol': 'realtime, openai-insecure-api-key.k' }),
    ).toMatchObject(missing);
  });
});
