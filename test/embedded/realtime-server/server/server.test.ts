import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { VirtualClock } from '../../../../src/clock.js';
import { ParleyError } from '../../../../src/errors.js';
import { startRealtimeServer } from '../../../../src/embedded/realtime-server/index.js';
import { at, babble, Harness, join, silence, TestResponder, update } from '../harness.js';

const open: Harness[] = [];
async function start(options: Parameters<typeof Harness.start>[0] = {}): Promise<Harness> {
  const harness = await Harness.start(options);
  open.push(harness);
  return harness;
}
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.stop();
});

type Answer = { status: number; body: unknown; text: string; headers: Record<string, unknown> };

/** An HTTP request with exactly these headers; an upgrade when `upgrade` says so. */
async function http(
  port: number,
  path: string,
  headers: Record<string, string>,
  upgrade: boolean,
): Promise<Answer> {
  const handshake = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const sent = request({
    host: '127.0.0.1',
    port,
    path,
    headers: { ...(upgrade ? handshake : {}), ...headers },
  });
  return new Promise((resolve, reject) => {
    sent.on('error', reject);
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: undefined, text: '', headers: response.headers });
    });
    sent.on('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        let body: unknown;
        try {
          body = JSON.parse(text);
        } catch {
          body = undefined;
        }
        resolve({ status: response.statusCode ?? 0, body, text, headers: response.headers });
      });
    });
    sent.end();
  });
}

const KEY = { Authorization: 'Bearer any' };
const PATH = '/v1/realtime?model=gpt-realtime-2.1';

describe('the upgrade', () => {
  const cases: [string, string, Record<string, string>, number, string | null][] = [
    ['a bearer key', PATH, KEY, 101, null],
    ['an api-key', PATH, { 'api-key': 'any' }, 101, null],
    ['no key', PATH, {}, 401, 'missing_api_key'],
    ['an empty bearer', PATH, { Authorization: 'Bearer ' }, 401, 'missing_api_key'],
    ['another scheme', PATH, { Authorization: 'Basic YTpi' }, 401, 'missing_api_key'],
    ['no model', '/v1/realtime', KEY, 400, 'missing_model'],
    ['an empty model', '/v1/realtime?model=', KEY, 400, 'missing_model'],
    ['another path', '/v1/other?model=x', KEY, 404, 'not_found'],
    ['an api-version for Azure', '/openai/v1/realtime?model=x&api-version=1', KEY, 401, 'unauthorized'],
    ['a path below', '/v1/realtime/below?model=x', KEY, 404, 'not_found'],
    ['a web page', PATH, { ...KEY, Origin: 'https://example.com' }, 403, 'forbidden'],
    ['a sandboxed page', PATH, { ...KEY, Origin: 'null' }, 403, 'forbidden'],
    ['a page on another port', PATH, { ...KEY, Origin: 'http://localhost:1' }, 403, 'forbidden'],
    ['a page of a look-alike', PATH, { ...KEY, Origin: 'http://localhost.evil.example' }, 403, 'forbidden'],
    ['a rebound name', PATH, { ...KEY, Host: 'evil.example' }, 403, 'forbidden'],
    ['a host without the port', PATH, { ...KEY, Host: 'localhost' }, 403, 'forbidden'],
  ];
  it.each(cases)('with %s', async (_name, path, headers, status, code) => {
    const { server } = await start();
    const answer = await http(server.port, path, headers, true);
    expect(answer.status).toBe(status);
    if (code !== null)
      expect(answer.body).toMatchObject({ error: { type: 'invalid_request_error', code, param: null } });
    if (code === 'missing_api_key') expect(server.sentCount).toBe(0);
  });

  it.each(['localhost', '127.0.0.1', '[::1]'])(
    'takes its own name %s as host and as origin',
    async (name) => {
      const { server } = await start();
      const authority = `${name}:${server.port}`;
      const answer = await http(
        server.port,
        PATH,
        { ...KEY, Host: authority, Origin: `http://${authority}` },
        true,
      );
      expect(answer.status).toBe(101);
    },
  );

  it('takes one key only when it was given one', async () => {
    const { server } = await start({ key: 'the-right-one' });
    expect((await http(server.port, PATH, { Authorization: 'Bearer the-right-one' }, true)).status).toBe(101);
    const wrong = await http(server.port, PATH, { Authorization: 'Bearer another' }, true);
    expect(wrong.body).toMatchObject({ error: { code: 'invalid_api_key' } });
    expect(wrong.status).toBe(401);
    expect(wrong.text).not.toContain('another');
  });

  it('is not a page: plain HTTP says what this is, and nothing else', async () => {
    const { server } = await start();
    const root = await http(server.port, '/', {}, false);
    expect(root.status).toBe(200);
    expect(root.headers['content-type']).toContain('text/plain');
    expect(root.text).toContain('parley-embedded');
    expect((await http(server.port, '/', { Host: 'evil.example' }, false)).status).toBe(403);
    expect((await http(server.port, PATH, KEY, false)).status).toBe(426);
    expect((await http(server.port, '/v1/models', KEY, false)).status).toBe(404);
  });

  it('listens on loopback only, and says which port is taken', async () => {
    const responder = new TestResponder();
    await expect(startRealtimeServer({ responder, host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'usage',
    });
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const failed = await startRealtimeServer({ responder, port }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ParleyError);
    expect(failed).toMatchObject({
      code: 'service_unavailable',
      message: expect.stringContaining(`${port}`) as string,
    });
    blocker.close();
  });
});

describe('a session', () => {
  it('expires with an error and close 1001, and says when beforehand', async () => {
    const harness = await start({ sessionDurationMs: 3_600_000 });
    const client = await harness.connect();
    expect(at(client.events[0], 'session.expires_at')).toBe(harness.clock.epochMs() / 1_000 + 3_600);
    harness.responder.durationMs = 20_000;
    await harness.advance(3_599_500);
    await harness.speak(client, join(babble(700), silence(300)));
    await harness.advance(499);
    expect(client.closed).toBeUndefined();
    harness.clock.advanceBy(1);
    await once(client.socket, 'close');
    const reason = 'Your session hit the maximum duration of 60 minutes.';
    expect(client.error).toEqual({
      type: 'invalid_request_error',
      code: 'session_expired',
      message: reason,
      param: null,
      event_id: null,
    });
    expect(client.closed).toEqual({ code: 1001, reason });
    const count = client.events.length;
    harness.clock.advanceBy(10_000);
    expect(client.events.length).toBe(count);
    expect(harness.clock.nextDueMs()).toBeUndefined();
  });

  it('leaves no timer behind when its line goes', async () => {
    const harness = await start();
    const client = await harness.connect();
    await harness.speak(client, join(babble(700), silence(300)));
    expect(harness.server.busy).toBe(true);
    client.socket.terminate();
    await once(client.socket, 'close');
    while (harness.server.busy) await new Promise((resolve) => setImmediate(resolve));
    expect(harness.clock.nextDueMs()).toBeUndefined();
  });

  it('is the same for the same seed, ids and times included', async () => {
    const runs: string[][] = [];
    for (const seed of [5, 5, 6]) {
      const harness = await start({ seed });
      const client = await harness.connect();
      await harness.ask(client, update({ audio: { input: { transcription: { model: 'whisper-1' } } } }));
      await harness.speak(client, join(babble(700), silence(300)));
      await harness.advance(3_000);
      runs.push(client.texts);
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
  });

  it('counts every message on both sides, over all connections', async () => {
    const harness = await start();
    const first = await harness.connect();
    const second = await harness.connect();
    await harness.speak(first, join(babble(700), silence(300)));
    second.raw('not json');
    second.raw(Buffer.from([1, 2, 3]));
    await harness.settle();
    await harness.advance(3_000);
    expect(harness.server.receivedCount).toBe(first.sent + second.sent);
    expect(harness.server.sentCount).toBe(first.received + second.received);
    expect(second.of('error')).toHaveLength(2);
  });

  it('does not see the items of another', async () => {
    const harness = await start();
    const [first, second] = [await harness.connect(), await harness.connect()];
    const item = { type: 'message', role: 'user', id: 'mine', content: [{ type: 'input_text', text: 'x' }] };
    await harness.ask(first, { type: 'conversation.item.create', item });
    await harness.ask(second, { type: 'conversation.item.retrieve', item_id: 'mine' });
    expect(second.error).toMatchObject({ code: 'item_retrieve_invalid_item_id' });
  });
});

describe('events that are none', () => {
  const cases: [string, string, string, string | null][] = [
    ['invalid JSON', '{"type":', 'invalid_json', null],
    ['an empty message', '', 'invalid_json', null],
    ['a list', '[]', 'invalid_type', 'event'],
    ['null', 'null', 'invalid_type', 'event'],
    ['no type', '{"event_id":"e"}', 'missing_required_parameter', 'type'],
    ['a type that is no text', '{"type":5}', 'invalid_type', 'type'],
    ['an unknown type', '{"type":"session.destroy"}', 'invalid_value', 'type'],
    ['a name of the prototype', '{"type":"constructor"}', 'invalid_value', 'type'],
    ['a server event', '{"type":"response.done"}', 'invalid_value', 'type'],
    ['an unknown field', '{"type":"response.cancel","why":1}', 'unknown_parameter', 'why'],
    ['an event id that is no text', '{"type":"response.cancel","event_id":1}', 'invalid_type', 'event_id'],
    ['no audio', '{"type":"input_audio_buffer.append"}', 'missing_required_parameter', 'audio'],
    ['bad base64', '{"type":"input_audio_buffer.append","audio":"a*b="}', 'invalid_value', 'audio'],
    ['half base64', '{"type":"input_audio_buffer.append","audio":"AAA"}', 'invalid_value', 'audio'],
    ['a WebRTC event', '{"type":"output_audio_buffer.clear"}', 'invalid_value', 'type'],
    ['no item id', '{"type":"conversation.item.delete"}', 'missing_required_parameter', 'item_id'],
    [
      'a deep one',
      `{"type":"response.create","response":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
      'invalid_value',
      null,
    ],
  ];
  it.each(cases)(
    '%s is answered with an error, and the session goes on',
    async (_name, message, code, param) => {
      const harness = await start();
      const client = await harness.connect();
      client.raw(message);
      await harness.settle();
      expect(client.error).toMatchObject({ type: 'invalid_request_error', code, param });
      expect((await harness.ask(client, update({}))).type).toBe('session.updated');
    },
  );

  it('an append over 15 MiB is refused, one of 15 MiB is not, and 40 MB close the line', async () => {
    const harness = await start();
    const client = await harness.connect();
    await harness.ask(client, update({ audio: { input: { turn_detection: null } } }));
    const bytes = 15 * 1024 * 1024;
    client.send({
      type: 'input_audio_buffer.append',
      audio: Buffer.alloc(bytes + 3).toString('base64'),
      event_id: 'big',
    });
    await harness.settle();
    expect(client.error).toMatchObject({ code: 'invalid_value', param: 'audio', event_id: 'big' });
    expect(client.error['message']).toContain('15 MiB');
    client.send({ type: 'input_audio_buffer.append', audio: Buffer.alloc(bytes).toString('base64') });
    await harness.settle();
    expect(client.of('error')).toHaveLength(1);
    client.send({ type: 'input_audio_buffer.append', audio: 'A'.repeat(40_000_000) });
    await once(client.socket, 'close');
    expect(client.closed?.code).toBe(1009);
  });

  it('are echoed at no length', async () => {
    const harness = await start();
    const client = await harness.connect();
    await harness.ask(client, { type: 'x'.repeat(1_000_000), event_id: 'y'.repeat(100_000) });
    expect(client.texts.at(-1)!.length).toBeLessThan(2_000);
  });
});

describe('startRealtimeServer', () => {
  it('refuses sessions beyond its limit', async () => {
    const clock = new VirtualClock();
    const server = await startRealtimeServer({ clock, responder: new TestResponder() });
    const sockets = Array.from(
      { length: 256 },
      () => new WebSocket(`${server.url}?model=x`, { headers: KEY }),
    );
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    const answer = await http(server.port, PATH, KEY, true);
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    for (const socket of sockets) socket.on('error', () => undefined);
    await server.close();
    expect(clock.nextDueMs()).toBeUndefined();
  });
});
