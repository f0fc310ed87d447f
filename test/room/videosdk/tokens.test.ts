import { createHmac } from 'node:crypto';
import { jwtVerify } from 'jose';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../src/errors.js';
import { createAccessToken, createApiToken, joinTokenFor } from '../../../src/room/videosdk/tokens.js';
import { readClaims, tokenProblem } from '../../../src/room/videosdk/token-claims.js';

const KEYS = { apiKey: 'a-key', secret: 'a-secret-of-thirty-two-characters' };
const ROOM = 'abcd-efgh-ijkl';
const SOURCE = 'VIDEOSDK_AUTH_TOKEN';

/** A token as another tool would make it, by RFC 7515 and nothing of the project. */
function sign(claims: object, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${createHmac('sha256', KEYS.secret).update(input).digest('base64url')}`;
}
const nowSeconds = () => Math.floor(Date.now() / 1000);
const problemOf = (claims: object) =>
  tokenProblem({ token: sign(claims), roomId: ROOM, epochMs: Date.now(), source: SOURCE });

describe('createAccessToken', () => {
  it('is for one room and one participant, to join and nothing else, for as long as was asked', async () => {
    const token = createAccessToken({
      ...KEYS,
      roomId: ROOM,
      participantId: 'parley-1',
      expiresInSeconds: 60,
    });
    const key = new TextEncoder().encode(KEYS.secret);
    const { payload, protectedHeader } = await jwtVerify(token, key, { algorithms: ['HS256'] });
    expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(payload).toEqual({
      apikey: 'a-key',
      version: 2,
      permissions: ['allow_join'],
      roles: ['rtc'],
      roomId: ROOM,
      participantId: 'parley-1',
      iat: payload.iat,
      exp: payload.iat! + 60,
    });
    expect(Math.abs(payload.iat! - nowSeconds())).toBeLessThan(5);
  });

  it('never holds the secret', () => {
    const token = createAccessToken({
      ...KEYS,
      roomId: ROOM,
      participantId: 'parley-1',
      expiresInSeconds: 60,
    });
    const parts = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect([token, ...parts].join()).not.toContain(KEYS.secret);
  });
});

describe('createApiToken', () => {
  it('cannot join', () => {
    const claims = readClaims(createApiToken(KEYS));
    expect(claims).toMatchObject({ apikey: 'a-key', version: 2, roles: ['crawler'] });
    expect(claims!.exp! - claims!.iat!).toBe(300);
  });
});

describe('tokenProblem', () => {
  const good = { apikey: 'k', version: 2, permissions: ['allow_join'], roles: ['rtc'], exp: 4e9 };

  it.each<[string, object]>([
    ['one with everything', { ...good, roomId: ROOM, participantId: 'parley-x' }],
    ['one for any room and anybody', good],
    [
      'one of the dashboard, without roles',
      { apikey: 'k', permissions: ['allow_join', 'allow_mod'], exp: 4e9 },
    ],
    ['one that asks in the lobby', { ...good, permissions: ['ask_join'] }],
    ['one without an end', { apikey: 'k' }],
  ])('has nothing against %s', (_, claims) => {
    expect(problemOf(claims)).toBeUndefined();
  });

  it.each<[object, RegExp]>([
    [{ ...good, exp: nowSeconds() - 1 }, /^VIDEOSDK_AUTH_TOKEN expired at \d{4}-.+: make a new one$/],
    [{ ...good, version: 1 }, /is of version 1: make one of version 2$/],
    [{ ...good, roles: ['crawler'] }, /REST API only: make one with the role rtc$/],
    [{ ...good, permissions: ['allow_mod'] }, /make one with the permission allow_join$/],
    [{ ...good, roomId: 'other-room-here' }, /is for another meeting: make one for this meeting/],
    [{ ...good, participantId: 'ana' }, /does not begin with parley-: make one for parley-/],
    [{ permissions: ['allow_join'] }, /is no VideoSDK token/],
    [{ ...good, exp: 'soon' }, /is no VideoSDK token/],
  ])('says what is wrong with %j', (claims, problem) => {
    expect(problemOf(claims)).toMatch(problem);
  });

  it('says one line about anything that is no token, and repeats none of it', () => {
    const anything = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc
        .array(fc.base64String({ maxLength: 60 }), { minLength: 1, maxLength: 5 })
        .map((parts) => parts.join('.')),
      fc.json().map((json) => `e30.${Buffer.from(json).toString('base64url')}.x`),
    );
    fc.assert(
      fc.property(anything, (token) => {
        expect(tokenProblem({ token, epochMs: 0, source: SOURCE })).toBe(
          'VIDEOSDK_AUTH_TOKEN is no VideoSDK token: copy it whole, three parts with dots between',
        );
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});

describe('joinTokenFor', () => {
  const request = {
    source: SOURCE,
    roomId: ROOM,
    participantId: 'parley-7',
    epochMs: Date.now(),
    expiresInSeconds: 900,
  };

  it('makes one from the keys for this room and participant', () => {
    const made = joinTokenFor({ ...request, credentials: { kind: 'keys', ...KEYS } });
    expect(made.participantId).toBe('parley-7');
    const claims = readClaims(made.token);
    expect(claims).toMatchObject({ roomId: ROOM, participantId: 'parley-7', roles: ['rtc'] });
    expect(claims!.exp! - claims!.iat!).toBe(900);
  });

  it('joins with the token that was given, as whom it was made for', () => {
    const forAnybody = sign({ apikey: 'k', exp: 4e9 });
    const forOne = sign({ apikey: 'k', exp: 4e9, participantId: 'parley-x' });
    const join = (token: string) => joinTokenFor({ ...request, credentials: { kind: 'token', token } });
    expect(join(forAnybody)).toEqual({ token: forAnybody, participantId: 'parley-7' });
    expect(join(forOne)).toEqual({ token: forOne, participantId: 'parley-x' });
  });

  it('refuses one that cannot serve, without repeating it', () => {
    const token = sign({ apikey: 'k', exp: 1 });
    const join = () => joinTokenFor({ ...request, credentials: { kind: 'token', token } });
    expect(join).toThrow(ParleyError);
    try {
      join();
    } catch (error) {
      expect((error as ParleyError).code).toBe('key_refused');
      expect((error as ParleyError).message).toContain('expired');
      expect((error as ParleyError).message).not.toContain(token.split('.')[1]);
    }
  });
});
