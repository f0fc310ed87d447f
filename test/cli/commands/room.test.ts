import { createServer, type Server } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isOnLoopback, reachOf } from '../../../src/cli/commands/room.js';
import { cli, type CliRun } from '../run-cli.js';

let dir: string;
const stops: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-cli-'));
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  rmSync(dir, { recursive: true });
});
const run = (args: readonly string[], env: Record<string, string> = {}): Promise<CliRun> =>
  cli(args, { env: { XDG_CACHE_HOME: dir, ...env } });

/** `parley room` in this process, until the test is over. */
async function startRoom(
  ...flags: string[]
): Promise<{ meetingId: string; text: string; stop: () => Promise<CliRun> }> {
  const abort = new AbortController();
  let running: Promise<CliRun> | undefined;
  const stop = (): Promise<CliRun> => {
    abort.abort();
    return running!;
  };
  const text = await new Promise<string>((resolve, reject) => {
    running = cli(['room', '--port', '0', ...flags], {
      env: { XDG_CACHE_HOME: dir },
      signal: abort.signal,
      onOut: resolve,
    });
    void running.then(({ err }) => reject(new Error(err)));
  });
  stops.push(stop);
  return { meetingId: / join (\S+)/.exec(text)![1]!, text, stop };
}

async function startVideoSdk(status: number, body: object): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method!} ${request.url!}`);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const KEYS = { VIDEOSDK_API_KEY: 'an-api-key', VIDEOSDK_SECRET_KEY: 'a-secret-that-is-long-enough' };

it.each([
  ['127.0.0.1', true, 'Only programs on this machine can reach it.'],
  ['::1', true, 'Only programs on this machine can reach it.'],
  ['0.0.0.0', false, 'Everyone who can reach this machine can open the page'],
  ['10.0.0.5', false, 'Everyone who can reach 10.0.0.5 can open the page'],
])('a room at %s is reached by whom that says', (host, isOnly, words) => {
  expect(isOnLoopback(host)).toBe(isOnly);
  expect(reachOf(host)).toContain(words);
});

describe('parley room', () => {
  it('says where its page is, how to invite Parley, and who can reach it; ends when interrupted', async () => {
    const { text, meetingId, stop } = await startRoom();
    expect(text).toMatch(new RegExp(`meeting page {3}https://localhost:\\d+/${meetingId}\\n`));
    expect(text).toMatch(
      new RegExp(`invite Parley {2}(?:parley|\\S+ \\S+) join ${meetingId} --languages es,en\\n`),
    );
    expect(text).toContain(
      'Only programs on this machine can reach it. With --host 0.0.0.0 others in your network can.',
    );
    expect((await stop()).exitCode).toBe(130);
    const after = await run(['room', 'validate', meetingId]);
    expect([after.exitCode, after.err]).toEqual([77, expect.stringContaining('there is nowhere to meet')]);
  });

  it('says where one’s own room is when its port is taken, and what to do', async () => {
    const { text } = await startRoom();
    const [, origin, port] = /(https:\/\/localhost:(\d+))/.exec(text)!;
    const { exitCode, err } = await run(['room', '--port', port!]);
    expect(exitCode).toBe(69);
    expect(err).toContain(
      `an embedded room of yours runs at ${origin} already, as process ${process.pid}: use it`,
    );
    expect(err).toMatch(/start another one with --port 0\n$/);
  });

  it('makes rooms and knows them, while it runs', async () => {
    const { meetingId } = await startRoom();
    const made = await run(['room', 'create']);
    expect([made.exitCode, made.out]).toEqual([0, expect.stringMatching(/^[\w-]{14}\n$/)]);
    const named = await run(['room', 'create', '--id', 'stand-up']);
    expect(named.out).toBe('stand-up\n');
    expect(named.err).toMatch(/; its page is https:\/\/localhost:\d+\/stand-up\n$/);
    for (const id of [meetingId, made.out.trim(), 'stand-up']) {
      const { exitCode, out } = await run(['room', 'validate', id]);
      expect([exitCode, out]).toEqual([0, expect.stringMatching(/has this room\n$/)]);
    }
    const unknown = await run(['room', 'validate', 'no-such-room']);
    expect([unknown.exitCode, unknown.out]).toEqual([1, expect.stringMatching(/has no such room\n$/)]);
  });
});

describe('links and ids of one’s own', () => {
  it('a room may have the same link every time, and commands take the link for the id', async () => {
    const { text } = await startRoom('--id', 'weekly-sync');
    const page = /https:\/\/localhost:\d+\/weekly-sync/.exec(text)![0];
    const valid = await run(['room', 'validate', page]);
    expect([valid.exitCode, valid.out]).toEqual([
      0,
      expect.stringMatching(/^weekly-sync: .* has this room\n$/),
    ]);
  });

  it.each([
    ['https://app.example/join?meetingId=abcd-efgh-ijkl', 'abcd-efgh-ijkl'],
    ['https://app.example/rooms/abcd-efgh-ijkl/', 'abcd-efgh-ijkl'],
  ])('%s', async (link, meetingId) => {
    const env = { ...KEYS, VIDEOSDK_API_URL: 'http://127.0.0.1:1' };
    const { out } = await run(['token', link, '--json', '--name', 'Ana'], env);
    expect(JSON.parse(out)).toMatchObject({ meetingId });
  });

  it.each(['https://localhost:8443/', 'https://', 'https://localhost:8443/a%20b'])(
    'a link without an id is said to be one: %s',
    async (link) => {
      const { exitCode, err } = await run(['token', link], KEYS);
      expect([exitCode, err]).toEqual([2, expect.stringMatching(/no meeting id is found in the link/)]);
    },
  );

  it('an id that a link could not carry is refused', async () => {
    const { exitCode, err } = await run(['room', '--port', '0', '--id', '../x']);
    expect([exitCode, err]).toEqual([2, expect.stringMatching(/--id is made of 3 to 64 letters/)]);
  });
});

describe('rooms of VideoSDK', () => {
  it('are made and validated through the REST API, and no key is shown', async () => {
    const { url, asked } = await startVideoSdk(200, { roomId: 'abcd-efgh-ijkl' });
    const env = { ...KEYS, VIDEOSDK_API_URL: url };
    const made = await run(['room', 'create'], env);
    expect([made.exitCode, made.out]).toEqual([0, 'abcd-efgh-ijkl\n']);
    const valid = await run(['room', 'validate', 'abcd-efgh-ijkl'], env);
    expect([valid.exitCode, valid.out]).toEqual([0, 'abcd-efgh-ijkl: VideoSDK has this room\n']);
    expect(asked).toEqual(['POST /v2/rooms', 'GET /v2/rooms/validate/abcd-efgh-ijkl']);
    for (const text of [made.out, made.err, valid.out, valid.err]) {
      expect(text).not.toMatch(/eyJ|an-api-key|a-secret/);
    }
  });

  it('that do not exist make exit code 1, a refused key 77', async () => {
    const none = await startVideoSdk(404, {});
    const missing = await run(['room', 'validate', 'x-y-z'], { ...KEYS, VIDEOSDK_API_URL: none.url });
    expect([missing.exitCode, missing.err]).toEqual([1, '']);
    const closed = await startVideoSdk(401, { message: 'Token is invalid' });
    const refused = await run(['room', 'validate', 'x-y-z'], { ...KEYS, VIDEOSDK_API_URL: closed.url });
    expect([refused.exitCode, refused.out]).toEqual([77, '']);
    expect(refused.err).toMatch(/^parley: [^\n]+ refused the key: check VIDEOSDK_API_KEY[^\n]+\n$/);
  });
});

describe('parley token', () => {
  const verify = (token: string, secret: string) =>
    jwtVerify(token.trim(), new TextEncoder().encode(secret), { algorithms: ['HS256'] });

  it('prints a token for one meeting and one participant, made with the keys, and asks nobody', async () => {
    const env = { ...KEYS, VIDEOSDK_API_URL: 'http://127.0.0.1:1' };
    const { exitCode, out, err } = await run(
      ['token', 'abcd-efgh-ijkl', '--participant', 'ana', '--minutes', '5'],
      env,
    );
    expect([exitCode, err]).toEqual([0, '']);
    const { payload } = await verify(out, KEYS.VIDEOSDK_SECRET_KEY);
    expect(payload).toMatchObject({ roomId: 'abcd-efgh-ijkl', participantId: 'ana', apikey: 'an-api-key' });
    expect(payload.exp! - payload.iat!).toBe(300);
  });

  it('is for a new person as JSON, with all that a page needs to join', async () => {
    const { meetingId, text } = await startRoom();
    const { out } = await run(['token', meetingId, '--json', '--name', 'Ana']);
    const entry = JSON.parse(out) as Record<string, string>;
    expect(Object.keys(entry)).toEqual(['token', 'meetingId', 'participantId', 'name', 'signalingBaseUrl']);
    expect(entry).toMatchObject({ meetingId, name: 'Ana' });
    expect(text).toContain(`https://${entry['signalingBaseUrl']}/`);
    expect(entry['participantId']).toMatch(/^guest-[0-9a-f]{18}$/);
    const secret = readFileSync(join(dir, 'parley', 'room-server.secret'), 'utf8').trim();
    const { payload } = await verify(entry['token']!, secret);
    expect(payload).toMatchObject({ roomId: meetingId, participantId: entry['participantId'] });
  });

  it('is for a new interpreter unless told otherwise, and for the embedded room that has the meeting', async () => {
    const { meetingId } = await startRoom();
    const { out } = await run(['token', meetingId], KEYS);
    const secret = readFileSync(join(dir, 'parley', 'room-server.secret'), 'utf8').trim();
    const { payload } = await verify(out, secret);
    expect(payload).toMatchObject({ roomId: meetingId, apikey: 'parley-local' });
    expect(payload['participantId']).toMatch(/^parley-[0-9a-f]{12}$/);
    const elsewhere = await run(['token', 'not-here'], KEYS);
    await verify(elsewhere.out, KEYS.VIDEOSDK_SECRET_KEY);
  });

  it.each([
    [['token', 'abcd'], {}, 77, /there is nowhere to meet: start an embedded room/],
    [
      ['token', 'abcd'],
      { VIDEOSDK_API_KEY: 'k' },
      2,
      /VIDEOSDK_API_KEY is set and VIDEOSDK_SECRET_KEY is not/,
    ],
    [
      ['token', 'abcd'],
      { VIDEOSDK_SECRET: 's' },
      2,
      /VIDEOSDK_SECRET_KEY is set and VIDEOSDK_API_KEY is not/,
    ],
    [['token', 'abcd'], { VIDEOSDK_AUTH_TOKEN: 'eyJ0.eyJh.x' }, 77, /a token makes no tokens/],
    [['token', 'a b'], KEYS, 2, /<meetingId> is made of 1 to 128 letters/],
    [['token', 'a', '--participant', 'x/y'], KEYS, 2, /--participant is made of/],
    [['token', 'a', '--participant', 'toString'], KEYS, 2, /--participant cannot be toString/],
    [['token', 'a', '--minutes', '0'], KEYS, 2, /1 to 1440/],
    [['room', '--port', '65536'], {}, 2, /0 to 65535/],
    [['room', 'create', '--id', '../x'], KEYS, 2, /--id is made of/],
    [['room', 'destroy'], KEYS, 2, /unknown command|too many arguments/],
  ] as const)('%j is refused in one line', async (args, env, exitCode, message) => {
    const refused = await run(args, { ...env });
    expect([refused.exitCode, refused.out]).toEqual([exitCode, '']);
    expect(refused.err).toMatch(message);
    expect(refused.err).toMatch(/^parley: [^\n]+\n$/);
  });

  it('says that only embedded rooms are there when they do not have the meeting', async () => {
    await startRoom();
    const { exitCode, err } = await run(['token', 'no-such-room']);
    expect([exitCode, err]).toEqual([2, expect.stringMatching(/has no meeting no-such-room: make one/)]);
  });
});
