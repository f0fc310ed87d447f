import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FastinoServer, startFastinoServer } from '../../../src/embedded/fastino-server/index.js';
import { createEchoResponder } from '../../../src/embedded/phrasebook/responders.js';
import { type RealtimeServer, startRealtimeServer } from '../../../src/embedded/realtime-server/index.js';
import { type StandInProvider, standInProvider } from '../../service/oidc/stand-in-provider.js';
import { cli } from '../run-cli.js';

let dir: string;
let videoSdk: Server | undefined;
let realtime: RealtimeServer | undefined;
let fastino: FastinoServer | undefined;
let openId: StandInProvider | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-doctor-'));
});
afterEach(async () => {
  videoSdk?.closeAllConnections();
  videoSdk?.close();
  await realtime?.close();
  await fastino?.close();
  await openId?.close();
  [videoSdk, realtime, fastino, openId] = [undefined, undefined, undefined, undefined];
  rmSync(dir, { recursive: true });
});

async function startVideoSdk(status: number, date = new Date()): Promise<string> {
  videoSdk = createServer((_request, response) => {
    response.writeHead(status, { date: date.toUTCString(), 'content-type': 'application/json' });
    response.end('{}');
  });
  await new Promise<void>((resolve) => videoSdk!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(videoSdk.address() as AddressInfo).port}`;
}

async function startOpenId(): Promise<string> {
  openId = await standInProvider({ id: 'parley', secret: 'oidc-secret-1', redirectUris: () => [] });
  return openId.issuer;
}

async function startFastino(): Promise<string> {
  fastino = await startFastinoServer({ key: 'fastino-key-1' });
  return fastino.baseUrl;
}

/** What each line says, by what it is about. */
async function examine(env: Record<string, string>) {
  const { exitCode, out, err } = await cli(['doctor'], { env: { XDG_CACHE_HOME: dir, ...env } });
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, verdict, what, text] = /^(ok|-|PROBLEM) +(\w+) +(.+)$/.exec(line)!;
      return { verdict: verdict!, what: what!, text: text! };
    });
  return {
    exitCode,
    err,
    out,
    verdicts: Object.fromEntries(lines.map(({ what, verdict }) => [what, verdict])),
    texts: Object.fromEntries(lines.map(({ what, text }) => [what, text])),
  };
}

const KEYS = { VIDEOSDK_API_KEY: 'an-api-key', VIDEOSDK_SECRET_KEY: 'a-secret-that-is-long-enough' };

describe('parley doctor', () => {
  it('is content with a machine on which nothing is set up, and asks nobody', async () => {
    const { exitCode, err, verdicts, texts } = await examine({});
    expect([exitCode, err]).toEqual([0, '']);
    expect(verdicts).toEqual({
      Node: 'ok',
      Settings: 'ok',
      WebRTC: 'ok',
      Certificate: 'ok',
      Token: '-',
      VideoSDK: '-',
      Realtime: '-',
      Stream: '-',
      Translation: '-',
      Models: '-',
      Fastino: '-',
      OpenID: '-',
      Proxy: '-',
      Clock: '-',
    });
    expect(texts['WebRTC']).toMatch(/^wrtc loads on /);
    expect(texts['Certificate']).toMatch(/until \d{4}-\d\d-\d\d; no room runs here now/);
  });

  it('is content with everything set up and reachable, and shows no key', async () => {
    realtime = await startRealtimeServer({ responder: createEchoResponder(), key: 'realtime-key-1' });
    const { exitCode, out, verdicts } = await examine({
      ...KEYS,
      VIDEOSDK_API_URL: await startVideoSdk(404),
      PARLEY_REALTIME_URL: realtime.url,
      PARLEY_REALTIME_KEY: 'realtime-key-1',
      PARLEY_OIDC_ISSUER: await startOpenId(),
      PARLEY_OIDC_CLIENT_ID: 'parley',
      PARLEY_OIDC_CLIENT_SECRET: 'oidc-secret-1',
      FASTINO_BASE_URL: await startFastino(),
      FASTINO_API_KEY: 'fastino-key-1',
    });
    expect(exitCode).toBe(0);
    const { Models, Proxy, Stream, ...others } = verdicts;
    expect([Models, Proxy, Stream]).toEqual(['ok', '-', '-']); // no proxy is needed, and no second platform
    expect(new Set(Object.values(others))).toEqual(new Set(['ok']));
    expect(out).not.toMatch(/eyJ|an-api-key|a-secret|realtime-key|fastino-key|oidc-secret/);
  });

  it('starts a live session where meetings are set to the live engine, and says why there is none', async () => {
    realtime = await startRealtimeServer({ responder: createEchoResponder(), key: 'realtime-key-1' });
    const env = {
      PARLEY_ENGINE: 'live',
      PARLEY_REALTIME_URL: realtime.url,
      PARLEY_REALTIME_KEY: 'realtime-key-1',
    };
    const there = await examine(env);
    expect(there.texts['Live']).toMatch(/ starts a live session$/);
    expect([there.exitCode, there.verdicts['Live']]).toEqual([0, 'ok']);
    realtime.faults.set({ refuseSessions: { code: 'invalid_model' } });
    const missing = await examine(env);
    expect([missing.exitCode, missing.verdicts['Live']]).toEqual([1, 'PROBLEM']);
    expect(missing.texts['Live']).toMatch(/does not know the model gpt-live-1, .*: check --live-model/);
  });

  it('names each thing that is wrong, and what to do', async () => {
    realtime = await startRealtimeServer({ responder: createEchoResponder(), key: 'realtime-key-1' });
    const { exitCode, verdicts, texts } = await examine({
      ...KEYS,
      VIDEOSDK_API_URL: await startVideoSdk(401, new Date(Date.now() - 600_000)),
      PARLEY_REALTIME_URL: realtime.url,
      PARLEY_REALTIME_KEY: 'realtime-key-2',
      PARLEY_OIDC_ISSUER: 'https://id.example.com',
      FASTINO_BASE_URL: await startFastino(),
      FASTINO_API_KEY: 'fastino-key-2',
    });
    expect(exitCode).toBe(1);
    expect(verdicts).toMatchObject({
      VideoSDK: 'PROBLEM',
      Realtime: 'PROBLEM',
      Translation: '-', // meetings need none
      Clock: 'PROBLEM',
      Fastino: 'PROBLEM',
      OpenID: 'PROBLEM',
      Token: 'ok',
    });
    expect(texts['VideoSDK']).toMatch(/refused the key: check VIDEOSDK_API_KEY/);
    expect(texts['Realtime']).toMatch(/refused the key/);
    expect(texts['Translation']).toMatch(/^none, for --engine translate: .*refused the key/);
    expect(texts['OpenID']).toMatch(/set PARLEY_OIDC_CLIENT_ID, too$/);
    expect(texts['Fastino']).toMatch(/^Fastino at 127\.0\.0\.1:\d+ refused the key: check FASTINO_API_KEY$/);
    expect(texts['Clock']).toMatch(/ahead of that of 127\.0\.0\.1:\d+: tokens will be refused/);
  });

  it('goes on when the settings cannot be read, or the cache folder cannot be written', async () => {
    writeFileSync(join(dir, 'a-file'), '');
    const { exitCode, verdicts, texts } = await examine({
      VIDEOSDK_API_KEY: 'only-half',
      XDG_CACHE_HOME: join(dir, 'a-file'),
    });
    expect(exitCode).toBe(1);
    expect(verdicts).toMatchObject({ Settings: 'PROBLEM', Certificate: 'PROBLEM', WebRTC: 'ok' });
    expect(texts['Settings']).toMatch(/VIDEOSDK_API_KEY is set and VIDEOSDK_SECRET_KEY is not/);
  });
});
