import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptQuiet, QuietFilter } from '../../../src/realtime/continuous/quiet-filter.js';
import { sound } from '../translate/translate-fixture.js';

const MS = 24;

function through(filter: QuietFilter, deltas: readonly Int16Array[], behindMs = 0): number[] {
  return deltas.flatMap((delta) => Array.from(filter.process(delta, behindMs)));
}

function longestZeros(samples: readonly number[]): number {
  let longest = 0;
  let run = 0;
  for (const sample of samples) {
    run = sample === 0 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

describe('what is not speech', () => {
  it('lets nothing of a delta of zeros through, whatever its length', () => {
    const filter = new QuietFilter();
    for (const length of [1, 239, 4_800, 9_600, 9_601]) {
      expect(filter.process(new Int16Array(length), 0)).toHaveLength(0);
    }
  });

  it('keeps a delta in which one sample is not zero', () => {
    const delta = new Int16Array(9_600);
    delta[0] = 1;
    expect(new QuietFilter().process(delta, 0)).toEqual(Int16Array.of(1));
  });

  it('keeps quiet that is not zero, however long', () => {
    const quiet = new Int16Array(2_000 * MS).fill(1);
    expect(new QuietFilter().process(quiet, 0)).toHaveLength(quiet.length);
  });

  it('makes a pause of 200 ms of a second of zeros between two words, across deltas', () => {
    const filter = new QuietFilter();
    const heard = through(filter, [
      sound(100),
      new Int16Array(400 * MS),
      new Int16Array(600 * MS),
      sound(100),
    ]);
    expect(heard).toHaveLength(400 * MS);
    expect(filter.droppedMs).toBe(800);
  });

  it('leaves the zeros before an utterance and after it out', () => {
    const filter = new QuietFilter();
    const heard = through(filter, [new Int16Array(400 * MS), sound(50), new Int16Array(400 * MS)]);
    expect(heard).toHaveLength(50 * MS);
    filter.endUtterance();
    expect(through(filter, [sound(50)])).toHaveLength(50 * MS);
  });

  it('lets the first quiet after a sound through with it, at once and once, and counts it into the pause', () => {
    const filter = new QuietFilter(1, 200, 10);
    expect(filter.process(sound(100), 0)).toHaveLength(100 * MS);
    expect(filter.process(new Int16Array(4 * MS), 0)).toHaveLength(4 * MS);
    expect(filter.process(new Int16Array(50 * MS), 0)).toHaveLength(6 * MS);
    expect(filter.process(new Int16Array(446 * MS), 0)).toHaveLength(0);
    expect(filter.process(sound(100), 0)).toHaveLength((190 + 100) * MS);
    expect(filter.droppedMs).toBe(300);
    const withTail = Int16Array.from([...sound(50), ...new Int16Array(30 * MS)]);
    expect(filter.process(withTail, 0)).toHaveLength((50 + 10) * MS);
    filter.endUtterance();
    expect(filter.process(new Int16Array(400 * MS), 0)).toHaveLength(0);
    expect(filter.process(sound(50), 0)).toHaveLength(50 * MS);
  });

  it('shortens pauses as the listener falls behind, and never makes them longer than they were', () => {
    expect(keptQuiet(24_000, 0)).toBe(4_800);
    expect(keptQuiet(24_000, 1_000)).toBe(2_400);
    expect(keptQuiet(24_000, 5_000)).toBe(0);
    expect(keptQuiet(100, 5_000)).toBe(100);
    fc.assert(
      fc.property(fc.nat(100_000), fc.double({ min: 0, max: 1e6, noNaN: true }), (run, behindMs) => {
        const kept = keptQuiet(run, behindMs);
        return kept >= 0 && kept <= run && Number.isInteger(kept);
      }),
      { seed: 5 },
    );
  });

  it('loses no sound, keeps its order, and does not depend on how the audio is cut (property)', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.record({ zeros: fc.nat(12_000) }),
        fc.record({ values: fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 200 }) }),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(pieces, fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1 }), (parts, cuts) => {
        const all = parts.flatMap((part) =>
          'zeros' in part ? Array.from<number>({ length: part.zeros }).fill(0) : part.values,
        );
        const deltas: Int16Array[] = [];
        for (let from = 0, cut = 0; from < all.length; cut++) {
          const length = cuts[cut % cuts.length]!;
          deltas.push(Int16Array.from(all.slice(from, from + length)));
          from += length;
        }
        for (const tailMs of [0, 10]) {
          const heard = through(new QuietFilter(1, 200, tailMs), deltas);
          expect(heard).toEqual(through(new QuietFilter(1, 200, tailMs), [Int16Array.from(all)]));
          expect(heard.filter((sample) => sample !== 0)).toEqual(all.filter((sample) => sample !== 0));
          expect(longestZeros(heard)).toBeLessThanOrEqual(4_800);
        }
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});
