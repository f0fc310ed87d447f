import { once } from 'node:events';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { VirtualClock } from '../../../src/clock.js';
import { ParleyError } from '../../../src/errors.js';
import { connectFailure } from '../../../src/realtime/connection/connect-errors.js';
import {
  connectWebSocket,
  MAX_MESSAGE_BYTES,
  type ConnectionNotice,
  type ConnectionOptions,
} from '../../../src/realtime/connection/websocket-transport.js';
import type { RealtimeTransport, TransportClose } from '../../../src/realtime/transport.js';
import { transportContract, turns, until, type ScriptStep } from '../../contract/transport-contract.js';

const KEY = 'sk-test-0123456789abcdef';
const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A WebSocket server on loopback that calls `onLine` for each connection. */
async function webSocketServer(onConnection: (socket: WebSocket) => void, port = 0) {
  const server = new WebSocketServer({ host: '127.0.0.1', port, maxPayload: 2 * MAX_MESSAGE_BYTES });
  server.on('connection', onConnection);
  await once(server, 'listening');
  const close = async () => {
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  };
  cleanups.push(close);
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/realtime?model=m`, close };
}

/** A bare TCP server on loopback. */
async function tcpServer(onSocket: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/realtime`, sockets };
}

/** A bare TCP server that hands over each socket once its upgrade request is there. */
function upgradeServer(onRequest: (socket: Socket, request: string) => void) {
  return tcpServer((socket) => {
    let request = '';
    socket.on('data', function read(chunk: Buffer) {
      request += chunk.toString('latin1');
      if (!request.includes('\r\n\r\n')) return;
      socket.off('data', read);
      onRequest(socket, request);
    });
  });
}

/** The answer that completes the opening handshake (RFC 6455 section 4.2.2). */
function upgradeAnswer(request: string): string {
  const key = /sec-websocket-key: *(\S+)/i.exec(request)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new Error('short texts only');
  return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
}

/** Opens a connection and collects what it tells. */
async function openConnection(options: ConnectionOptions) {
  const messages: string[] = [];
  const closes: TransportClose[] = [];
  const notices: ConnectionNotice[] = [];
  const connection: RealtimeTransport = await connectWebSocket({
    onNotice: (notice) => notices.push(notice),
    ...options,
  })({ message: (text) => messages.push(text), closed: (close) => closes.push(close) });
  cleanups.push(() => {
    connection.close();
  });
  return { connection, messages, closes, notices };
}

/** The error with which opening fails; nothing may be delivered on the way. */
async function refusalOf(options: ConnectionOptions): Promise<ParleyError> {
  const heard: unknown[] = [];
  const error: unknown = await connectWebSocket(options)({
    message: (text) => heard.push(text),
    closed: (close) => heard.push(close),
  }).then(
    () => new Error('the connection opened'),
    (reason: unknown) => reason,
  );
  await turns();
  expect(heard).toEqual([]);
  expect(error).toBeInstanceOf(ParleyError);
  const refusal = error as ParleyError;
  expect(refusal.message).not.toContain('\n');
  expect(refusal.message.length).toBeLessThan(400);
  return refusal;
}

/** A server that answers the upgrade request with plain HTTP. */
async function httpServer(answer: (response: ServerResponse) => void) {
  let requests = 0;
  const server = createHttpServer();
  server.on('upgrade', (request, socket) => {
    requests++;
    // An HTTP answer in place of the upgrade.
    const inner = createHttpServer((_request, response) => {
      answer(response);
    });
    inner.emit('connection', socket);
    socket.unshift(
      Buffer.from(
        `${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      ),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}/v1/realtime`, requests: () => requests };
}

transportContract('WebSocket', async (script) => {
  const { url, close } = await webSocketServer((socket) => {
    const steps: ScriptStep[] = [...script];
    const play = () => {
      while (steps[0] !== undefined && !('client' in steps[0])) {
        const step = steps.shift();
        if (step !== undefined && 'server' in step) socket.send(step.server);
        else if (step !== undefined && 'close' in step) socket.close(step.close.code, step.close.reason);
      }
    };
    socket.on('message', (data) => {
      const step = steps.shift();
      expect(step).toEqual({ client: (data as Buffer).toString() });
      play();
    });
    play();
  });
  return { open: connectWebSocket({ url }), dispose: close };
});

describe('opening', () => {
  it('sends the headers and the query, and offers no compression', async () => {
    let request = '';
    const { url } = await upgradeServer((socket, text) => {
      request = text;
      socket.write(upgradeAnswer(text));
    });
    await openConnection({
      url: `${url}?model=gpt-realtime-2.1`,
      headers: { Authorization: `Bearer ${KEY}` },
    });
    expect(request).toMatch(/^GET \/v1\/realtime\?model=gpt-realtime-2\.1 HTTP\/1\.1\r\n/);
    expect(request).toContain(`Authorization: Bearer ${KEY}\r\n`);
    expect(request).not.toMatch(/sec-websocket-extensions|openai-beta|origin:/i);
  });

  it('holds messages that arrive in the packet of the upgrade until the connection is handed over', async () => {
    const { url } = await upgradeServer((socket, request) => {
      socket.write(
        Buffer.concat([Buffer.from(upgradeAnswer(request)), textFrame('first'), textFrame('second')]),
      );
    });
    const order: string[] = [];
    const opened = connectWebSocket({ url })({
      message: (text) => order.push(text),
      closed: () => undefined,
    });
    // Several hops of promises, as between a transport and a session that wraps it.
    const connection = await opened.then((it) => it).then((it) => it);
    order.push('open');
    await until(() => order.length === 3);
    expect(order).toEqual(['open', 'first', 'second']);
    connection.close();
  });

  it.each([
    [401, 'key_refused', false, /refused the key \(HTTP 401\).*check the key/],
    [403, 'key_refused', false, /refused the key \(HTTP 403\)/],
    [404, 'service_unavailable', false, /model or URL unknown.*--model.*--url/],
    [429, 'service_unavailable', true, /out of quota.*in 7 s/],
    [500, 'service_unavailable', true, /HTTP 500.*in 7 s/],
    [503, 'service_unavailable', true, /HTTP 503/],
    [200, 'service_unavailable', false, /answered HTTP 200/],
    [302, 'service_unavailable', false, /redirects are not followed/],
    [418, 'service_unavailable', false, /answered HTTP 418/],
  ] as const)('HTTP %i becomes %s', async (status, code, retryable, message) => {
    const { url, requests } = await httpServer((response) => {
      response.writeHead(status, { 'retry-after': '7', location: 'http://127.0.0.1:1/elsewhere' });
      response.end(
        JSON.stringify({ error: { message: `No.\u0007\nBad key ${KEY}, Bearer ${KEY} ${'x'.repeat(500)}` } }),
      );
    });
    const error = await refusalOf({ url, headers: { Authorization: `Bearer ${KEY}` } });
    expect(error.code).toBe(code);
    expect(error.retryable).toBe(retryable);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(new URL(url).host);
    expect(error.message).toContain('No. Bad key [redacted]');
    expect(error.message).not.toContain(KEY);
    expect(error.message).not.toContain('\u0007');
    expect(requests()).toBe(1); // no redirect followed
  });

  it('takes a key of no known shape out of what the server says', async () => {
    const { url } = await httpServer((response) => {
      response.writeHead(401).end('wrong key: opensesame');
    });
    const error = await refusalOf({ url, headers: { Authorization: 'Bearer opensesame' } });
    expect(error.message).toContain('wrong key: [redacted]');
  });

  it('says where a key belongs when none was sent', async () => {
    const { url } = await httpServer((response) => {
      response.writeHead(401).end('Missing bearer authentication: send a key');
    });
    const error = await refusalOf({ url });
    expect(error.code).toBe('key_refused');
    expect(error.message).toMatch(
      /wants a key \(HTTP 401\): Missing bearer authentication: send a key; set PARLEY_REALTIME_KEY/,
    );
  });

  it('cuts a refusal whose body never ends', async () => {
    const { url } = await httpServer((response) => {
      response.writeHead(500);
      const more = () => {
        if (!response.destroyed) response.write('y'.repeat(1000), () => setImmediate(more));
      };
      more();
    });
    expect((await refusalOf({ url })).message).toMatch(/HTTP 500\): y{199}…/);
  });

  it.each([[0], [-5], ['Tue, 01 Jan 2030 00:00:00 GMT'], [999_999_999], ['7; rm']])(
    'does not repeat a Retry-After of %s',
    async (retryAfter) => {
      const { url } = await httpServer((response) => {
        response.writeHead(429, { 'retry-after': String(retryAfter) }).end();
      });
      expect((await refusalOf({ url })).message).toMatch(/try again later$/);
    },
  );

  it.each([
    ['seconds', '7', 7_000, /try again in 7 s$/],
    ['a date', 'Thu, 01 Jan 2026 00:01:30 GMT', 90_000, /try again in 90 s$/],
    ['a date that is over', 'Wed, 31 Dec 2025 23:59:59 GMT', undefined, /try again later$/],
    ['no date that HTTP knows', '2026-01-01T00:01:30Z', undefined, /try again later$/],
    ['more than an hour', '3601', undefined, /try again later$/],
  ])('tells how long to wait: Retry-After with %s', async (_what, retryAfter, retryAfterMs, words) => {
    const { url } = await httpServer((response) => {
      response.writeHead(503, { 'retry-after': retryAfter }).end();
    });
    const clock = new VirtualClock({ epochOriginMs: Date.UTC(2026, 0, 1) });
    const error = await refusalOf({ url, clock });
    expect(error).toMatchObject({ retryable: true, retryAfterMs });
    expect(error.message).toMatch(words);
  });

  it.each([
    [429, 'insufficient_quota', 'service_unavailable', /out of quota: check its plan and billing \(HTTP 429/],
    [403, 'unsupported_country_region_territory', 'service_unavailable', /not offered in this region/],
    [400, 'model_not_found', 'service_unavailable', /does not know the model/],
    [403, 'invalid_api_key', 'key_refused', /refused the key/],
  ])('HTTP %i with the code %s is not tried again', async (status, code, kind, words) => {
    const { url } = await httpServer((response) => {
      response.writeHead(status).end(JSON.stringify({ error: { code, message: 'No.' } }));
    });
    const error = await refusalOf({ url, headers: { Authorization: `Bearer ${KEY}` } });
    expect(error).toMatchObject({ code: kind, retryable: false });
    expect(error.message).toMatch(words);
    expect(error.message).toContain(new URL(url).host);
  });

  it('names the host when nothing listens', async () => {
    const { url, close } = await webSocketServer(() => undefined);
    await close();
    const error = await refusalOf({ url });
    expect(error).toMatchObject({ code: 'service_unavailable', retryable: true });
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+: nothing is listening there/);
  });

  it('names the host when there is none of that name', async () => {
    const error = await refusalOf({ url: 'wss://no-such-host.invalid/v1/realtime' });
    expect(error.code).toBe('service_unavailable');
    expect(error.message).toMatch(/^no-such-host\.invalid: (no such host|name lookup failed)/);
  });

  it('says so when TLS meets a plain server', async () => {
    const { url } = await tcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const error = await refusalOf({ url: url.replace('ws:', 'wss:') });
    expect(error).toMatchObject({ code: 'service_unavailable', retryable: false });
    expect(error.message).toMatch(/does not speak TLS/);
  });

  it.each([
    ['random bytes', Buffer.from([0xff, 0x00, 0x13, 0x37, 0x0d, 0x0a, 0x0d, 0x0a])],
    ['another protocol', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n\r\n')],
    [
      'a wrong accept key',
      Buffer.from(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n',
      ),
    ],
    [
      'an upgrade to something else',
      Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'),
    ],
  ])('refuses a server that answers with %s', async (_what, answer) => {
    const { url } = await tcpServer((socket) => socket.end(answer));
    const error = await refusalOf({ url });
    expect(error.code).toBe('service_unavailable');
    expect(error.message).toMatch(/does not answer as a WebSocket server; check --url/);
  });

  it('says so when the server hangs up during the handshake', async () => {
    const ended = await upgradeServer((socket) => socket.end());
    const reset = await upgradeServer((socket) => socket.resetAndDestroy());
    for (const { url } of [ended, reset]) {
      const error = await refusalOf({ url });
      expect(error).toMatchObject({ code: 'service_unavailable', retryable: true });
      expect(error.message).toMatch(/dropped the connection before it was open/);
    }
  });

  it('gives up on a server that never finishes its answer', async () => {
    let reached = false;
    const server = await upgradeServer((socket) => {
      reached = true;
      socket.write('HTTP/1.1 101 Switching');
    });
    const clock = new VirtualClock();
    const refused = refusalOf({ url: server.url, clock, connectTimeoutMs: 5_000 });
    await until(() => reached);
    clock.advanceBy(4_999);
    await turns();
    clock.advanceBy(1);
    const error = await refused;
    expect(error).toMatchObject({ code: 'service_unavailable', retryable: true });
    expect(error.message).toMatch(/did not answer within 5000 ms/);
    await until(() => [...server.sockets].every((socket) => socket.destroyed || socket.readableEnded));
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it.each(['sk-with\nnewline', 'sk-with\u0000nul', 'sk-schlüssel-中'])(
    'refuses a key that no header can carry, without showing it',
    async (key) => {
      const error = await refusalOf({
        url: 'ws://127.0.0.1:9/',
        headers: { Authorization: `Bearer ${key}` },
      });
      expect(error.code).toBe('key_refused');
      expect(error.message).not.toContain('sk-');
    },
  );

  it.each(['', 'nonsense', 'ftp://example.test/', 'ws://', 'ws://127.0.0.1/#part'])(
    'refuses %j as a URL',
    async (url) => {
      expect((await refusalOf({ url })).message).toMatch(/is no WebSocket URL; check --url/);
    },
  );
});

describe('a connection that breaks before it is open', () => {
  it.each([
    ['ENOTFOUND', true, /^host\.test: no such host; check --url and the network$/],
    ['EAI_AGAIN', true, /^host\.test: name lookup failed/],
    ['ECONNREFUSED', true, /^host\.test: nothing is listening there/],
    ['ETIMEDOUT', true, /^host\.test cannot be reached \(ETIMEDOUT\)/],
    ['ENETUNREACH', true, /^host\.test cannot be reached \(ENETUNREACH\)/],
    ['ECONNRESET', true, /^host\.test dropped the connection/],
    ['CERT_HAS_EXPIRED', false, /^host\.test: its TLS certificate is not trusted \(CERT_HAS_EXPIRED\)/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', false, /certificate is not trusted/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false, /certificate is not trusted/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false, /certificate is not trusted/],
    ['EPROTO', false, /^host\.test does not speak TLS as expected/],
    ['HPE_INVALID_CONSTANT', false, /^host\.test does not answer as a WebSocket server/],
  ])('%s is told in one line', (code, retryable, message) => {
    const cause = Object.assign(new Error(`raw text of ${code}`), { code });
    const error = connectFailure('host.test', cause);
    expect(error).toMatchObject({ code: 'service_unavailable', retryable, cause });
    expect(error.message).toMatch(message);
  });
});

describe('an open line', () => {
  it('ignores binary messages, counts them and reports them', async () => {
    const { url } = await webSocketServer((socket) => {
      socket.send(Buffer.from([1, 2, 3]));
      socket.send('text');
      socket.send(Buffer.alloc(0));
      socket.send('more');
    });
    const { connection, messages, notices } = await openConnection({ url });
    await until(() => messages.length === 2);
    expect(messages).toEqual(['text', 'more']);
    expect(connection.receivedCount).toBe(2);
    expect(notices.map(({ kind, count }) => [kind, count])).toEqual([
      ['binary_message', 1],
      ['binary_message', 2],
    ]);
  });

  it('reports a handler that throws, each time', async () => {
    const { url } = await webSocketServer((socket) => {
      socket.send('a');
      socket.send('b');
    });
    const notices: ConnectionNotice[] = [];
    const connection = await connectWebSocket({ url, onNotice: (notice) => notices.push(notice) })({
      message: (text) => {
        throw new Error(`cannot take ${text}`);
      },
      closed: () => undefined,
    });
    await until(() => connection.receivedCount === 2);
    expect(notices).toEqual([
      { kind: 'handler_failed', count: 1, message: 'a message handler failed: cannot take a' },
      { kind: 'handler_failed', count: 2, message: 'a message handler failed: cannot take b' },
    ]);
    connection.close();
  });

  it('hands on no key that the server quotes, be it the one that it was given or another', async () => {
    const own = 'plain-0123456789';
    const messages = [
      { type: 'error', error: { message: `Incorrect key ${own} see https://x.test/?key=abc now` } },
      { type: 'error', error: { message: 'You sent "Bearer sk-somebody-elses-key"' } },
      { type: 'session.created', session: { note: own } },
      { type: 'response.output_audio_transcript.delta', delta: 'my key is sk-spoken-aloud' },
    ];
    const { url } = await webSocketServer((socket) => {
      for (const message of messages) socket.send(JSON.stringify(message));
      socket.close(4000, `no ${own}`);
    });
    const received: unknown[] = [];
    const closed = new Promise<TransportClose>((resolve) => {
      void connectWebSocket({ url, headers: { Authorization: `Bearer ${own}` } })({
        message: (text) => received.push(JSON.parse(text)),
        closed: resolve,
      });
    });
    expect(await closed).toEqual({ code: 4000, reason: 'no [redacted]' });
    expect(received).toEqual([
      {
        type: 'error',
        error: { message: 'Incorrect key [redacted] see https://x.test/?key=[redacted] now' },
      },
      { type: 'error', error: { message: 'You sent "Bearer [redacted]"' } },
      { type: 'session.created', session: { note: '[redacted]' } },
      messages[3], // what people say is theirs
    ]);
  });

  it('puts frames together that were split across packets, down to single bytes', async () => {
    const { url } = await upgradeServer((socket, request) => {
      const bytes = Buffer.concat([Buffer.from(upgradeAnswer(request)), textFrame('héllo'), textFrame('🙂')]);
      socket.setNoDelay(true);
      let offset = 0;
      const next = () => {
        if (offset < bytes.length) socket.write(bytes.subarray(offset, ++offset), () => setImmediate(next));
      };
      next();
    });
    const { messages } = await openConnection({ url });
    await until(() => messages.length === 2);
    expect(messages).toEqual(['héllo', '🙂']);
  });

  it.each([
    ['a message over 64 MiB', Buffer.from([0x81, 127, 0, 0, 0, 0, 0x04, 0, 0, 1]), /payload/i],
    ['text that is not UTF-8', Buffer.from([0x81, 2, 0xc3, 0x28]), /UTF-8/],
    ['reserved bits', Buffer.from([0xf1, 1, 0x41]), /RSV/],
    ['an unknown opcode', Buffer.from([0x83, 1, 0x41]), /opcode/],
  ])('closes on %s and says why', async (_what, frame, reason) => {
    const { url } = await upgradeServer((socket, request) => {
      socket.write(upgradeAnswer(request));
      socket.write(textFrame('before'));
      socket.write(frame);
      socket.on('data', () => socket.end());
    });
    const { messages, closes } = await openConnection({ url });
    await until(() => closes.length > 0);
    expect(messages).toEqual(['before']);
    expect(closes).toEqual([{ code: 1006, reason: expect.stringMatching(reason) as string }]);
  });

  it('takes a message of many megabytes', async () => {
    const { url } = await webSocketServer((socket) => {
      socket.send('x'.repeat(20 * 1024 * 1024));
    });
    const { messages } = await openConnection({ url });
    await until(() => messages.length === 1);
    expect(messages[0]).toHaveLength(20 * 1024 * 1024);
  });

  it('tells 1006 once when the connection is reset, with messages before it delivered', async () => {
    const { url, sockets } = await upgradeServer((socket, request) => {
      socket.write(upgradeAnswer(request));
      socket.write(textFrame('last words'));
    });
    const { connection, messages, closes } = await openConnection({ url });
    await until(() => messages.length === 1);
    for (const socket of sockets) socket.resetAndDestroy();
    await until(() => closes.length > 0);
    await turns();
    expect(messages).toEqual(['last words']);
    expect(closes).toHaveLength(1);
    expect(closes[0]?.code).toBe(1006);
    connection.send('too late');
    expect(connection.sentCount).toBe(0);
  });

  it('finds a half-open line by its unanswered pings, and not an idle one', async () => {
    const clock = new VirtualClock();
    const silent = await upgradeServer((socket, request) => {
      socket.write(upgradeAnswer(request));
    });
    const idle = await webSocketServer(() => undefined); // answers pings
    const dead = await openConnection({ url: silent.url, clock, pingIntervalMs: 1_000 });
    const alive = await openConnection({ url: idle.url, clock, pingIntervalMs: 1_000 });
    for (let interval = 1; interval <= 10; interval++) {
      expect(dead.closes).toHaveLength(interval <= 3 ? 0 : 1);
      clock.advanceBy(1_000);
      await turns(50);
    }
    expect(dead.closes).toEqual([{ code: 1006, reason: 'no sign of life for 2000 ms' }]);
    expect(alive.closes).toEqual([]);
    alive.connection.close();
    await until(() => alive.closes.length === 1);
    expect(clock.nextDueMs()).toBeUndefined(); // no timer outlives its connection
  });

  it('shows what has not left the process yet', async () => {
    const { url } = await upgradeServer((socket, request) => {
      socket.write(upgradeAnswer(request));
      socket.pause();
    });
    const { connection } = await openConnection({ url });
    expect(connection.bufferedAmountBytes).toBe(0);
    for (let n = 0; n < 40; n++) connection.send('x'.repeat(1 << 20));
    expect(connection.bufferedAmountBytes).toBeGreaterThan(10 << 20);
    expect(connection.sentCount).toBe(40);
  });

  it('cuts a reason that a close frame cannot hold, between characters', async () => {
    let reason = '';
    const { url } = await webSocketServer((socket) => {
      socket.on('close', (_code, bytes) => (reason = bytes.toString()));
    });
    const { connection, closes } = await openConnection({ url });
    connection.close(1000, 'é'.repeat(100));
    await until(() => closes.length > 0 && reason !== '');
    expect(reason).toBe('é'.repeat(61));
  });
});
