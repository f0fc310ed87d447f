import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SdkTimers } from '../../../src/room/sdk/timers.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('SdkTimers', () => {
  it('work as a browser’s do', () => {
    const timers = new SdkTimers(() => undefined);
    const emitted: unknown[] = [];
    timers.setTimeout((...args) => emitted.push(args), 10, 'a', 1);
    timers.clearTimeout(timers.setTimeout(() => emitted.push('never'), 10));
    const interval = timers.setInterval(() => emitted.push('beat'), 10);
    vi.advanceTimersByTime(25);
    timers.clearInterval(interval);
    timers.clearTimeout(undefined);
    vi.advanceTimersByTime(100);
    expect(emitted).toEqual([['a', 1], 'beat', 'beat']);
  });

  it('none fires after stop, and none can be set', () => {
    const timers = new SdkTimers(() => undefined);
    let fired = 0;
    timers.setTimeout(() => fired++, 10);
    timers.setInterval(() => fired++, 10);
    timers.stop();
    timers.setTimeout(() => fired++, 10);
    timers.setInterval(() => fired++, 10);
    vi.advanceTimersByTime(1_000);
    expect(fired).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('an exception of the SDK is told and ends nothing', () => {
    const problems: unknown[] = [];
    const timers = new SdkTimers((error) => problems.push(error));
    timers.setInterval(() => {
      throw new Error('broken');
    }, 10);
    vi.advanceTimersByTime(30);
    expect(problems).toHaveLength(3);
    timers.stop();
  });
});
