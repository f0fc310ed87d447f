/** The short form of `npm run soak`: the same meeting, a few minutes of it. */
import { describe, expect, it } from 'vitest';
import { runDay } from './day.js';
import { ENGINES } from './engines.js';
import { leftOpen } from './memory-watch.js';

const MINUTE_MS = 60_000;

describe.each(ENGINES)('a few minutes of the soak, %s sessions', (engine) => {
  it('every phrase outside a cut arrives once, although sessions expire and lines are cut; nothing stays open', async () => {
    const { tally, cuts, totals, handlesBefore, handlesAfter, phrases } = await runDay({
      engine,
      seed: 1,
      durationMs: 3 * MINUTE_MS,
      sessionDurationMs: MINUTE_MS,
      cutEveryMs: 0.9 * MINUTE_MS,
      sampleEveryMs: MINUTE_MS,
      stepMs: 40,
    });
    expect(phrases).toBeGreaterThan(30);
    expect(tally.failures).toEqual([]);
    expect(tally.whole).toBe(true);
    expect(tally.heard.once).toBeGreaterThan(30);
    expect(tally.captioned.once).toBe(tally.heard.once);
    expect(cuts.length).toBe(3);
    expect(Math.max(...cuts.map(({ recoveredMs }) => recoveredMs))).toBeLessThan(5_000);
    expect(totals.rotations).toBeGreaterThan(7);
    expect(totals.reconnects).toBeGreaterThan(3);
    expect(leftOpen(handlesBefore, handlesAfter)).toEqual({});
  }, 300_000);
});
