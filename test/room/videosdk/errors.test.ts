import { describe, expect, it } from 'vitest';
import { deniedJoin, errorOfLeaving } from '../../../src/room/sdk/join-failure.js';
import {
  classify,
  failureOfLeaving,
  initConfigFailed,
  leaveReasonOf,
  refusedJoin,
} from '../../../src/room/videosdk/errors.js';

describe('VideoSDK error numbers', () => {
  it.each([1001, 1102, 3044, 3047, 3065, 3079, 5000])('%i can be tried again', (code) => {
    expect(classify(code)).toBe('retry');
    const { reason, error } = refusedJoin(code, 'x');
    expect([reason.kind, reason.code, error.retryable]).toEqual(['lost', code, true]);
  });

  it.each([4001, 4002, 4003, 4005, 4008, 4022, 4023, 4024, 4052, 4053])('%i is fatal', (code) => {
    expect(classify(code)).toBe('fatal');
    const { reason, error } = refusedJoin(code, 'x');
    expect([reason.kind, reason.code, error.retryable]).toEqual(['refused', code, false]);
    expect(['key_refused', 'usage']).toContain(error.code);
    expect(error.message).toContain(String(code));
  });

  it.each([4009, 4010, 4026, 4027, 4041])('%i is a limit, told as one, worth a later try', (code) => {
    expect(classify(code)).toBe('quota');
    const { reason, error } = refusedJoin(code, undefined);
    expect([reason.kind, error.code, error.retryable]).toEqual(['refused', 'service_unavailable', true]);
    expect(error.message).toContain('limit');
  });

  it('a refusal by a number that nobody knows is still fatal, and says the number', () => {
    const { error } = refusedJoin(4999, 'new rule');
    expect(error.message).toBe('VideoSDK refused to let us join (4999: new rule)');
    expect(error.retryable).toBe(false);
  });

  it("a server's words stay one line and end", () => {
    const { error } = refusedJoin(4002, `line one\nline two\u001b[31m ${'x'.repeat(5_000)}`);
    expect(error.message).not.toMatch(/\p{C}/u);
    expect(error.message.length).toBeLessThan(400);
  });
});

describe('leaving', () => {
  it.each([
    [1002, 'removed'],
    [1006, 'room_closed'],
    [1008, 'removed'],
    [1009, 'room_closed'],
    [1010, 'removed'],
    [1011, 'duplicate'],
    [1101, 'asked'],
    [1001, 'lost'],
    [1007, 'lost'],
    [1102, 'lost'],
    [1103, 'lost'],
    [4002, 'refused'],
    [4005, 'duplicate'],
    [4009, 'refused'],
  ] as const)('%i is %s', (code, kind) => {
    expect(leaveReasonOf({ code, message: 'why' })).toEqual({ kind, code, message: 'why' });
  });

  it('the word of the one who leaves counts more than the code of the socket that closes', () => {
    expect(leaveReasonOf({ code: 1001, message: 'MANUAL_LEAVE_CALLED' })?.kind).toBe('asked');
  });

  it.each([undefined, {}, { code: 'x' }, { message: 7 }])('%j says nothing', (reason) => {
    expect(leaveReasonOf(reason)).toBeUndefined();
  });

  it('is an error only where it was against our will', () => {
    const reasonOf = (code: number) => leaveReasonOf({ code, message: 'm' })!;
    expect(errorOfLeaving(reasonOf(1101), 'VideoSDK')).toBeUndefined();
    expect(errorOfLeaving(reasonOf(1002), 'VideoSDK')).toBeUndefined();
    expect(errorOfLeaving(reasonOf(1006), 'VideoSDK')).toBeUndefined();
    expect(errorOfLeaving(reasonOf(1011), 'VideoSDK')?.code).toBe('usage');
    expect(errorOfLeaving(reasonOf(1102), 'VideoSDK')).toMatchObject({
      code: 'service_unavailable',
      retryable: true,
    });
  });

  it('before the meeting was joined it is always an error', () => {
    for (const code of [1002, 1006, 1011, 1101, 1103, 4002, 4009]) {
      const { reason, error } = failureOfLeaving(leaveReasonOf({ code, message: 'm' })!);
      expect(error.message).not.toBe('');
      expect(reason.code).toBe(code);
    }
    expect(failureOfLeaving(leaveReasonOf({ code: 4002, message: 'm' })!).error.code).toBe('key_refused');
  });
});

describe('the first request of a join', () => {
  const host = 'localhost:1';

  it('says each cause in its own words', () => {
    const messages = (
      [
        { kind: 'unreachable', host, code: 'ECONNREFUSED' },
        { kind: 'distrusted', host, code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
        { kind: 'garbled', host, problem: 'is not JSON' },
        { kind: 'refused', host, status: 401, code: 4002, message: 'Token is invalid' },
        { kind: 'refused', host, status: 403 },
        { kind: 'refused', host, status: 404, message: 'Not found' },
        { kind: 'refused', host, status: 503 },
      ] as const
    ).map((failure) => {
      const { error, reason } = initConfigFailed(failure);
      return [reason.kind, error.code, error.retryable, error.message];
    });
    expect(messages).toEqual([
      [
        'lost',
        'service_unavailable',
        true,
        'localhost:1 cannot be reached (ECONNREFUSED); check the network and the signalling address',
      ],
      [
        'refused',
        'service_unavailable',
        false,
        'the certificate of localhost:1 is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT); check the address, or give its CA',
      ],
      [
        'refused',
        'protocol',
        false,
        'the answer of localhost:1 is not JSON; is it a VideoSDK signalling server?',
      ],
      [
        'refused',
        'key_refused',
        false,
        'VideoSDK refused the token: it is wrong or has expired; make a new one (4002: Token is invalid)',
      ],
      ['refused', 'key_refused', false, 'localhost:1 answered with status 403; check the token'],
      ['refused', 'service_unavailable', false, 'localhost:1 answered with status 404: Not found'],
      ['lost', 'service_unavailable', true, 'localhost:1 answered with status 503; try again'],
    ]);
  });

  it('a host that denies us is not a lost line', () => {
    expect(deniedJoin('no', false)).toMatchObject({
      reason: { kind: 'denied' },
      error: { retryable: false },
    });
  });
});
