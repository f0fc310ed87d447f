import { describe, expect, it } from 'vitest';
import { clockFinding, nodeFinding } from '../../../src/cli/doctor/finding.js';
import { checkToken } from '../../../src/cli/doctor/checks.js';

describe('nodeFinding', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['20.19', 'ok'],
    ['20.20.2', 'ok'],
    ['24.0.0', 'ok'],
    ['20.18.9', 'problem'],
    ['18.20.8', 'problem'],
    ['9.99.99', 'problem'],
  ])('of %s is %s', (version, kind) => {
    expect(nodeFinding(version, '>=20.19').kind).toBe(kind);
  });

  it('says what to install', () => {
    expect(nodeFinding('18.0.0', '>=20.19').text).toBe('18.0.0 is too old: install Node 20.19 or later');
  });
});

describe('clockFinding', () => {
  const at = Date.UTC(2026, 0, 1, 12);
  const answer = (offsetMs: number, roundTripMs = 0) => ({
    date: new Date(at - offsetMs).toUTCString(),
    host: 'host',
    roundTripMs,
  });

  it.each([
    [0, 'ok', /^within 1 s of that of host$/],
    [25_000, 'ok', /^within 2[45] s/],
    [-25_000, 'ok', /^within 2[56] s/],
    [120_000, 'problem', /^1(?:19|20) s ahead of that of host: tokens will be refused; set it/],
    [-120_000, 'problem', /^12[01] s behind that of host/],
  ])('%i ms off is %s', (offsetMs, kind, text) => {
    const finding = clockFinding(answer(offsetMs), at);
    expect(finding.kind).toBe(kind);
    expect(finding.text).toMatch(text);
  });

  it('does not blame the clock for a slow answer', () => {
    expect(clockFinding(answer(40_000, 60_000), at).kind).toBe('ok');
  });

  it('needs somebody who tells the time', () => {
    expect(clockFinding(undefined, at).kind).toBe('note');
    expect(clockFinding({ date: undefined, host: 'h', roundTripMs: 1 }, at).kind).toBe('note');
    expect(clockFinding({ date: 'soon', host: 'h', roundTripMs: 1 }, at).kind).toBe('note');
  });
});

describe('checkToken', () => {
  it('reads a token that was given and never repeats it', () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = (claims: object) => `${part({ alg: 'HS256' })}.${part(claims)}.c2ln`;
    const check = (claims: object) => checkToken({ kind: 'token', token: token(claims) }, 1_000_000);
    expect(check({ apikey: 'k', exp: 1_001 })).toEqual({
      kind: 'ok',
      text: 'VIDEOSDK_AUTH_TOKEN, until 1970-01-01T00:16:41.000Z',
    });
    expect(check({ apikey: 'k' }).text).toBe('VIDEOSDK_AUTH_TOKEN, without an end');
    expect(check({ apikey: 'k', exp: 999 })).toMatchObject({ kind: 'problem' });
    expect(check({}).text).not.toContain('eyJ');
  });
});
