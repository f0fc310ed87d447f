import { expect, it } from 'vitest';
import { connectionLifetime, pauseToLeaveMs } from '../../../src/realtime/connection/session-lifetime.js';

const NOW = { nowMs: 5_000, epochMs: 1_700_000_000_000 };
const inS = (seconds: number): number => NOW.epochMs / 1_000 + seconds;

it('a session is left between three quarters and eleven twelfths of its time', () => {
  expect(connectionLifetime(inS(3_600), NOW)).toEqual({ leaveFromMs: 2_705_000, leaveByMs: 3_305_000 });
  expect(connectionLifetime(inS(60), NOW)).toEqual({ leaveFromMs: 50_000, leaveByMs: 60_000 });
});

it('what the server says of its end is an hour at most, and believed only where it can be', () => {
  const anHour = connectionLifetime(inS(3_600), NOW);
  for (const odd of [undefined, null, 0, -1, NaN, Infinity, inS(-600), inS(5), inS(86_400)]) {
    expect(connectionLifetime(odd, NOW)).toEqual(anHour);
  }
});

it('the longer it is waited for a pause, the shorter the one that is taken; at last none is needed', () => {
  const lifetime = { leaveFromMs: 45_000, leaveByMs: 55_000 };
  expect(pauseToLeaveMs(lifetime, 44_999)).toBe(Infinity);
  expect([45_000, 50_000, 54_999, 55_000].map((nowMs) => pauseToLeaveMs(lifetime, nowMs))).toEqual([
    2_000, 1_000, 120, 0,
  ]);
});
