/** Who is let in beside the page, and who has to give way. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { parseOrigin } from '../../../../src/embedded/http/http-guard.js';
import { fetchRoom, SignallingClient, signToken, startTestRoom } from '../harness.js';

const ORIGIN = 'http://localhost:5173';
const INIT = '/infra/v1/meetings/init-config';
let room: Awaited<ReturnType<typeof startTestRoom>> | undefined;
afterEach(async () => {
  await room?.close();
  room = undefined;
});

describe('an app of an allowed origin', () => {
  it('may ask, read the answer, and open the signalling connection', async () => {
    room = await startTestRoom({ allowedOrigins: [ORIGIN] });
    const preflight = await fetchRoom(room, INIT, {
      method: 'OPTIONS',
      headers: { origin: ORIGIN, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'GET, HEAD, POST',
      'access-control-allow-headers': 'authorization, content-type',
      vary: 'Origin',
    });
    const answer = await fetchRoom(room, INIT, {
      method: 'POST',
      headers: { origin: ORIGIN, authorization: signToken(room.secret), 'content-type': 'application/json' },
      body: JSON.stringify({ roomId: room.roomId }),
    });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, ORIGIN]);
    const ana = new SignallingClient(room, 'ana', { secret: signToken(room.secret) }, { origin: ORIGIN });
    await ana.waitFor('connectionSuccess');
    ana.close();
  });

  it('gets no token for people: that is for the page of the room itself', async () => {
    room = await startTestRoom({ allowedOrigins: [ORIGIN] });
    const { status } = await fetchRoom(room, '/test-room/token', {
      method: 'POST',
      headers: { origin: ORIGIN, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Ana', language: 'es' }),
    });
    expect(status).toBe(403);
  });

  it.each([
    'http://localhost:5174',
    'https://localhost:5173',
    'http://localhost:5173.evil.test',
    'http://sub.localhost:5173',
    'null',
    '*',
  ])('is no other origin: %s is refused', async (origin) => {
    room = await startTestRoom({ allowedOrigins: [ORIGIN] });
    for (const method of ['OPTIONS', 'POST']) {
      const answer = await fetchRoom(room, INIT, { method, headers: { origin } });
      expect(answer.status).toBe(403);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it.each(['*', 'http://*', 'http://localhost:5173/app', 'localhost:5173', 'ftp://localhost', ''])(
    '%s cannot be allowed',
    async (origin) => {
      await expect(startTestRoom({ allowedOrigins: [origin] })).rejects.toMatchObject({ code: 'usage' });
    },
  );

  it('is written as browsers send it', () => {
    expect(['http://LOCALHOST:5173/', 'https://app.test', 'http://[::1]:80'].map(parseOrigin)).toEqual([
      'http://localhost:5173',
      'https://app.test',
      undefined, // port 80 is not sent
    ]);
  });
});

describe('connections that only wait', () => {
  it('the page is served under its own address alone', async () => {
    room = await startTestRoom();
    expect((await fetchRoom(room, '/assets/index.html')).status).toBe(404);
    const page = await fetchRoom(room, '/test-room');
    expect([page.status, page.headers['content-security-policy']]).toEqual([
      200,
      expect.stringContaining("frame-ancestors 'none'"),
    ]);
  });

  it('are closed after ten seconds, before TLS and after it', async () => {
    room = await startTestRoom();
    const port = Number(new URL(room.origin).port);
    const startMs = performance.now();
    const silent = connect(port, '127.0.0.1').on('error', () => undefined);
    const idle = connectTls({ port, host: '127.0.0.1', ca: room.ca, servername: 'localhost' });
    idle.on('error', () => undefined).resume();
    silent.resume();
    await Promise.all([once(silent, 'close'), once(idle, 'close')]);
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(9_000);
  });
});
