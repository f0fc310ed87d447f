import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/embedded/room-server/signalling/refusal.js';
import { requireRole, TokenIssuer } from '../../../src/embedded/room-server/tokens.js';
import { signToken } from './harness.js';

const SECRET = 'a-secret-of-this-installation-of-43-characters';
const queue = new TokenIssuer(SECRET, () => Date.now());

async function refusalOf(token: string): Promise<{ code: number; status: number }> {
  const error = await queue.check(token).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Refusal)) throw new Error(`not refused: ${token}`);
  return { code: error.code, status: error.status };
}

describe('access tokens', () => {
  it('are taken as VideoSDK makes them', async () => {
    const claims = await queue.check(signToken(SECRET, { roomId: 'r-1', participantId: 'ana' }));
    expect(claims).toMatchObject({
      permissions: ['allow_join', 'allow_mod'],
      version: 2,
      roomId: 'r-1',
      participantId: 'ana',
    });
  });

  it('for a participant say one room and one participant, for as long as asked', async () => {
    const token = await queue.signForParticipant('r-1', 'guest-1', 3600);
    const claims = await queue.check(token);
    expect(claims).toMatchObject({ roomId: 'r-1', participantId: 'guest-1', permissions: ['allow_join'] });
    expect(claims.roles).toEqual(['rtc']);
    expect(claims.exp * 1000 - Date.now()).toBeGreaterThan(3_590_000);
    const anHourLater = new TokenIssuer(SECRET, () => Date.now() + 3_601_000);
    await expect(anHourLater.check(token)).rejects.toMatchObject({ code: 4002 });
  });

  const past = Math.floor(Date.now() / 1000) - 10;
  it.each([
    ['signed with another secret', signToken('another-secret-that-is-long-enough-for-hs256')],
    ['expired', signToken(SECRET, { exp: past })],
    ['without an end', signToken(SECRET, { exp: undefined })],
    ['unsigned', `${signToken(SECRET, {}, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`],
    ['of another algorithm', signToken(SECRET, {}, { alg: 'HS512' })],
    ['of version 1', signToken(SECRET, { version: 1 })],
    ['without permissions', signToken(SECRET, { permissions: [] })],
    ['with an unknown permission', signToken(SECRET, { permissions: ['allow_all'] })],
    ['not a token', 'eyJ.eyJ.x'],
    ['empty', ''],
  ])('are refused with 401 and 4002: %s', async (_what, token) => {
    expect(await refusalOf(token)).toEqual({ code: 4002, status: 401 });
  });

  it('of another API key are refused with 4001', async () => {
    expect(await refusalOf(signToken(SECRET, { apikey: 'somebody' }))).toEqual({ code: 4001, status: 401 });
  });

  it('that combine ask_join with another permission are refused with 4008', async () => {
    const token = signToken(SECRET, { permissions: ['ask_join', 'allow_join'] });
    expect(await refusalOf(token)).toEqual({ code: 4008, status: 403 });
  });

  it('serve for their roles only; for every role without any', async () => {
    const crawler = await queue.check(signToken(SECRET, { roles: ['crawler'] }));
    expect(() => requireRole(crawler, 'rtc')).toThrow(expect.objectContaining({ code: 4024 }));
    expect(() => requireRole(crawler, 'crawler')).not.toThrow();
    const any = await queue.check(signToken(SECRET, { roles: undefined }));
    expect(() => requireRole(any, 'rtc')).not.toThrow();
    expect(() => requireRole(any, 'crawler')).not.toThrow();
  });
});
