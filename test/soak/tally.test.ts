import { describe, expect, it } from 'vitest';
import { Tally } from './tally.js';

const SAID = {
  speakerId: 'ana',
  phraseId: 'station',
  language: 'en',
  text: 'Where is the station?',
  startMs: 10_000,
  endMs: 12_000,
};
const HEARD = { phraseId: 'station', language: 'en', fromMs: 13_000, toMs: 15_000 };
const CAPTION = {
  captionId: 't1',
  speakerId: 'ana',
  language: 'en',
  text: 'Where is the station?',
  atMs: 10_000,
};

function tallied(act: (tally: Tally) => void): Tally {
  const tally = new Tally();
  act(tally);
  tally.settle(Infinity);
  return tally;
}

describe('what became of phrases', () => {
  it('heard and captioned once: whole', () => {
    const tally = tallied((each) => {
      each.expect(SAID);
      each.hear(HEARD);
      each.caption(CAPTION);
    });
    expect(tally.whole).toBe(true);
    expect(tally.heard).toEqual({ expected: 1, once: 1, never: 0, repeated: 0 });
  });

  it.each<[string, (tally: Tally) => void]>([
    [
      'never heard',
      (tally) => {
        tally.expect(SAID);
        tally.caption(CAPTION);
      },
    ],
    [
      'heard twice',
      (tally) => {
        tally.expect(SAID);
        tally.caption(CAPTION);
        tally.hear(HEARD);
        tally.hear({ ...HEARD, fromMs: 16_000, toMs: 18_000 });
      },
    ],
    [
      'heard in another language',
      (tally) => {
        tally.expect(SAID);
        tally.caption(CAPTION);
        tally.hear({ ...HEARD, language: 'de' });
      },
    ],
    [
      'never captioned',
      (tally) => {
        tally.expect(SAID);
        tally.hear(HEARD);
      },
    ],
    [
      'captioned in two turns',
      (tally) => {
        tally.expect(SAID);
        tally.hear(HEARD);
        tally.caption(CAPTION);
        tally.caption({ ...CAPTION, captionId: 't2' });
      },
    ],
    [
      'a caption that was withdrawn',
      (tally) => {
        tally.expect(SAID);
        tally.hear(HEARD);
        tally.caption(CAPTION);
        tally.caption({ ...CAPTION, text: '' });
      },
    ],
    [
      'said by nobody',
      (tally) => {
        tally.hear(HEARD);
      },
    ],
    [
      'not understood',
      (tally) => {
        tally.hear({ ...HEARD, phraseId: undefined });
      },
    ],
    [
      'heard twice, in a cut',
      (tally) => {
        tally.cut({ fromMs: 11_000, toMs: 12_000 });
        tally.expect(SAID);
        tally.hear(HEARD);
        tally.hear({ ...HEARD, fromMs: 16_000, toMs: 18_000 });
      },
    ],
  ])('%s: not whole, and said so', (_what, act) => {
    const tally = tallied(act);
    expect(tally.whole).toBe(false);
    expect(tally.failures).not.toEqual([]);
  });

  it('what is said or on its way while lines are cut may be lost; what comes before and after may not', () => {
    const lost = (startMs: number, endMs: number): boolean =>
      !tallied((tally) => {
        tally.cut({ fromMs: 20_000, toMs: 21_000 });
        tally.expect({ ...SAID, startMs, endMs });
      }).whole;
    expect(lost(15_000, 17_000)).toBe(true);
    expect(lost(15_000, 18_000)).toBe(false); // its translation was on its way
    expect(lost(19_000, 22_000)).toBe(false);
    expect(lost(20_500, 23_000)).toBe(false);
    expect(lost(21_500, 23_000)).toBe(true);
  });

  it('forgets what is settled', () => {
    const tally = new Tally();
    for (let n = 0; n < 1_000; n++) {
      tally.expect({ ...SAID, startMs: n * 10_000, endMs: n * 10_000 + 2_000 });
      tally.settle(n * 10_000);
    }
    expect(tally.openCount).toBeLessThan(10);
  });
});
