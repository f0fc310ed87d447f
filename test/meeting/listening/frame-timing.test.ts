import { describe, expect, it } from 'vitest';
import { FrameTiming } from '../../../src/meeting/listening/frame-timing.js';

describe('FrameTiming', () => {
  it('counts by what frames hold, whatever their jitter', () => {
    const timing = new FrameTiming();
    expect(timing.running).toBe(false);
    expect(timing.take(1_000, 10)).toBeUndefined();
    expect(timing.running).toBe(true);
    expect([1_030, 1_025, 1_005, 1_055].map((atMs) => timing.take(atMs, 10))).toEqual([0, 0, 0, 0]);
    expect(timing.isAfterHole(1_050)).toBe(false);
  });

  it('is corrected by frames that are off by more than jitter, early or late', () => {
    const timing = new FrameTiming();
    timing.take(0, 10);
    expect(timing.take(45, 10)).toBe(35);
    expect(timing.take(55, 10)).toBe(0);
    expect(timing.take(30, 10)).toBe(-35);
    expect(timing.take(40, 10)).toBe(0);
  });

  it('knows a hole by its length, in both directions, and only within a stretch', () => {
    const timing = new FrameTiming();
    expect(timing.isAfterHole(5_000)).toBe(false);
    timing.take(5_000, 20);
    expect(timing.isAfterHole(5_120)).toBe(false);
    expect(timing.isAfterHole(5_121)).toBe(true);
    expect(timing.isAfterHole(4_919)).toBe(true);
    timing.end();
    expect(timing.isAfterHole(9_000)).toBe(false);
    expect(timing.take(9_000, 20)).toBeUndefined();
  });
});
