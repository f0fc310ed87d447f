/**
 * What clients that others wrote do on the wire with the embedded Realtime server: the openai package itself, which insists on
 * TLS, and by hand what the others of docs/foreign-clients.md send.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { WebSocket, type ClientOptions } from 'ws';
import { loadCertificate } from '../../src/embedded/room-server/http/certificate.js';
import { type RealtimeServerOptions, startRealtimeServer } from '../../src/embedded/realtime-server/index.js';
import { TestResponder } from '../embedded/realtime-server/harness.js';

type Event = { type: string } & Readonly<Record<string, unknown>>;

const KEY = 'the-one-key';
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: Partial<RealtimeServerOptions> = {}) {
  const server = await startRealtimeServer({
    ...{ responder: new TestResponder(), firstAudioDelayMs: 1, audioSpeed: 100, transcriptionDelayMs: 1 },
    ...options,
  });
  closers.push(() => server.close());
  return server;
}

/** A client with nothing but a WebSocket. */
function open(url: string, protocols: readonly string[] = [], options: ClientOptions = {}) {
  const socket = new WebSocket(url, [...protocols], options);
  closers.push(() => socket.terminate());
  const events: Event[] = [];
  socket.on('message', (data: Buffer) => events.push(JSON.parse(data.toString()) as Event));
  const refused = new Promise<number>((resolve) => {
    socket.on('unexpected-response', (_request, { statusCode }) => resolve(statusCode ?? 0));
  });
  socket.on('error', () => undefined);
  const next = async (type: string): Promise<Event> => {
    for (;;) {
      const index = events.findIndex((event) => event.type === type);
      if (index >= 0) return events.splice(0, index + 1).at(-1)!;
      await once(socket, 'message');
    }
  };
  return { socket, next, refused, send: (event: object) => socket.send(JSON.stringify(event)) };
}

const bearer = (key: string): ClientOptions => ({ headers: { Authorization: `Bearer ${key}` } });

describe('openai, over TLS', () => {
  it('updates its session and hears an answer', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-tls-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    const tls = await loadCertificate(folder, ['localhost'], Date.now());
    const server = await start({ tls, key: KEY });
    expect(server.url).toBe(`wss://localhost:${server.port}/v1/realtime`);
    const client = new OpenAI({ apiKey: KEY, baseURL: `https://localhost:${server.port}/v1` });
    const realtime = new OpenAIRealtimeWS(
      { model: 'gpt-realtime-2.1', options: { ca: tls.certificatePem } },
      client,
    );
    closers.push(() => realtime.close());
    const said = new Promise<string>((resolve, reject) => {
      realtime.on('error', reject);
      realtime.on('session.created', () => {
        realtime.send({ type: 'session.update', session: { type: 'realtime', output_modalities: ['text'] } });
      });
      realtime.on('session.updated', () => {
        realtime.send({
          type: 'conversation.item.create',
          item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] },
        });
        realtime.send({ type: 'response.create' });
      });
      realtime.on('response.output_text.done', ({ text }) => resolve(text));
    });
    expect(await said).toBe('told: hello');
  });
});

describe('a client on a native WebSocket, which sets no header', () => {
  it('brings its key among the subprotocols, and is answered with the one that is a protocol', async () => {
    const server = await start({ key: KEY });
    const protocols = ['realtime', `openai-insecure-api-key.${KEY}`, 'openai-beta.realtime-v1'];
    const client = open(`${server.url}?model=m`, protocols);
    await client.next('session.created');
    expect(client.socket.protocol).toBe('realtime');
  });

  it('is refused with another key, and without one', async () => {
    const server = await start({ key: KEY });
    const wrong = open(`${server.url}?model=m`, ['realtime', 'openai-insecure-api-key.another']);
    const none = open(`${server.url}?model=m`, ['realtime']);
    expect([await wrong.refused, await none.refused]).toEqual([401, 401]);
  });
});

describe('client secrets', () => {
  const secretOf = async (port: number, body: object, key = KEY) => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/realtime/client_secrets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  };

  it('open the session that they were made for, and make no others', async () => {
    const server = await start({ key: KEY });
    const session = { type: 'realtime', model: 'gpt-realtime-2.1', instructions: 'Say it in French.' };
    const { status, answer } = await secretOf(server.port, { session, expires_after: { seconds: 60 } });
    expect(status).toBe(200);
    expect(answer).toMatchObject({ value: expect.stringMatching(/^ek_[\da-f]{32}$/) as string, session });
    const value = answer['value'] as string;
    const client = open(server.url, [], bearer(value)); // without a model: the secret knows it
    expect(await client.next('session.created')).toMatchObject({
      session: { type: 'realtime', instructions: 'Say it in French.' },
    });
    expect((await secretOf(server.port, {}, value)).status).toBe(401);
    expect((await secretOf(server.port, {}, 'another')).status).toBe(401);
  });

  it('are refused for what is no session, and for a lifetime out of bounds', async () => {
    const server = await start({ key: KEY });
    for (const [body, param] of [
      [{ session: { type: 'other' } }, 'session.type'],
      [{ expires_after: { seconds: 5 } }, 'expires_after.seconds'],
    ] as const) {
      const { status, answer } = await secretOf(server.port, body);
      expect([status, answer['error']]).toMatchObject([400, { param, type: 'invalid_request_error' }]);
    }
  });
});

describe('other ways to connect', () => {
  it('intent=transcription writes down what is said, and speaks never', async () => {
    const server = await start();
    const client = open(`${server.url}?intent=transcription`, [], bearer(KEY));
    const { session } = (await client.next('session.created')) as unknown as { session: object };
    expect(session).toMatchObject({ type: 'transcription', object: 'realtime.transcription_session' });
    expect(session).not.toHaveProperty('instructions');
    const input = { turn_detection: null, transcription: { model: 'gpt-transcribe' } };
    client.send({ type: 'session.update', session: { type: 'transcription', audio: { input } } });
    expect(await client.next('session.updated')).toMatchObject({ session: { audio: { input } } });
    client.send({ type: 'input_audio_buffer.append', audio: Buffer.alloc(48_000).toString('base64') });
    client.send({ type: 'input_audio_buffer.commit' });
    expect(await client.next('conversation.item.input_audio_transcription.completed')).toMatchObject({
      transcript: 'uno dos tres',
    });
    client.send({ type: 'response.create' });
    expect(await client.next('error')).toMatchObject({
      error: { message: 'A transcription session creates no responses.' },
    });
    client.send({ type: 'session.update', session: { type: 'transcription', instructions: 'x' } });
    expect(await client.next('error')).toMatchObject({ error: { param: 'session.instructions' } });
  });

  it('call_id names a call that there is not', async () => {
    const server = await start();
    expect(await open(`${server.url}?call_id=rtc_123`, [], bearer(KEY)).refused).toBe(404);
  });
});

describe('what clients ask for', () => {
  it('a flat session with a temperature is taken whole', async () => {
    const server = await start({ form: { sessionShape: 'flat' } });
    const client = open(`${server.url}?model=m`, [], bearer(KEY));
    await client.next('session.created');
    client.send({ type: 'session.update', session: { temperature: 0.6, instructions: 'Be brief.' } });
    expect(await client.next('session.updated')).toMatchObject({
      session: { instructions: 'Be brief.', temperature: 0.8 },
    });
  });

  it.each(['required', { type: 'function', name: 'lookup' }] as const)(
    'tool_choice %j is answered with a call that fits its schema',
    async (tool_choice) => {
      const server = await start();
      const client = open(`${server.url}?model=m`, [], bearer(KEY));
      await client.next('session.created');
      const properties = { city: { type: 'string' }, unit: { enum: ['C', 'F'] }, days: { type: 'integer' } };
      const parameters = { type: 'object', properties, required: ['city', 'unit'] };
      const tools = [{ type: 'function', name: 'lookup', parameters }];
      client.send({
        type: 'conversation.item.create',
        item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'weather' }] },
      });
      client.send({ type: 'response.create', response: { tools, tool_choice } });
      const done = (await client.next('response.done')) as unknown as { response: { output: Event[] } };
      expect(done.response.output).toMatchObject([
        { type: 'function_call', name: 'lookup', arguments: '{"city":"","unit":"C"}' },
      ]);
    },
  );

  it('a response that is told what to say, and has nobody to answer, says something', async () => {
    const server = await start();
    const client = open(`${server.url}?model=m`, [], bearer(KEY));
    await client.next('session.created');
    client.send({ type: 'response.create', response: { instructions: 'Greet the user.' } });
    expect(await client.next('response.output_audio_transcript.done')).toMatchObject({
      transcript: 'told: Greet the user.',
    });
    client.send({ type: 'response.create' });
    expect(await client.next('response.done')).toMatchObject({
      response: { output: expect.any(Array) as [] },
    });
  });
});
