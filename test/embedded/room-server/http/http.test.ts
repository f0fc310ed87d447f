import { VideoSDK } from '@videosdk.live/server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  fetchRoom,
  type HttpAnswer,
  postJson,
  SignallingClient,
  signToken,
  startTestRoom,
} from '../harness.js';

let room: Awaited<ReturnType<typeof startTestRoom>>;
beforeAll(async () => {
  room = await startTestRoom();
});
afterAll(() => room.close());

const INIT = '/infra/v1/meetings/init-config';
const json = (answer: HttpAnswer) => JSON.parse(answer.text) as Record<string, unknown>;
const initConfig = (roomId: unknown, token = signToken(room.secret)): Promise<HttpAnswer> =>
  postJson(room, INIT, { roomId }, { authorization: token });

describe('init-config', () => {
  it('answers with the shape that the SDK reads without asking', async () => {
    const answer = await initConfig('test-room');
    expect(answer.status).toBe(200);
    expect(json(answer)).toEqual({
      data: {
        baseUrl: room.signalingBaseUrl,
        socketUrl: room.signalingBaseUrl,
        socketPath: '',
        signalingUrl: null,
        iceServers: '',
        observability: {
          jwt: '',
          metaData: { userId: '', email: '' },
          traces: { enabled: false, endPoint: '' },
          logs: { enabled: false, endPoint: '' },
        },
      },
    });
  });

  it('knows a room by its own id and by its custom id', async () => {
    expect((await initConfig(room.roomId)).status).toBe(200);
    expect((await initConfig('test-room', signToken(room.secret, { roomId: room.roomId }))).status).toBe(200);
  });

  it.each<[string, unknown, () => string, number, number]>([
    ['a token of another secret', 'test-room', () => signToken('x'.repeat(43)), 401, 4002],
    ['another API key', 'test-room', () => signToken(room.secret, { apikey: 'other' }), 401, 4001],
    ['an unknown room', 'no-such-room', () => signToken(room.secret), 400, 4003],
    ['no room', undefined, () => signToken(room.secret), 400, 4003],
    ['a token for another room', 'test-room', () => signToken(room.secret, { roomId: 'other' }), 403, 4022],
    [
      'a token without the role',
      'test-room',
      () => signToken(room.secret, { roles: ['crawler'] }),
      403,
      4024,
    ],
  ])('refuses %s', async (_what, roomId, token, status, code) => {
    const answer = await initConfig(roomId, token());
    expect({ status: answer.status, code: json(answer)['code'] }).toEqual({ status, code });
    expect(json(answer)['error']).toEqual(expect.any(String));
  });

  it('takes the token as it is, without Bearer', async () => {
    expect((await initConfig('test-room', `Bearer ${signToken(room.secret)}`)).status).toBe(401);
    expect((await postJson(room, INIT, { roomId: 'test-room' })).status).toBe(401);
  });
});

describe('rooms', () => {
  /** VideoSDK's own server SDK, over a fetch that trusts this certificate. */
  const sdk = (): VideoSDK =>
    new VideoSDK({
      apiKey: room.apiKey,
      secret: room.secret,
      apiEndpoint: room.apiUrl,
      maxRetries: 0,
      fetch: async (input: string | URL | Request, init: RequestInit = {}) => {
        const url = new URL(input);
        const answer = await fetchRoom(room, url.pathname, {
          method: init.method ?? 'GET',
          headers: init.headers as Record<string, string>,
          ...(typeof init.body === 'string' ? { body: init.body } : {}),
        });
        return new Response(answer.text, { status: answer.status });
      },
    });

  it('are made and validated by the server SDK', async () => {
    const { rooms } = sdk();
    const created = await rooms.create();
    expect(created.roomId).toMatch(/^[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}$/);
    expect(await rooms.validate(created.roomId)).toMatchObject({ valid: true, roomId: created.roomId });
    expect(await rooms.validate('never-made-this')).toMatchObject({ valid: false });
    expect((await initConfig(created.roomId)).status).toBe(200);
  });

  it('of one custom id are one room', async () => {
    const { rooms } = sdk();
    const first = await rooms.create({ customRoomId: 'weekly_standup' });
    const second = await rooms.create({ customRoomId: 'weekly_standup' });
    expect(second.roomId).toBe(first.roomId);
    expect(await rooms.validate('weekly_standup')).toMatchObject({ valid: true, roomId: first.roomId });
    expect(room.createRoom('weekly_standup')).toBe(first.roomId);
  });

  it.each(['../etc/passwd', 'a b', 'ab', 'x'.repeat(65), 'assets', 'v2', '<script>'])(
    'cannot have the custom id %j',
    async (customRoomId) => {
      const token = signToken(room.secret, { roles: ['crawler'] });
      const answer = await postJson(room, '/v2/rooms', { customRoomId }, { authorization: token });
      expect(answer.status).toBe(400);
    },
  );

  it('need a token with the role for it', async () => {
    const answer = await postJson(room, '/v2/rooms', {}, { authorization: signToken(room.secret) });
    expect({ status: answer.status, code: json(answer)['code'] }).toEqual({ status: 403, code: 4024 });
    expect((await postJson(room, '/v2/rooms', {})).status).toBe(401);
    expect((await fetchRoom(room, `/v2/rooms/validate/${room.roomId}`)).status).toBe(401);
  });
});

describe('who may ask', () => {
  const port = (): string => room.signalingBaseUrl.split(':')[1]!;

  it('answers under its own loopback names, for its own origin, without CORS headers', async () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      const authority = `${host}:${port()}`;
      const headers = { host: authority, origin: `https://${authority}` };
      const answer = await fetchRoom(room, '/ping', { headers });
      expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: 'pong' });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it.each([
    { host: 'evil.example' },
    { host: 'localhost.evil.example:1' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'https://localhost' }, // another port is another origin
  ])('refuses %j', async (headers) => {
    for (const path of ['/ping', '/test-room', '/assets/videosdk.js']) {
      expect((await fetchRoom(room, path, { headers })).status).toBe(403);
    }
    const answer = await postJson(
      room,
      INIT,
      { roomId: 'test-room' },
      { authorization: signToken(room.secret), ...headers },
    );
    expect(answer.status).toBe(403);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('refuses a preflight', async () => {
    const answer = await fetchRoom(room, INIT, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(403);
  });
});

describe('the meeting page', () => {
  const askToken = (body: unknown, headers: Record<string, string> = {}): Promise<HttpAnswer> =>
    postJson(room, '/test-room/token', body, { origin: room.origin, ...headers });

  it('is there for rooms that exist, under a strict policy', async () => {
    const page = await fetchRoom(room, '/test-room');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = page.headers['content-security-policy'] as string;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(page.headers['referrer-policy']).toBe('no-referrer');
    expect((await fetchRoom(room, '/no-such-room')).status).toBe(404);
  });

  it('is what a browser gets for a link that is wrong, too', async () => {
    const headers = { accept: 'text/html,application/xhtml+xml' };
    for (const path of ['/no-such-room', '/no-such-room/', '/a/b', '/room/test-room']) {
      const page = await fetchRoom(room, path, { headers });
      expect([page.status, page.headers['content-type']], path).toEqual([404, 'text/html; charset=utf-8']);
      expect((await fetchRoom(room, path)).headers['content-type'], path).toMatch(/^application\/json/);
    }
    const slash = await fetchRoom(room, '/test-room/', { headers });
    expect([slash.status, slash.headers.location]).toEqual([308, '/test-room']);
  });

  it('loads its scripts and the SDK, and nothing else of this machine', async () => {
    const sdk = await fetchRoom(room, '/assets/videosdk.js');
    expect(sdk.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(sdk.text).toContain('VideoSDK');
    for (const path of [
      '/assets/../server.ts',
      '/assets/%2e%2e%2fserver.ts',
      '/assets/tsconfig.json',
      '/assets/',
      '/assets/__proto__',
      '/assets/constructor',
    ]) {
      expect((await fetchRoom(room, path)).status, path).toBe(404);
    }
  });

  it('gets a token for one new participant of this room, an hour long', async () => {
    const answer = await askToken({ name: '  Ana\u0000 María ', language: 'Spanish' });
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const body = json(answer);
    expect(body).toMatchObject({
      participantId: expect.stringMatching(/^guest-[0-9a-f]{18}$/) as string,
      meetingId: room.roomId,
      signalingBaseUrl: room.signalingBaseUrl,
      name: 'Ana María',
      language: 'es',
    });
    const claims = JSON.parse(
      Buffer.from((body['token'] as string).split('.')[1]!, 'base64url').toString(),
    ) as Record<string, number>;
    expect(claims).toMatchObject({
      roomId: room.roomId,
      participantId: body['participantId'],
      permissions: ['allow_join'],
    });
    expect(claims['exp']! - claims['iat']!).toBe(3_600);
    const again = json(await askToken({ name: 'Ana', language: 'es' }));
    expect(again['participantId']).not.toBe(body['participantId']);
  });

  it.each<[string, unknown, Record<string, string>, number]>([
    ['a foreign origin', { name: 'A', language: 'es' }, { origin: 'https://evil.example' }, 403],
    ['no origin', { name: 'A', language: 'es' }, { origin: '' }, 403],
    ['a cross-site fetch', { name: 'A', language: 'es' }, { 'sec-fetch-site': 'cross-site' }, 403],
    ['a form', { name: 'A', language: 'es' }, { 'content-type': 'text/plain' }, 400],
    ['no name', { language: 'es' }, {}, 400],
    ['a name of controls', { name: '\u0000\u001b', language: 'es' }, {}, 400],
    ['a long name', { name: 'x'.repeat(81), language: 'es' }, {}, 400],
    ['no language', { name: 'A' }, {}, 400],
    ['an unknown language', { name: 'A', language: 'klingon of sorts' }, {}, 400],
    ['a list', [1], {}, 400],
  ])('gets none for %s', async (_what, body, headers, status) => {
    const answer = await askToken(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('eyJ');
  });

  it('is told of interpreters by ids that people cannot have', async () => {
    const bot = new SignallingClient(room, 'parley-es-en');
    const impostor = new SignallingClient(room, 'parley-impostor', {
      secret: signToken(room.secret), // a token of no participant in particular
    });
    await bot.join();
    await impostor.join();
    expect(json(await fetchRoom(room, '/test-room/bots'))).toEqual({ botIds: ['parley-es-en'] });
    bot.close();
    impostor.close();
  });
});

describe('requests that make no sense', () => {
  it.each<[string, string, Record<string, string>, string, number]>([
    ['no JSON', INIT, {}, '{', 400],
    ['a JSON text', INIT, {}, '"room"', 400],
    ['too much', INIT, {}, `{"roomId":"${'x'.repeat(70_000)}"}`, 413],
  ])('are refused: %s', async (_what, path, headers, body, status) => {
    const answer = await fetchRoom(room, path, {
      method: 'POST',
      headers: { authorization: signToken(room.secret), ...headers },
      body,
    });
    expect(answer.status).toBe(status);
  });

  it.each(['/v2/rooms', '/favicon.ico', '/test-room/else', '//', '/%', '/test-room/../..', '/?x=%zz'])(
    'on %s get an answer',
    async (path) => {
      expect([200, 404]).toContain((await fetchRoom(room, path)).status);
      expect((await fetchRoom(room, '/ping')).text).toBe('pong');
    },
  );
});
