import { describe, expect, it } from 'vitest';
import { RejoinSchedule } from '../../../src/room/sdk/rejoin-schedule.js';

describe('joining a meeting again', () => {
  it('is left to the SDK twice where stays are short, and is ours from then on, at growing delays, with an end', () => {
    const schedule = new RejoinSchedule();
    let nowMs = 0;
    const stay = (durationMs: number): boolean => {
      schedule.joined(nowMs);
      return schedule.lost((nowMs += durationMs));
    };
    expect([stay(100), stay(100), stay(100)]).toEqual([true, true, false]);
    const delays: (number | undefined)[] = [];
    for (;;) {
      const delayMs = schedule.nextDelayMs();
      delays.push(delayMs);
      if (delayMs === undefined) break;
      expect(stay(59_999)).toBe(false); // joined each time, and dropped within a minute
    }
    expect(delays).toEqual([0, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, undefined]);
  });

  it('begins anew after a stay of a minute', () => {
    const schedule = new RejoinSchedule();
    schedule.joined(0);
    schedule.lost(1_000);
    expect([schedule.nextDelayMs(), schedule.nextDelayMs()]).toEqual([0, 1_000]);
    schedule.joined(10_000);
    expect(schedule.lost(70_000)).toBe(true);
    expect([schedule.nextDelayMs(), schedule.nextDelayMs()]).toEqual([0, 1_000]);
  });

  it('one loss that is told twice counts once', () => {
    const schedule = new RejoinSchedule();
    for (let stay = 0; stay < 2; stay++) {
      schedule.joined(0);
      expect([schedule.lost(10), schedule.lost(11), schedule.lost(12)]).toEqual([true, true, true]);
    }
  });
});
