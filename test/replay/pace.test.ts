import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import { RealtimePace, VirtualPace } from '../../src/replay/pace.js';

const nothing = (): Promise<void> => Promise.resolve();

/** Advances `clock` by `byMs` at a time whenever the process is idle, until `done`. */
async function runClock(clock: VirtualClock, byMs: number, done: Promise<unknown>): Promise<void> {
  let over = false;
  void done.finally(() => (over = true));
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the callback above
  while (!over) {
    clock.advanceBy(byMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('real-time pace', () => {
  it('keeps to the clock without drifting, whatever the timers do', async () => {
    const clock = new VirtualClock();
    const lateTimers = {
      nowMs: () => clock.nowMs(),
      epochMs: () => clock.epochMs(),
      random: () => clock.random(),
      setTimer: (callback: () => void, delayMs: number) => clock.setTimer(callback, delayMs + 1.7),
    };
    const pace = new RealtimePace(lateTimers, nothing);
    expect(pace.nowMs()).toBe(0);
    pace.start();
    const latenessMs: number[] = [];
    const steps = (async () => {
      for (let atMs = 0; atMs < 3000; atMs += 10) {
        await pace.reach(atMs);
        latenessMs.push(clock.nowMs() - atMs);
      }
    })();
    await runClock(clock, 0.5, steps);
    expect(Math.min(...latenessMs)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...latenessMs)).toBeLessThanOrEqual(3);
  });

  it('catches up late steps instead of dropping them, and lets the process breathe meanwhile', async () => {
    const clock = new VirtualClock();
    const pace = new RealtimePace(clock, nothing);
    pace.start();
    clock.advanceTo(1000);
    let otherTurns = 0;
    const immediate = (): void => {
      otherTurns++;
      if (otherTurns < 1000) setImmediate(immediate);
    };
    setImmediate(immediate);
    for (let atMs = 0; atMs <= 1000; atMs += 10) await pace.reach(atMs);
    expect(otherTurns).toBeGreaterThanOrEqual(9);
    expect(pace.nowMs()).toBe(1000);
  });

  it('never shows a time outside the current step', async () => {
    const clock = new VirtualClock();
    const pace = new RealtimePace(clock, nothing);
    pace.start();
    clock.advanceTo(77);
    await pace.reach(20);
    expect(pace.nowMs()).toBeCloseTo(29.999, 6);
    await pace.reach(70);
    expect(pace.nowMs()).toBe(77);
  });
});

describe('virtual pace', () => {
  it('moves the clock with the steps only', async () => {
    const clock = new VirtualClock();
    let settled = 0;
    const pace = new VirtualPace(clock, () => {
      settled++;
      return Promise.resolve();
    });
    pace.start();
    for (let atMs = 0; atMs < 2500; atMs += 10) {
      await pace.reach(atMs);
      await pace.settle();
      expect(pace.nowMs()).toBe(atMs);
    }
    expect(settled).toBe(250);
  });
});
