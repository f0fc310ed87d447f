import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { ParleyError } from '../../../src/errors.js';
import { RoomsApi, type RoomsApiOptions } from '../../../src/room/videosdk/rooms-api.js';
import { readClaims } from '../../../src/room/videosdk/token-claims.js';

const KEYS = { kind: 'keys', apiKey: 'a-key', secret: 'a-secret-of-thirty-two-characters' } as const;
const ROOM = { id: '65f', roomId: 'abcd-efgh-ijkl', customRoomId: null, disabled: false };

type Asked = { method: string; path: string; authorization: string | undefined; body: unknown };
type Answer = { status?: number; body?: unknown; silent?: true; cut?: true; location?: string };

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function serve(answers: readonly Answer[], options: Partial<RoomsApiOptions> = {}) {
  const asked: Asked[] = [];
  server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const {
        status = 200,
        body,
        silent,
        cut,
        location,
      } = answers[Math.min(asked.length, answers.length - 1)]!;
      asked.push({
        method: request.method!,
        path: request.url!,
        authorization: request.headers.authorization,
        body: text === '' ? undefined : JSON.parse(text),
      });
      if (silent === true) return;
      if (cut === true) {
        request.socket.destroy();
        return;
      }
      const where = location === undefined ? {} : { location };
      response.writeHead(status, { 'content-type': 'application/json', ...where });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const api = new RoomsApi({
    credentials: KEYS,
    apiUrl: `http://127.0.0.1:${port}`,
    maxRetries: 0,
    ...options,
  });
  return { api, asked, host: `127.0.0.1:${port}` };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

async function refusalOf(request: Promise<unknown>): Promise<ParleyError> {
  const error: unknown = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ParleyError);
  expect((error as ParleyError).message).not.toMatch(/\p{Cc}/u);
  return error as ParleyError;
}

describe('createRoom', () => {
  it('asks for a room with a short token of its own that cannot join', async () => {
    const { api, asked } = await serve([{ body: ROOM }]);
    expect(await api.createRoom()).toEqual({ roomId: 'abcd-efgh-ijkl' });
    expect(asked).toMatchObject([{ method: 'POST', path: '/v2/rooms', body: {} }]);
    const claims = readClaims(asked[0]!.authorization!); // raw, without "Bearer"
    expect(claims).toMatchObject({ apikey: 'a-key', roles: ['crawler'] });
  });

  it('names a room', async () => {
    const { api, asked } = await serve([{ body: { ...ROOM, customRoomId: 'stand-up' } }]);
    expect(await api.createRoom('stand-up')).toEqual({ roomId: 'abcd-efgh-ijkl', customRoomId: 'stand-up' });
    expect(asked[0]!.body).toEqual({ customRoomId: 'stand-up' });
  });

  it('sends a token as it was given, and no other, whatever the environment holds', async () => {
    process.env['VIDEOSDK_API_KEY'] = 'not-this-key';
    process.env['VIDEOSDK_SECRET'] = 'not-this-secret';
    try {
      const { api, asked } = await serve([{ body: ROOM }], {
        credentials: { kind: 'token', token: 'eyJ0.eyJleHAiOjF9.x' }, // expired in 1970
      });
      await api.createRoom();
      expect(asked[0]!.authorization).toBe('eyJ0.eyJleHAiOjF9.x');
    } finally {
      delete process.env['VIDEOSDK_API_KEY'];
      delete process.env['VIDEOSDK_SECRET'];
    }
  });
});

describe('a room with a custom id', () => {
  const named = { ...ROOM, customRoomId: 'stand-up' };

  it('is asked for once more after a failure of the service: it is the same room', async () => {
    const { api, asked } = await serve([{ status: 500, body: {} }, { body: named }]);
    expect(await api.createRoom('stand-up')).toEqual({ roomId: 'abcd-efgh-ijkl', customRoomId: 'stand-up' });
    expect(asked).toHaveLength(2);
  });

  it('and after a connection that broke', async () => {
    const { api, asked } = await serve([{ cut: true }, { body: named }]);
    expect(await api.createRoom('stand-up')).toMatchObject({ customRoomId: 'stand-up' });
    expect(asked).toHaveLength(2);
  });

  it('is asked for twice at most, and not at all again where the service will not', async () => {
    const failing = await serve([{ status: 500, body: {} }]);
    expect((await refusalOf(failing.api.createRoom('stand-up'))).message).toContain('a problem of its own');
    expect(failing.asked).toHaveLength(2);
    const refusing = await serve([{ status: 400, body: {} }]);
    expect((await refusalOf(refusing.api.createRoom('stand-up'))).code).toBe('usage');
    expect(refusing.asked).toHaveLength(1);
  });

  it('without an id it is not asked for again: there would be two', async () => {
    const { api, asked } = await serve([{ status: 500, body: {} }]);
    await refusalOf(api.createRoom());
    expect(asked).toHaveLength(1);
  });
});

describe('tokens of our own', () => {
  it('are made anew before they end', async () => {
    const clock = new VirtualClock();
    const { api, asked } = await serve([{ body: ROOM }], { clock });
    for (const waitMs of [0, 230_000, 20_000]) {
      clock.advanceBy(waitMs);
      await new Promise((resolve) => setTimeout(resolve, 1_100)); // tokens tell whole seconds apart
      await api.findRoom('abcd-efgh-ijkl');
    }
    const [first, second, third] = asked.map(({ authorization }) => authorization);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });
});

describe('findRoom', () => {
  it('finds one', async () => {
    const { api, asked } = await serve([{ body: ROOM }]);
    expect(await api.findRoom('abcd-efgh-ijkl')).toEqual({ roomId: 'abcd-efgh-ijkl' });
    expect(asked).toMatchObject([
      { method: 'GET', path: '/v2/rooms/validate/abcd-efgh-ijkl', body: undefined },
    ]);
  });

  it.each([400, 402, 404])('finds none when the service says %i', async (status) => {
    const { api } = await serve([{ status, body: { error: 'room not found' } }]);
    expect(await api.findRoom('abcd-efgh-ijkl')).toBeUndefined();
  });

  it('keeps an id inside its place in the address', async () => {
    const { api, asked } = await serve([{ status: 404, body: {} }]);
    await api.findRoom('../deactivate?x=1#y');
    expect(asked[0]!.path).toBe('/v2/rooms/validate/..%2Fdeactivate%3Fx%3D1%23y');
  });

  it('asks again when the service has a problem, as asking twice does no harm', async () => {
    const { api, asked } = await serve([{ status: 503, body: {} }, { body: ROOM }], { maxRetries: 1 });
    expect(await api.findRoom('abcd-efgh-ijkl')).toEqual({ roomId: 'abcd-efgh-ijkl' });
    expect(asked).toHaveLength(2);
  });
});

describe('what goes wrong', () => {
  it.each<[Answer, string, boolean, RegExp]>([
    [
      { status: 401, body: {} },
      'key_refused',
      false,
      /refused the key: check VIDEOSDK_API_KEY and VIDEOSDK_/,
    ],
    [
      { status: 403, body: { message: 'plan' } },
      'key_refused',
      false,
      /does not allow this with this key: plan$/,
    ],
    [{ status: 400, body: { error: 'bad id' } }, 'usage', false, /did not accept this: bad id$/],
    [{ status: 409, body: { msg: 'taken' } }, 'usage', false, /did not accept this: taken$/],
    [{ status: 429, body: {} }, 'service_unavailable', true, /takes no more requests just now/],
    [{ status: 500, body: 'oops' }, 'service_unavailable', true, /has a problem of its own \(HTTP 500\)$/],
    [{ status: 418, body: 'tea' }, 'protocol', false, /answered with HTTP 418: tea$/],
    [{ body: 'not JSON' }, 'protocol', false, /did not answer with a room$/],
    [{ body: { roomId: 7 } }, 'protocol', false, /did not answer with a room$/],
    [{ body: null }, 'protocol', false, /did not answer with a room$/],
    [{ silent: true }, 'service_unavailable', true, /did not answer in time/],
  ])('is one line and one code for %j', async (answer, code, retryable, message) => {
    const { api, host } = await serve([answer], { timeoutMs: 500 });
    const error = await refusalOf(api.createRoom());
    expect(error.code).toBe(code);
    expect(error.retryable).toBe(retryable);
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(host)).toBe(true);
  });

  it('follows no redirect: the token goes to one address', async () => {
    const { api, asked, host } = await serve([
      { status: 307, body: {}, location: '/elsewhere' },
      { body: ROOM },
    ]);
    const { code, message } = await refusalOf(api.findRoom('abcd-efgh-ijkl'));
    expect([code, message]).toEqual([
      'protocol',
      `${host} answered with HTTP 307: redirects are not followed, check VIDEOSDK_API_URL`,
    ]);
    expect(asked).toHaveLength(1);
  });

  it('names the cause when nobody listens', async () => {
    const { api, host } = await serve([{ body: ROOM }]);
    await new Promise((resolve) => server!.close(resolve));
    const error = await refusalOf(api.createRoom());
    expect([error.code, error.message]).toEqual([
      'service_unavailable',
      `${host} cannot be reached (ECONNREFUSED)`,
    ]);
  });

  it('repeats neither a token nor control characters of what the service says', async () => {
    const leak = 'bad \u001b[31m token eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln\r\nsecond line';
    const { api } = await serve([{ status: 400, body: { message: leak } }]);
    const { message } = await refusalOf(api.createRoom());
    expect(message).not.toContain('eyJ');
    expect(message).toMatch(/did not accept this: bad \[31m token \[redacted\] second line$/);
  });
});
