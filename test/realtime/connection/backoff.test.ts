import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { Backoff, backoffMs, CONNECTION_BACKOFF } from '../../../src/realtime/connection/backoff.js';

const PLAIN = { firstMs: 100, longestMs: 1_000, jitter: 0 };

describe('backoff', () => {
  it('doubles from the first wait to the longest', () => {
    const waits = Array.from({ length: 6 }, (_, n) => backoffMs(n + 1, 0.5, undefined, PLAIN));
    expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('stays within its bounds, whatever the dice and however many failures', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
        const waitMs = backoffMs(failures, random, undefined);
        const { firstMs, longestMs, jitter } = CONNECTION_BACKOFF;
        return waitMs >= firstMs * (1 - jitter) && waitMs <= longestMs * (1 + jitter);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('never comes back before the server allows it, nor all at the same moment', () => {
    const waits = [0, 0.25, 0.5, 0.999].map((random) => backoffMs(1, random, 5_000));
    expect(Math.min(...waits)).toBe(5_000);
    expect(new Set(waits).size).toBe(4);
    expect(Math.max(...waits)).toBeLessThanOrEqual(6_000);
    expect(backoffMs(4, 0.5, 10, PLAIN)).toBe(800);
  });

  it('begins anew after a success', () => {
    const clock = new VirtualClock({ seed: 3 });
    const backoff = new Backoff(() => clock.random(), PLAIN);
    expect([backoff.failed(), backoff.failed(), backoff.failed(5_000)]).toEqual([100, 200, 5_000]);
    expect(backoff.failures).toBe(3);
    backoff.succeeded();
    expect(backoff.failed()).toBe(100);
  });
});
