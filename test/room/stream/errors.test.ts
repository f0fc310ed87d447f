import { describe, expect, it } from 'vitest';
import { isRateLimit, joinFailed } from '../../../src/room/stream/errors.js';

const api = (code: number, status: number): Error => Object.assign(new Error('said'), { code, status });
/** As a refused connection tells it. */
const spoken = (code: number, StatusCode = 401): Error =>
  new Error(JSON.stringify({ code, StatusCode, message: 'WS failed: said', isWSFailure: false }));
const media = (code: number): Error => Object.assign(new Error('said'), { errorEvent: { error: { code } } });

describe('joinFailed', () => {
  it.each([2, 3, 5, 17, 40, 41, 42, 43, 99])('%i is a refusal of keys, final', (code) => {
    for (const error of [api(code, 401), spoken(code)]) {
      const failure = joinFailed(error);
      expect(failure.reason).toMatchObject({ kind: 'refused', code });
      expect(failure.error).toMatchObject({ code: 'key_refused', retryable: false });
      expect(failure.error.message).toContain(`(${code}: `);
    }
  });

  it.each([
    ['no such call', api(16, 404), 'usage', false],
    ['too many requests', api(9, 429), 'service_unavailable', true],
    ['the call is not on the media server', media(300), 'usage', false],
    ['the call is full', media(301), 'service_unavailable', true],
    ['the media server is full', media(700), 'service_unavailable', true],
    ['the media server refuses', media(403), 'key_refused', false],
    ['a status alone: 401', Object.assign(new Error(), { status: 401 }), 'key_refused', false],
    ['a status alone: 404', Object.assign(new Error(), { status: 404 }), 'usage', false],
  ] as const)('%s', (_what, error, code, retryable) => {
    const failure = joinFailed(error);
    expect(failure.reason.kind).toBe('refused');
    expect(failure.error).toMatchObject({ name: 'ParleyError', code, retryable });
    expect(failure.error.message).not.toContain('\n');
  });

  it.each([
    api(-1, 500),
    media(600),
    spoken(1006, 0),
    new Error('Network Error'),
    'a text',
    undefined,
    null,
    {},
  ])('whatever else it is, the line is lost and may be tried again: %j', (error) => {
    const failure = joinFailed(error);
    expect(failure.reason.kind).toBe('lost');
    expect(failure.error).toMatchObject({ code: 'service_unavailable', retryable: true });
  });

  it('no key and no control character gets into a line', () => {
    const { reason, error } = joinFailed(new Error('bad\u001b[31m\nsk-token-1 for key-2'), [
      'sk-token-1',
      'key-2',
    ]);
    expect([reason.message, error.message]).toEqual([
      'the call could not be joined: bad [31m … for …',
      'the call could not be joined: bad [31m … for …',
    ]);
  });
});

describe('isRateLimit', () => {
  it('is the code 9 or the status 429', () => {
    expect([api(9, 400), api(0, 429), spoken(9), api(4, 400), new Error('x')].map(isRateLimit)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
