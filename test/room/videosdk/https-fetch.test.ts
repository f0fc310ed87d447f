import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseInitConfig, SdkFetch } from '../../../src/room/videosdk/https-fetch.js';

const PATH = '/infra/v1/meetings/init-config';
const CONFIG = {
  data: {
    baseUrl: 'localhost:1',
    iceServers: '',
    observability: {
      jwt: 'x',
      traces: { enabled: true, endPoint: 'https://telemetry.example/traces' },
      logs: { enabled: true, endPoint: 'https://telemetry.example/logs' },
    },
  },
};

let server: Server;
let host: string;
let ca: string;
let answer: { status: number; body: string };

beforeAll(async () => {
  const identity = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  ca = identity.cert;
  server = createServer({ key: identity.private, cert: identity.cert }, (request, response) => {
    request.resume();
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `localhost:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const initConfig = (sdkFetch: SdkFetch, to = host): Promise<Response> =>
  sdkFetch.fetch(`https://${to}${PATH}`, { method: 'POST', headers: {}, body: '{"roomId":"r"}' });

describe('SdkFetch', () => {
  it('reaches the embedded server with its authority, for that address only', async () => {
    answer = { status: 200, body: JSON.stringify(CONFIG) };
    const trusting = new SdkFetch({ trusted: { host, ca }, telemetry: false });
    expect((await initConfig(trusting)).status).toBe(200);
    expect(trusting.initConfigFailure).toBeUndefined();
    const otherHost = new SdkFetch({ trusted: { host: 'localhost:9', ca }, telemetry: false });
    await expect(initConfig(otherHost)).rejects.toThrow();
    expect(otherHost.initConfigFailure?.kind).toBe('distrusted');
  });

  it('says to the SDK that no telemetry is wanted, and drops what is sent all the same', async () => {
    answer = { status: 200, body: JSON.stringify(CONFIG) };
    const sdkFetch = new SdkFetch({ trusted: { host, ca }, telemetry: false });
    const config = (await (await initConfig(sdkFetch)).json()) as typeof CONFIG;
    expect(config.data.observability.traces.enabled).toBe(false);
    expect(config.data.observability.logs.enabled).toBe(false);
    expect(config.data.baseUrl).toBe('localhost:1');
    const dropped = await sdkFetch.fetch('https://telemetry.example/traces', { method: 'POST', body: '{}' });
    expect(dropped.status).toBe(200);
  });

  it('leaves telemetry on when it is asked for', async () => {
    answer = { status: 200, body: JSON.stringify(CONFIG) };
    const sdkFetch = new SdkFetch({ trusted: { host, ca }, telemetry: true });
    expect(await (await initConfig(sdkFetch)).json()).toEqual(CONFIG);
  });

  it('keeps why: nobody there, not trusted, garbled, refused', async () => {
    const failureOf = async (sdkFetch: SdkFetch, to = host) => {
      await initConfig(sdkFetch, to).catch(() => undefined);
      return sdkFetch.initConfigFailure;
    };
    const trusting = () => new SdkFetch({ trusted: { host, ca }, telemetry: false });
    answer = { status: 200, body: JSON.stringify(CONFIG) };
    expect(await failureOf(new SdkFetch({ telemetry: false }))).toMatchObject({ kind: 'distrusted' });
    expect(await failureOf(trusting(), 'localhost:1')).toEqual({
      kind: 'unreachable',
      host: 'localhost:1',
      code: 'ECONNREFUSED',
    });
    expect(await failureOf(trusting(), 'no-such-host.invalid')).toMatchObject({ kind: 'unreachable' });
    answer = { status: 200, body: '<html>' };
    expect(await failureOf(trusting())).toEqual({ kind: 'garbled', host, problem: 'is not JSON' });
    answer = { status: 200, body: 'x'.repeat(2 * 1024 * 1024) };
    expect(await failureOf(trusting())).toEqual({ kind: 'garbled', host, problem: 'is far too long' });
    answer = { status: 401, body: '{"code":4002,"error":"Token is invalid"}' };
    expect(await failureOf(trusting())).toEqual({
      kind: 'refused',
      host,
      status: 401,
      code: 4002,
      message: 'Token is invalid',
    });
  });

  it('forgets a failure when the next try works', async () => {
    const sdkFetch = new SdkFetch({ trusted: { host, ca }, telemetry: false });
    answer = { status: 500, body: 'oops' };
    await initConfig(sdkFetch);
    expect(sdkFetch.initConfigFailure).toEqual({ kind: 'refused', host, status: 500 });
    answer = { status: 200, body: JSON.stringify(CONFIG) };
    await initConfig(sdkFetch);
    expect(sdkFetch.initConfigFailure).toBeUndefined();
  });

  it('speaks HTTPS only', async () => {
    const sdkFetch = new SdkFetch({ telemetry: false });
    await expect(sdkFetch.fetch(`http://localhost:1${PATH}`)).rejects.toThrow('http: is not HTTPS');
  });
});

describe('parseInitConfig', () => {
  it.each([
    ['null', 'has no "data"'],
    ['[]', 'has no "data"'],
    ['7', 'has no "data"'],
    ['{}', 'has no "data"'],
    ['{"data":[]}', 'has no "data"'],
    ['{"data":{}}', 'has no "data.baseUrl"'],
    ['{"data":{"baseUrl":7}}', 'has no "data.baseUrl"'],
    ['{"data":{"baseUrl":"h"}}', 'has no "data.observability"'],
    ['{"data":{"baseUrl":"h","observability":{"traces":{}}}}', 'has no "data.observability"'],
    ['', 'is not JSON'],
  ])('%s %s', (text, problem) => {
    expect(parseInitConfig(200, text)).toEqual({ kind: 'garbled', problem });
  });

  it.each(['', 'null', '[]', '{"code":"4002","error":7}'])('a refusal may say anything: %s', (text) => {
    expect(parseInitConfig(418, text)).toEqual({ kind: 'refused', status: 418 });
  });
});
