import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseCallId } from '../../../src/room/stream/call-id.js';
import {
  INSTALL_HINT,
  installedVersion,
  loadStreamSdk,
  missingMembers,
} from '../../../src/room/stream/sdk-loader.js';
import type { StreamSession } from '../../../src/room/stream/sdk-types.js';
import { SessionIds, toParticipant } from '../../../src/room/stream/sessions.js';
import { fieldsOf } from '../../../src/room/stream/struct.js';
import { createUserToken, userIdOf } from '../../../src/room/stream/tokens.js';
import { structOf } from './fake-stream.js';
import { createService } from './world.js';

const SECRET = 'an-app-secret-of-some-length';
const EPOCH_MS = 1_790_000_000_000;

describe('parseCallId', () => {
  it('is type and id', () => {
    expect(parseCallId('default:weekly-sync')).toEqual({ type: 'default', id: 'weekly-sync' });
    expect(parseCallId('audio_room:A1')).toEqual({ type: 'audio_room', id: 'A1' });
  });

  it.each([
    '',
    'weekly-sync',
    'default:',
    ':id',
    'a:b:c',
    'a/b:c',
    'default:../x',
    'default:a b',
    `default:${'x'.repeat(65)}`,
  ])('%j is none', (text) => {
    expect(() => parseCallId(text)).toThrow(/named by its type and its id, such as default:weekly-sync/);
  });
});

describe('user tokens', () => {
  /** A token as another tool would make it, by RFC 7515 and nothing of the project. */
  const sign = (claims: object): string => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
    return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
  };

  it('are HS256 with the secret, for one user, dated back by a minute', async () => {
    const token = await createUserToken({
      ...{ secret: SECRET, userId: 'parley-1', epochMs: EPOCH_MS, expiresInSeconds: 600 },
    });
    expect(token).toBe(sign({ user_id: 'parley-1', iat: 1_789_999_940, exp: 1_790_000_600 }));
  });

  it('one that somebody made says whom it is for, or what is wrong with it', () => {
    const read = (claims: object) => userIdOf(sign(claims), { source: 'the token', epochMs: EPOCH_MS });
    expect(read({ user_id: 'parley-a' })).toBe('parley-a');
    expect(() => read({ user_id: 'ana' })).toThrow(/whose id does not begin with parley-/);
    expect(() => read({ user_id: 'parley-a', exp: 1_000 })).toThrow(
      'the token expired at 1970-01-01T00:16:40.000Z: make a new one',
    );
    for (const text of [
      '',
      'a.b',
      'a.!.c',
      `a.${Buffer.from('[').toString('base64url')}.c`,
      sign({ sub: 'x' }),
    ])
      expect(() => userIdOf(text, { source: 'the token', epochMs: 0 })).toThrow(
        /^the token is no user token of Stream/,
      );
  });
});

describe('fieldsOf', () => {
  it('is what was put into the Struct', () => {
    const data = { preferredLanguage: 'es', n: 1.5, yes: true, none: null, deep: { list: ['a', { b: 2 }] } };
    expect(fieldsOf(structOf(data))).toEqual(data);
  });

  it('is empty for what is none, leaves out what it does not know, and is not led down for ever', () => {
    for (const value of [undefined, null, 3, 'x', [], {}, { fields: [] }, { fields: 3 }])
      expect(fieldsOf(value)).toEqual({});
    expect(
      fieldsOf({
        fields: {
          a: { kind: { oneofKind: 'other' } },
          b: 3,
          c: { kind: { oneofKind: 'stringValue', stringValue: 'x' } },
        },
      }),
    ).toEqual({ c: 'x' });
    const loop: { fields: Record<string, unknown> } = { fields: {} };
    loop.fields['again'] = { kind: { oneofKind: 'structValue', structValue: loop } };
    expect(JSON.stringify(fieldsOf(loop)).length).toBeLessThan(200);
    expect(
      Object.keys(
        fieldsOf({
          fields: JSON.parse('{"__proto__":{"kind":{"oneofKind":"boolValue","boolValue":true}}}') as object,
        }),
      ),
    ).toEqual(['__proto__']);
  });
});

describe('SessionIds', () => {
  const session = (userId: string, sessionId: string, more: Partial<StreamSession> = {}): StreamSession => ({
    ...{ userId, sessionId, publishedTracks: [] },
    ...more,
  });

  it('names a first session by its user, further ones by their session too, and keeps names', () => {
    const ids = new SessionIds('parley-1');
    const named = (sessions: StreamSession[]) => ids.name(sessions).map(({ id }) => id);
    const [a, b, c] = [
      session('ana', 'aaaaaaaa-1'),
      session('ana', 'bbbbbbbb-2'),
      session('ana', 'bbbbbbbb-3'),
    ];
    expect(named([a, b])).toEqual(['ana', 'ana~bbbbbbbb']);
    expect(named([b, c])).toEqual(['ana~bbbbbbbb', 'ana']);
    expect(named([b, c, a])).toEqual(['ana~bbbbbbbb', 'ana', 'ana~aaaaaaaa']);
    expect(named([])).toEqual([]);
    expect(named([b, session('ana', 'x')])).toEqual(['ana', 'ana~x']);
  });

  it('leaves out our own user: in this session, and in the one from before', () => {
    const ids = new SessionIds('somebody');
    const sessions = [
      session('somebody', 'now', { isLocalParticipant: true }),
      session('somebody', 'before', { isLocalParticipant: false }),
      session('ana', 'a'),
    ];
    expect(ids.name(sessions).map(({ id }) => id)).toEqual(['ana']);
  });

  it('someone without a name is called by their id; an interpreter is known by its id, in every session', () => {
    const [named] = new SessionIds('me').name([
      session('parley-x', 's', { name: '  ', custom: structOf({ a: 'b' }) }),
    ]);
    expect(toParticipant(named!)).toEqual({
      id: 'parley-x',
      name: 'parley-x',
      metadata: { a: 'b' },
      isBot: true,
    });
  });
});

describe("the host's package", () => {
  it('is not installed here, as its licence wants it: one line says what to install', () => {
    expect(installedVersion()).toBeUndefined();
    expect(() => loadStreamSdk()).toThrow(
      expect.objectContaining({
        code: 'config',
        message: `calls of Stream take @stream-io/video-client, which is not installed: ${INSTALL_HINT}`,
      }),
    );
    expect(INSTALL_HINT).toContain('npm install @stream-io/video-client@1.60.0');
  });

  it('another version may lack what is used: it is named', async () => {
    const { service, createRoom } = createService();
    expect(missingMembers({ connectUser: () => 0, call: () => 0 }, { join: () => 0, state: {} })).toEqual([
      'client.disconnectUser',
      'call.leave',
      'call.publish',
      'call.sendCustomEvent',
      'call.setDisconnectionTimeout',
      'call.on',
      'call.state.participants$',
      'call.state.callingState$',
    ]);
    const room = createRoom({
      createSdk: (browser) => {
        const sdk = service.createSdk(browser);
        return {
          StreamVideoClient: class extends sdk.StreamVideoClient {
            override call(type: string, id: string) {
              return Object.assign(super.call(type, id), { sendCustomEvent: undefined as never });
            }
          },
        };
      },
    });
    await expect(room.join()).rejects.toMatchObject({
      code: 'config',
      message: `this @stream-io/video-client has no call.sendCustomEvent: ${INSTALL_HINT}`,
    });
    expect(service.connects).toBe(0);
  });
});
