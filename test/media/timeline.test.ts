import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Timeline, type TimelineOptions } from '../../src/media/timeline.js';

const USUAL: TimelineOptions = { sampleRateHz: 48_000, zeroMs: 0, primingFrames: 0, maxGapMs: 3_600_000 };

/** Frames of silence and of sound as they come out: below 0 silence. Packets of 20 ms at these times. */
function placed(timesMs: readonly number[], options: Partial<TimelineOptions> = {}) {
  const timeline = new Timeline<number>({ ...USUAL, ...options });
  const out: number[] = [];
  const take = (packet: ReturnType<typeof timeline.push>) => {
    if (packet === undefined) return;
    if (packet.silence > 0) out.push(-packet.silence);
    out.push(960 - packet.skip);
  };
  for (const [index, ptsMs] of timesMs.entries()) take(timeline.push({ ptsMs, frames: 960, sound: index }));
  for (let packet = timeline.flush(); packet !== undefined; packet = timeline.flush()) take(packet);
  return { out, findings: timeline.findings };
}

describe('Timeline', () => {
  it('joins packets that follow one another, however their times are rounded', () => {
    expect(placed([0, 20.4, 39.6, 60, 81, 99]).out).toEqual([960, 960, 960, 960, 960, 960]);
  });

  it('puts silence where nothing was recorded', () => {
    const { out, findings } = placed([0, 20, 1040, 1060, 1080, 1100]);
    expect(out).toEqual([960, 960, -48_000, 960, 960, 960, 960]);
    expect(findings).toEqual({ lateStartMs: 0, gapCount: 1, gapMs: 1000 });
  });

  it('fills the place of one lost packet', () => {
    expect(placed([0, 20, 60, 80, 100]).out).toEqual([960, 960, -960, 960, 960, 960]);
  });

  it('does not believe a single packet', () => {
    expect(placed([0, 20, 49.7, 60, 80, 100]).out).toEqual([960, 960, 960, 960, 960, 960]);
  });

  it('puts silence before a late start, and none for a delay that is rounded or not told', () => {
    const late = placed([12_000, 12_020, 12_040]);
    expect(late.out).toEqual([-576_000, 960, 960, 960]);
    expect(late.findings.lateStartMs).toBe(12_000);
    expect(placed([16, 36, 56]).out).toEqual([960, 960, 960]);
    expect(placed([90_000, 90_020, 90_040], { zeroMs: undefined }).out).toEqual([960, 960, 960]);
  });

  it('leaves out what a decoder makes before the sound, unless a late start has counted it', () => {
    expect(placed([0, 20, 40], { primingFrames: 1024 }).out).toEqual([0, 896, 960]);
    expect(placed([0, 20, 1040, 1060, 1080], { primingFrames: 960 }).out).toEqual([
      0, 960, -48_000, 960, 960, 960,
    ]);
    expect(placed([2000, 2020, 2040], { primingFrames: 1024 }).out).toEqual([-96_000, 960, 960, 960]);
    expect(placed([0, 20, 40], { primingFrames: -480 }).out).toEqual([-480, 960, 960, 960]);
  });

  it('leaves out what lies before time 0', () => {
    expect(placed([-30, -10, 10, 30]).out).toEqual([0, 480, 960, 960]);
  });

  it('takes a leap beyond all measure for a clock that was set anew', () => {
    expect(placed([0, 20, 9e6, 9e6 + 20, 9e6 + 40]).out).toEqual([960, 960, 960, 960, 960]);
    expect(placed([9e6, 9e6 + 20, 9e6 + 40]).out).toEqual([960, 960, 960]);
  });

  it('loses nothing, whatever the times', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { maxLength: 30 }), (times) => {
        const growing = [...times].sort((a, b) => a - b);
        const { out } = placed(growing);
        expect(out.filter((frames) => frames > 0)).toEqual(growing.map(() => 960));
      }),
      { seed: 20261130, numRuns: 300 },
    );
  });
});
