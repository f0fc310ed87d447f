import { expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { ParleyError } from '../../../src/errors.js';
import { ReconnectSchedule } from '../../../src/realtime/connection/reconnect-schedule.js';

const dropped = (retryAfterMs?: number): ParleyError =>
  new ParleyError('service_unavailable', 'dropped', { retryable: true, retryAfterMs });

it('tries again at once after a connection that was good, then at growing intervals of about half a second at most', () => {
  const clock = new VirtualClock();
  const reopening = new ReconnectSchedule(clock);
  reopening.lostAfter(60_000);
  const waits = Array.from({ length: 6 }, () => reopening.nextWaitMs(dropped()) ?? NaN);
  expect(waits[0]).toBe(0);
  [250, 500, 500, 500, 500].forEach((wantedMs, index) => {
    expect(Math.abs(waits[index + 1]! - wantedMs)).toBeLessThanOrEqual(0.2 * wantedMs);
  });
  expect(new Set(waits).size).toBe(6); // no two wait the same time
  reopening.lostAfter(60_000);
  expect(reopening.nextWaitMs(dropped())).toBe(0);
});

it('is not put off by lines that open and are lost again', () => {
  const clock = new VirtualClock();
  const reopening = new ReconnectSchedule(clock);
  let attempts = 0;
  for (;;) {
    reopening.lostAfter(500);
    const waitMs = reopening.nextWaitMs(dropped());
    if (waitMs === undefined) break;
    attempts++;
    clock.advanceBy(waitMs + 500);
  }
  expect(clock.nowMs()).toBeGreaterThan(55_000);
  expect(clock.nowMs()).toBeLessThan(62_000);
  expect(attempts).toBeLessThan(70);
});

it('of a first line: waits from the first attempt on, and for as long as it was told', () => {
  const clock = new VirtualClock();
  const reopening = new ReconnectSchedule(clock);
  reopening.neverOpened(12_000);
  const firstMs = reopening.nextWaitMs(dropped()) ?? 0;
  expect(firstMs).toBeGreaterThanOrEqual(200);
  expect(reopening.nextWaitMs(dropped(12_001))).toBeUndefined();
  clock.advanceBy(11_000);
  expect(reopening.nextWaitMs(dropped())).toBeDefined();
  clock.advanceBy(1_000);
  expect(reopening.nextWaitMs(dropped())).toBeUndefined();
  reopening.lostAfter(500); // there was a connection at last: it is like any other
  expect(reopening.nextWaitMs(dropped())).toBeDefined();
});

it('gives up at once where it does not help, or the server asks for more than a minute', () => {
  const reopening = new ReconnectSchedule(new VirtualClock());
  expect(reopening.nextWaitMs(new ParleyError('key_refused', 'no'))).toBeUndefined();
  expect(reopening.nextWaitMs(dropped(61_000))).toBeUndefined();
  expect(reopening.nextWaitMs(dropped(5_000))).toBeGreaterThanOrEqual(5_000);
});
