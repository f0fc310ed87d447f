import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleTimeline } from '../../../src/realtime/uplink/timeline.js';

const SEED = 20_261;

describe('sample timeline', () => {
  it('is the identity before anything was written, and knows only 0', () => {
    const timeline = new SampleTimeline(24_000);
    expect([timeline.bufferMs, timeline.toMeetingMs(0), timeline.toMeetingMs(5_000)]).toEqual([0, 0, 0]);
  });

  it('maps around a gap: the meeting goes on while nothing is written', () => {
    const timeline = new SampleTimeline(24_000);
    timeline.append(24_000, 100);
    timeline.append(24_000, 3_100); // two seconds lost
    expect(timeline.bufferMs).toBe(2_000);
    expect([0, 999, 1_000, 1_999].map((ms) => timeline.toMeetingMs(ms))).toEqual([100, 1_099, 3_100, 4_099]);
  });

  it('moves points outside of what was written to its bounds', () => {
    const timeline = new SampleTimeline(24_000);
    timeline.append(2_400, 500);
    expect([-50, 150, 1e12, Infinity].map((ms) => timeline.toMeetingMs(ms))).toEqual([500, 600, 600, 600]);
  });

  it('takes jitter for jitter: it neither moves nor adds up', () => {
    const timeline = new SampleTimeline(24_000);
    for (let n = 0; n < 1_000; n++) timeline.append(240, n * 10 + (n % 2 === 0 ? 4 : -4));
    expect(Math.abs(timeline.toMeetingMs(9_990) - 9_990)).toBeLessThanOrEqual(5);
  });

  it('gives every sample its own moment, for any pieces and gaps (property)', () => {
    const piece = fc.record({
      samples: fc.integer({ min: 0, max: 4_800 }),
      gapMs: fc.oneof(fc.constant(0), fc.integer({ min: -100, max: 5_000 })),
    });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 60 }), (pieces) => {
        const timeline = new SampleTimeline(24_000);
        const written: { bufferMs: number; atMs: number }[] = [];
        let atMs = 0;
        for (const { samples, gapMs } of pieces) {
          atMs += gapMs;
          if (samples > 0) written.push({ bufferMs: timeline.bufferMs, atMs });
          timeline.append(samples, atMs);
          atMs += samples / 24;
        }
        for (const { bufferMs, atMs: expected } of written) {
          expect(Math.abs(timeline.toMeetingMs(bufferMs) - expected)).toBeLessThanOrEqual(5);
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('forgets only the oldest pieces of a very broken hour', () => {
    const timeline = new SampleTimeline(24_000);
    for (let n = 0; n < 20_000; n++) timeline.append(240, n * 100);
    expect(timeline.toMeetingMs(199_995)).toBe(1_999_905);
    expect(timeline.toMeetingMs(160_000)).toBe(1_600_000);
    expect(timeline.toMeetingMs(0)).toBeGreaterThan(1_000_000); // forgotten: reckoned from the oldest known
  });
});
