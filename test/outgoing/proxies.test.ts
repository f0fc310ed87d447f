import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { loadCertificate } from '../../src/embedded/room-server/http/certificate.js';
import { outgoingFetch } from '../../src/outgoing/fetch.js';
import { loadProxies, parseProxy, proxyProblem } from '../../src/outgoing/proxies.js';
import { connectWebSocket } from '../../src/realtime/connection/websocket-transport.js';
import { secretsIn } from '../../src/settings/secret-variables.js';
import { type ConnectProxy, startConnectProxy } from './connect-proxy.js';

const REGISTER = fileURLToPath(new URL('../room/videosdk/children/register.mjs', import.meta.url));
const CHILD = fileURLToPath(new URL('./proxied-child.ts', import.meta.url));
const PASSWORD = 'p@ss:word';
const ROOM = { roomId: 'abcd-efgh-ijkl', customRoomId: null };
const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'];

const closers: (() => unknown)[] = [];
let folder: string;
let proxy: ConnectProxy;
let plainProxy: ConnectProxy;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-proxy-'));
  const { certificatePem, privateKeyPem } = await loadCertificate(folder, ['realtime.test'], Date.now());
  writeFileSync(join(folder, 'authority.pem'), certificatePem);
  const answer = (_: unknown, response: { end: (text: string) => void }): void =>
    response.end(JSON.stringify(ROOM));
  const secure = createServer({ cert: certificatePem, key: privateKeyPem }, answer);
  const plain = createPlainServer(answer);
  const portOf = async (server: typeof plain | typeof secure): Promise<number> => {
    const sockets = new WebSocketServer({ server });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  };
  const account = { user: 'ana', password: PASSWORD };
  proxy = await startConnectProxy({ ...account, leadsTo: await portOf(secure) });
  plainProxy = await startConnectProxy({ ...account, leadsTo: await portOf(plain) });
  closers.push(
    () => proxy.close(),
    () => plainProxy.close(),
    () => rmSync(folder, { recursive: true }),
  );
});
afterAll(async () => {
  for (const close of closers) await close();
});
afterEach(() => {
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
  plainProxy.asked.length = 0;
  plainProxy.refuseWith = undefined;
});

const addressOf = ({ port }: ConnectProxy, password = PASSWORD): string =>
  `http://ana:${encodeURIComponent(password)}@127.0.0.1:${port}`;
const transport = (url: string) =>
  connectWebSocket({ url })({ message: () => undefined, closed: () => undefined });
const messageOfRejection = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'no error',
    (error: unknown) => (error as Error).message,
  );

describe('which proxy is used', () => {
  it.each([
    [{ HTTPS_PROXY: 'http://a.test:3128' }, 'wss://x.test/v1', 'a.test:3128 HTTPS_PROXY'],
    [{ HTTPS_PROXY: 'http://a.test:3128' }, 'ws://x.test/v1', undefined],
    [{ HTTP_PROXY: 'a.test' }, 'http://x.test/', 'a.test:80 HTTP_PROXY'],
    [{ ALL_PROXY: 'https://a.test' }, 'https://x.test/', 'a.test:443 ALL_PROXY'],
    [
      { ALL_PROXY: 'http://a.test', HTTPS_PROXY: 'http://b.test' },
      'https://x.test/',
      'b.test:80 HTTPS_PROXY',
    ],
    [{ HTTPS_PROXY: 'http://a.test', NO_PROXY: 'y.test,.x.test' }, 'https://api.x.test/', undefined],
    [{ HTTPS_PROXY: 'http://a.test', NO_PROXY: '*' }, 'https://x.test/', undefined],
    [{ HTTPS_PROXY: 'http://a.test' }, 'https://localhost:8443/', undefined],
    [{ ALL_PROXY: 'http://a.test' }, 'ws://127.0.0.1:8787/', undefined],
    [{ ALL_PROXY: 'http://a.test' }, 'ws://[::1]:8787/', undefined],
    [{}, 'https://x.test/', undefined],
  ])('%j, %s: %s', async (variables, url, used) => {
    Object.assign(process.env, variables);
    const found = (await loadProxies())(url);
    expect(found && `${found.host} ${found.variable}`).toBe(used);
  });

  it.each([
    [
      'socks5://a.test:1080',
      'ALL_PROXY names a proxy of the kind socks5: Parley uses HTTP proxies, http:// or https://',
    ],
    ['http://', 'ALL_PROXY is no address: write it like http://proxy.example:3128'],
    ['http://ana:secret@', 'ALL_PROXY is no address: write it like http://proxy.example:3128'],
  ])('%s cannot be', (text, message) => {
    expect(() => parseProxy(text, 'ALL_PROXY')).toThrow(message);
  });

  it('a password is a secret, as it is written and as it is meant', () => {
    expect(secretsIn({ https_proxy: 'http://ana:p%40ss@a.test', HTTP_PROXY: 'http://a.test:80' })).toEqual([
      'p%40ss',
      'p@ss',
    ]);
  });
});

describe('a proxy that wants a password', () => {
  it('lets WebSockets and requests through to whoever has it', async () => {
    process.env['HTTP_PROXY'] = addressOf(plainProxy);
    (await transport('ws://realtime.test/v1/realtime')).close();
    expect((await outgoingFetch('http://fastino.test:81/x')).status).toBe(200);
    expect(plainProxy.asked).toEqual(['realtime.test:80', 'fastino.test:81']);
  });

  it.each([
    [
      407,
      /^realtime\.test: the proxy 127\.0\.0\.1:\d+ wants another user and password \(HTTP 407\): write them/,
    ],
    [403, /^realtime\.test: the proxy 127\.0\.0\.1:\d+ lets nothing through to there \(HTTP 403\): ask/],
    [502, /^realtime\.test: the proxy 127\.0\.0\.1:\d+ lets nothing through to there \(HTTP 502\): ask/],
  ])('says so where it refuses with %i, without the password', async (status, said) => {
    process.env['HTTP_PROXY'] = addressOf(plainProxy, status === 407 ? 'wrong-one' : PASSWORD);
    plainProxy.refuseWith = status === 407 ? undefined : status;
    const message = await messageOfRejection(transport('ws://realtime.test/v1/realtime'));
    expect(message).toMatch(said);
    const fetched = await messageOfRejection(outgoingFetch('http://realtime.test/x'));
    expect(fetched).toBe(message.replace('realtime.test: ', ''));
    for (const text of [message, fetched]) expect(text).not.toMatch(/wrong-one|p@ss|p%40ss/);
  });

  it('that is not there is what is named', async () => {
    process.env['HTTP_PROXY'] = 'http://ana:secret-word@127.0.0.1:1';
    const problem = 'the proxy 127.0.0.1:1 cannot be reached (ECONNREFUSED): check HTTP_PROXY';
    expect(await messageOfRejection(transport('ws://realtime.test/v1'))).toBe(`realtime.test: ${problem}`);
    expect(await messageOfRejection(outgoingFetch('http://realtime.test/'))).toBe(problem);
    expect(proxyProblem(parseProxy('http://127.0.0.1:1', 'HTTP_PROXY'), undefined, 'ECONNREFUSED')).toBe(
      problem,
    );
  });
});

describe('every connection of the process', () => {
  const run = (env: Readonly<Record<string, string>>) =>
    new Promise<Record<string, unknown>>((resolve) => {
      const all = { PATH: process.env['PATH'], ...env };
      execFile(process.execPath, ['--import', REGISTER, CHILD], { env: all }, (_error, out) =>
        resolve(JSON.parse(out) as Record<string, unknown>),
      );
    });

  it('goes through the proxy, and trusts the authority of NODE_EXTRA_CA_CERTS', async () => {
    const results = await run({
      HTTPS_PROXY: addressOf(proxy),
      NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem'),
    });
    expect(results).toEqual({
      realtime: 0,
      fetch: 200,
      sdkFetch: 200,
      sdkSocket: 'open',
      rooms: { roomId: 'abcd-efgh-ijkl' },
    });
    expect(proxy.asked).toEqual(Array.from({ length: proxy.asked.length }, () => 'realtime.test:443'));
    expect(proxy.asked.length).toBeGreaterThanOrEqual(4); // requests may share a tunnel
  });

  it('says what the proxy wants, and no password anywhere', async () => {
    const results = await run({ HTTPS_PROXY: addressOf(proxy, 'wrong-one') });
    expect(results['realtime']).toMatch(/the proxy 127\.0\.0\.1:\d+ wants another user and password/);
    expect(results['fetch']).toMatch(/wants another user and password/);
    expect(results['sdkFetch']).toMatch(/wants another user and password/);
    expect(results['rooms']).toBe('realtime.test cannot be reached (PROXY_WANTS_PASSWORD)');
    expect(JSON.stringify(results)).not.toMatch(/wrong-one/);
  });

  it('without that authority nothing is trusted', async () => {
    const results = await run({ HTTPS_PROXY: addressOf(proxy) });
    expect(results['realtime']).toMatch(/certificate is not trusted/);
    expect(results['rooms']).toMatch(
      /cannot be reached \((?:DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY\w+)\)/,
    );
  });
});
