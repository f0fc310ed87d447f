import { describe, expect, it } from 'vitest';
import { earVoiceSpan, type SpokenTurn } from '../../../src/interpreter/span/ear-voice-span.js';
import { SpanMeter } from '../../../src/interpreter/span/span-meter.js';

const TURN: SpokenTurn = { startMs: 1_000, endMs: 3_000, playedFromMs: 4_000, playedToMs: 6_000 };

describe('the ear-voice span of a turn', () => {
  it('is that of the middle of the phrase where words have no times', () => {
    expect(earVoiceSpan(TURN)).toEqual({ spanMs: 3_000, byWord: false });
    expect(earVoiceSpan({ ...TURN, playedToMs: 8_000 })).toEqual({ spanMs: 4_000, byWord: false });
  });

  it('is not known before the translation was heard to its end', () => {
    expect(earVoiceSpan({ startMs: 0, endMs: 1, playedFromMs: 3 })).toBeUndefined();
    expect(earVoiceSpan({ startMs: 0, endMs: 1 })).toBeUndefined();
  });

  it('goes by the words where they have times: a speaker who pauses in the middle is not farther ahead for it', () => {
    // Ten characters from 1 to 2 s, a pause, ten from 5 to 6 s; said again two seconds later, word for word.
    const sourceWords = [
      { chars: 5, atMs: 1_250 },
      { chars: 10, atMs: 1_750 },
      { chars: 15, atMs: 5_250 },
      { chars: 20, atMs: 5_750 },
    ];
    const translationWords = sourceWords.map(({ chars, atMs }) => ({ chars, atMs: atMs + 2_000 - 3_000 }));
    const turn = { startMs: 1_000, endMs: 6_000, playedFromMs: 3_000, playedToMs: 8_000 };
    expect(earVoiceSpan({ ...turn, sourceWords, translationWords })).toEqual({ spanMs: 2_000, byWord: true });
  });

  it('compares words of one side with the evenly said phrase of the other', () => {
    const translationWords = [
      { chars: 10, atMs: 250 },
      { chars: 20, atMs: 1_000 },
      { chars: 30, atMs: 1_750 },
    ];
    const span = earVoiceSpan({ ...TURN, translationWords });
    expect(span?.byWord).toBe(true);
    expect(span?.spanMs).toBeCloseTo(3_000, 6);
  });

  it('too few words, and times out of order or out of bounds, do no harm', () => {
    expect(earVoiceSpan({ ...TURN, sourceWords: [{ chars: 3, atMs: 9e9 }] })).toEqual({
      spanMs: 3_000,
      byWord: false,
    });
    const wild = [
      { chars: 4, atMs: 9e9 },
      { chars: 2, atMs: -5 },
      { chars: 9, atMs: 1_500 },
    ];
    const span = earVoiceSpan({ ...TURN, sourceWords: wild, translationWords: wild })!;
    expect(span.spanMs).toBeGreaterThan(0);
    expect(span.spanMs).toBeLessThan(5_001);
  });
});

describe('the meter of a route', () => {
  it('knows the last, the median and the 95th percentile', () => {
    const meter = new SpanMeter();
    expect(meter.summary).toBeUndefined();
    for (let n = 1; n <= 20; n++) meter.add(`t${n}`, n * 100);
    expect(meter.summary).toEqual({ turns: 20, lastMs: 2_000, medianMs: 1_050, p95Ms: 1_900 });
    meter.add('t20', 500);
    meter.remove('t1');
    meter.remove('unknown');
    expect(meter.summary).toMatchObject({ turns: 19, lastMs: 500 });
  });

  it('says once that it grows, and again only after it was over', () => {
    const meter = new SpanMeter();
    let n = 0;
    const add = (spanMs: number, count: number) =>
      Array.from({ length: count }, () => meter.add(`t${++n}`, spanMs)).flatMap((grown) => grown ?? []);
    expect(add(3_000, 10)).toEqual([]);
    expect(add(5_500, 6)).toEqual([]); // grown, and no reason to worry
    expect(add(9_000, 10)).toHaveLength(1);
    expect(add(9_500, 5)).toEqual([]);
    expect(add(3_000, 10)).toEqual([]);
    const [again] = add(12_000, 6);
    expect(again!.toMs).toBe(12_000);
  });
});
