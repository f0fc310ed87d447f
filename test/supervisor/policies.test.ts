import { describe, expect, it } from 'vitest';
import type { Beat } from '../../src/meeting-process/protocol.js';
import { Liveness } from '../../src/supervisor/liveness.js';
import { OutputRing } from '../../src/supervisor/output-ring.js';
import { afterCrash } from '../../src/supervisor/restart-policy.js';

describe('after a crash', () => {
  it('a process is started at once, then after 1, 3, 10 and 30 s', () => {
    const crashesMs: number[] = [];
    const delays = [0, 1, 2, 3, 4].map((index) => {
      const decision = afterCrash(crashesMs, index * 1_000);
      crashesMs.push(index * 1_000);
      return decision;
    });
    expect(delays).toEqual([
      { kind: 'restart', afterMs: 0 },
      { kind: 'restart', afterMs: 1_000 },
      { kind: 'restart', afterMs: 3_000 },
      { kind: 'restart', afterMs: 10_000 },
      { kind: 'restart', afterMs: 30_000 },
    ]);
  });

  it('the sixth in ten minutes is the last', () => {
    expect(afterCrash([0, 1, 2, 3, 4], 599_999)).toEqual({ kind: 'give_up' });
  });

  it('crashes of more than ten minutes ago do not count', () => {
    expect(afterCrash([0, 1, 2, 3, 4], 600_000)).toEqual({ kind: 'restart', afterMs: 30_000 });
    expect(afterCrash([0, 1, 2, 3, 4], 700_000)).toEqual({ kind: 'restart', afterMs: 0 });
  });
});

const BEAT: Beat = {
  framesPulled: 0,
  framesHeard: 0,
  speaking: false,
  openMicrophones: 0,
  roomState: 'connected',
  loopDelayMs: 20,
  rssBytes: 1,
  fenced: false,
  journalLost: 0,
};

/** Beats once a second; returns after how many seconds something was found, and what. */
function findingOf(beatAt: (second: number) => Beat | undefined, seconds = 60): [number, string] | undefined {
  const liveness = new Liveness(0);
  for (let second = 1; second <= seconds; second++) {
    const beat = beatAt(second);
    if (beat !== undefined) liveness.beat(beat, second * 1_000);
    const finding = liveness.check(second * 1_000, -Infinity);
    if (finding !== undefined) return [second, finding];
  }
  return undefined;
}

describe('a process', () => {
  it('lives while it beats, though nothing passes that need not', () => {
    expect(findingOf(() => BEAT)).toBeUndefined();
    expect(
      findingOf(() => ({ ...BEAT, roomState: 'reconnecting', speaking: true, openMicrophones: 2 })),
    ).toBeUndefined();
  });

  it('hangs when it says nothing for ten seconds, from its start or from its last beat on', () => {
    expect(findingOf(() => undefined)).toEqual([11, 'silent']);
    expect(findingOf((second) => (second <= 5 ? BEAT : undefined))).toEqual([16, 'silent']);
  });

  it('has its output stalled when what it has to say is not taken', () => {
    expect(findingOf((second) => ({ ...BEAT, speaking: true, framesPulled: second }))).toBeUndefined();
    expect(findingOf((second) => ({ ...BEAT, speaking: true, framesPulled: Math.min(second, 5) }))).toEqual([
      16,
      'output_stalled',
    ]);
  });

  it('has its input stalled when microphones are on and nothing comes', () => {
    expect(findingOf((second) => ({ ...BEAT, openMicrophones: 1, framesHeard: second }))).toBeUndefined();
    expect(
      findingOf((second) => ({ ...BEAT, openMicrophones: 1, framesHeard: Math.min(second, 5) })),
    ).toEqual([36, 'input_stalled']);
  });

  it('is not blamed for what we did not hear while we stood still ourselves', () => {
    const liveness = new Liveness(0);
    liveness.beat(BEAT, 1_000);
    expect(liveness.check(60_000, 60_000)).toBeUndefined();
    expect(liveness.check(70_001, 60_000)).toBe('silent');
  });
});

describe('what a process wrote', () => {
  it('is kept to its last 64 KiB, from the beginning of a line on', () => {
    const ring = new OutputRing();
    for (let line = 0; line < 10_000; line++) ring.add(Buffer.from(`line ${line} of many\n`));
    const text = ring.text([]);
    expect(text.length).toBeLessThanOrEqual(2 * 64 * 1024);
    expect(text).toMatch(/^line \d+ of many\n/);
    expect(text).toMatch(/line 9999 of many\n$/);
  });

  it('holds no key', () => {
    const ring = new OutputRing();
    ring.add(Buffer.from('the key is sk-abcdefghijkl and '));
    ring.add(Buffer.from('the secret is hunter22\n'));
    expect(ring.text(['hunter22'])).toBe('the key is [redacted] and the secret is [redacted]\n');
  });
});
