import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { createLogger } from '../../../src/log.js';
import type { StreamRoomOptions } from '../../../src/room/stream/index.js';
import { stream, streamOver, type StreamPlatformOptions } from '../../../src/room/stream/platform.js';
import { createUserToken } from '../../../src/room/stream/tokens.js';

const KEYS = { apiKey: 'an-app-key', apiSecret: 'an-app-secret-of-some-length' };
const clock = new VirtualClock();
const REQUEST = {
  ...{ meetingId: 'default:weekly-sync', name: 'Parley', stayMs: 600_000, clock },
  log: createLogger({ level: 'silent' }),
};

/** What a platform asks rooms to be made of. */
function asked(options: StreamPlatformOptions) {
  const requests: StreamRoomOptions[] = [];
  const platform = streamOver((request) => {
    requests.push(request);
    return Promise.reject(new Error('no room is made here'));
  }, options);
  const open = async (kind: 'openRoom' | 'openVoice', more: object = {}): Promise<StreamRoomOptions> => {
    await platform[kind]({ ...REQUEST, ...more }).catch((error: unknown) => {
      if (requests.length === 0) throw error;
    });
    return requests.at(-1)!;
  };
  return { platform, open };
}

describe('stream()', () => {
  it('says what it can do: no data for some, none that is kept, no rooms; voices with the secret alone', async () => {
    const token = await createUserToken({
      ...{ secret: KEYS.apiSecret, userId: 'parley-a', epochMs: 0, expiresInSeconds: 60 },
    });
    const capabilities = { directedData: false, keptData: false, roomsByApi: false };
    expect(stream(KEYS).capabilities).toEqual({ ...capabilities, furtherVoices: true });
    expect(stream({ apiKey: 'k', token }).capabilities).toEqual({ ...capabilities, furtherVoices: false });
    expect(stream(KEYS).description).toBe('Stream');
  });

  it('a place has a user of its own, whose token is made for each connection and outlasts the stay', async () => {
    const { open } = asked(KEYS);
    const first = await open('openRoom', { metadata: { a: 1 } });
    const second = await open('openRoom');
    expect(first).toMatchObject({ meetingId: 'default:weekly-sync', hears: 'people', metadata: { a: 1 } });
    expect(first.participantId).toMatch(/^parley-[\da-f]{12}$/);
    expect(second.participantId).not.toBe(first.participantId);
    const nowSeconds = Math.floor(clock.epochMs() / 1_000);
    expect(decodeJwt(await first.createToken())).toEqual({
      ...{ user_id: first.participantId, iat: nowSeconds - 60, exp: nowSeconds + 600 },
    });
  });

  it('a further voice is one more user, which hears nobody', async () => {
    const { open } = asked(KEYS);
    const voice = await open('openVoice', { participantId: 'parley-x-es', name: 'Parley · Español' });
    expect(voice).toMatchObject({ hears: 'nobody', participantId: 'parley-x-es', name: 'Parley · Español' });
    expect(decodeJwt(await voice.createToken())).toMatchObject({ user_id: 'parley-x-es' });
  });

  it('a given token is for its user, serves as it is, and opens no further voice', async () => {
    const token = await createUserToken({
      ...{ secret: KEYS.apiSecret, userId: 'parley-a', epochMs: clock.epochMs(), expiresInSeconds: 60 },
    });
    const { open, platform } = asked({ apiKey: 'k', token });
    const place = await open('openRoom', { participantId: 'parley-b' });
    expect([place.participantId, await place.createToken()]).toEqual(['parley-a', token]);
    await expect(platform.openVoice(REQUEST)).rejects.toMatchObject({ code: 'key_refused' });
    const request = { meetingId: 'default:a', participantId: 'ana', expiresInSeconds: 60 };
    await expect(platform.createToken(request)).rejects.toMatchObject({ code: 'key_refused' });
    await expect(asked({ apiKey: 'k', token: 'x.y.z' }).open('openRoom')).rejects.toMatchObject({
      code: 'key_refused',
      message: expect.stringMatching(/^the token is no user token/) as string,
    });
  });

  it('makes tokens for people, and neither makes nor looks up calls', async () => {
    const request = { meetingId: 'default:a', participantId: 'ana', expiresInSeconds: 60 };
    expect(decodeJwt(await stream(KEYS).createToken(request))).toMatchObject({ user_id: 'ana' });
    await expect(stream(KEYS).createToken({ ...request, meetingId: 'a' })).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(stream(KEYS).createRoom()).rejects.toMatchObject({ code: 'usage' });
    await expect(stream(KEYS).findRoom('default:a')).rejects.toMatchObject({ code: 'usage' });
  });

  it('a call id or a user id that cannot be one is refused before anything is loaded; then the package is missing', async () => {
    const open = (more: object) => stream(KEYS).openRoom({ ...REQUEST, ...more });
    await expect(open({ meetingId: 'weekly-sync' })).rejects.toMatchObject({ code: 'usage' });
    await expect(open({ participantId: 'parley-a~b' })).rejects.toMatchObject({ code: 'usage' });
    await expect(open({})).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(/npm install @stream-io\/video-client@1\.60\.0/) as string,
    });
  });
});
