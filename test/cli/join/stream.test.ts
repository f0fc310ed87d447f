/** `parley join --stream`, up to where the client would be loaded, which is the host's and not installed here. */
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { checkStream } from '../../../src/cli/doctor/checks.js';
import { createUserToken } from '../../../src/room/stream/tokens.js';
import { resolveSettings } from '../../../src/settings/resolve-settings.js';
import { cli } from '../run-cli.js';

const KEYS = { STREAM_API_KEY: 'an-app-key', STREAM_API_SECRET: 'an-app-secret-of-some-length' };
const CALL = 'default:weekly-sync';

describe('parley join --stream', () => {
  it.each([
    [
      'without the client, says what to install',
      ['--stream', CALL],
      KEYS,
      2,
      /not installed: install it beside Parley: npm install @stream-io\/video-client@1\.60\.0/,
    ],
    ['the same by --platform', ['--platform', 'stream', CALL], KEYS, 2, /not installed/],
    ['the same by a variable', [CALL], { ...KEYS, PARLEY_PLATFORM: 'stream' }, 2, /not installed/],
    ['without keys, says which', ['--stream', CALL], {}, 77, /set STREAM_API_KEY and STREAM_API_SECRET/],
    [
      'with half of them',
      ['--stream', CALL],
      { STREAM_API_SECRET: 'x' },
      2,
      /STREAM_API_SECRET is set and STREAM_API_KEY is not/,
    ],
    ['for an id that is none', ['--stream', 'weekly-sync'], KEYS, 2, /such as default:weekly-sync/],
    ['for a call without --stream', [CALL], KEYS, 2, /which "parley join --stream" takes/],
    ['for two services at once', ['--stream', '--platform', 'videosdk', CALL], KEYS, 2, /name two services/],
  ] as const)('%s', async (_what, args, env, code, message) => {
    const result = await cli(['join', ...args], { env });
    expect([result.exitCode, result.err]).toEqual([code, expect.stringMatching(message)]);
    expect(result.err).not.toContain(KEYS.STREAM_API_SECRET);
  });

  it('parley token makes a user token', async () => {
    const env = { ...KEYS, PARLEY_PLATFORM: 'stream' };
    const { out, exitCode } = await cli(['token', CALL, '--participant', 'ana', '--minutes', '5'], { env });
    expect(exitCode).toBe(0);
    const { user_id, exp = 0, iat = 0 } = decodeJwt(out.trim());
    expect([user_id, exp - iat]).toEqual(['ana', 360]);
  });

  it('calls are neither made nor looked up', async () => {
    const result = await cli(['room', 'create'], { env: { ...KEYS, PARLEY_PLATFORM: 'stream' } });
    expect([result.exitCode, result.err]).toEqual([
      2,
      expect.stringMatching(/makes and looks up no calls of Stream/),
    ]);
  });
});

describe('parley doctor, of Stream', () => {
  const check = (environment: Record<string, string>) =>
    checkStream(resolveSettings({ flags: {}, environment }).process);

  it('says of keys and client what is missing, and asks nothing', async () => {
    expect(await check({})).toMatchObject({ kind: 'note' });
    expect(await check({ PARLEY_PLATFORM: 'stream' })).toMatchObject({
      kind: 'problem',
      text: expect.stringMatching(/^no keys/) as string,
    });
    expect(await check({ STREAM_API_KEY: 'k' })).toMatchObject({
      kind: 'problem',
      text: 'STREAM_API_KEY is set, and neither STREAM_API_SECRET nor STREAM_USER_TOKEN',
    });
    const token = await createUserToken({
      ...{ secret: KEYS.STREAM_API_SECRET, userId: 'parley-a', epochMs: Date.now(), expiresInSeconds: 60 },
    });
    for (const env of [KEYS, { STREAM_API_KEY: 'k', STREAM_USER_TOKEN: token }])
      expect(await check(env)).toMatchObject({
        kind: 'problem',
        text: expect.stringMatching(/is not installed: install it beside Parley/) as string,
      });
  });
});
