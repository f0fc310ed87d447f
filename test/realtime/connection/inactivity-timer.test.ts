import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { InactivityTimer } from '../../../src/realtime/connection/inactivity-timer.js';

function makeTimer() {
  const clock = new VirtualClock();
  const wait = { awaited: true, expiredAtMs: [] as number[] };
  const timer = new InactivityTimer({
    clock,
    timeoutMs: 100,
    awaited: () => wait.awaited,
    onExpired: () => wait.expiredAtMs.push(clock.nowMs()),
  });
  return { clock, wait, timer };
}

describe('inactivity timer', () => {
  it('expires once, counted from the last sign of life, and can be started again', () => {
    const { clock, wait, timer } = makeTimer();
    timer.noteActivity();
    clock.advanceTo(60);
    timer.noteActivity();
    clock.advanceTo(159);
    expect(wait.expiredAtMs).toEqual([]);
    clock.advanceTo(1_000);
    expect(wait.expiredAtMs).toEqual([160]);
    timer.noteActivity();
    clock.advanceTo(2_000);
    expect(wait.expiredAtMs).toEqual([160, 1_100]);
  });

  it('says nothing when nothing is awaited any more, or when it was stopped', () => {
    const { clock, wait, timer } = makeTimer();
    timer.noteActivity();
    wait.awaited = false;
    clock.advanceTo(1_000);
    wait.awaited = true;
    timer.noteActivity();
    timer.stop();
    timer.stop();
    clock.advanceTo(2_000);
    expect(wait.expiredAtMs).toEqual([]);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});
