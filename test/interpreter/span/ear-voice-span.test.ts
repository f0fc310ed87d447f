import { describe, expect, it } from 'vitest';
import { earVoiceSpan, type SpokenTurn } from '../../../src/interpreter/span/ear-voice-span.js';
import { evenestTimes } from '../../../src/interpreter/span/evenest-times.js';
import type { WordTime } from '../../../src/interpreter/span/word-time.js';
import { SpanMeter } from '../../../src/interpreter/span/span-meter.js';

/** A text had come so far at this moment, which is known exactly. */
const at = (chars: number, ms: number): WordTime => ({ chars, fromMs: ms, toMs: ms });

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
    const sourceWords = [at(5, 1_250), at(10, 1_750), at(15, 5_250), at(20, 5_750)];
    const translationWords = sourceWords.map(({ chars, fromMs }) => at(chars, fromMs + 2_000 - 3_000));
    const turn = { startMs: 1_000, endMs: 6_000, playedFromMs: 3_000, playedToMs: 8_000 };
    expect(earVoiceSpan({ ...turn, sourceWords, translationWords })).toEqual({ spanMs: 2_000, byWord: true });
  });

  it.each([
    ['one that pauses early', 0.2],
    ['one that pauses late', 0.7],
  ])(
    'is within 50 ms of the truth where words have windows of 200 ms, of a speech that is uneven: %s',
    (_, share) => {
      // 60 characters in words of five, 60 ms each, with a pause of 1.6 s after this share; interpreted evenly in 4 s.
      const pauseMs = 1_600;
      const word = (n: number): number => n * 300 + 150 + (n < 12 * share ? 0 : pauseMs);
      const saidMs = Array.from({ length: 12 }, (_, n) => 10_030 + word(n));
      const heardMs = Array.from({ length: 12 }, (_, n) => (n * 4_000) / 12 + 4_000 / 24);
      const windows = (times: readonly number[]) =>
        times.map((ms, n) => {
          const fromMs = Math.floor(ms / 200) * 200;
          return { chars: (n + 1) * 5, fromMs, toMs: fromMs + 200 };
        });
      const turn = {
        startMs: 10_030,
        endMs: 10_030 + 3_600 + pauseMs,
        playedFromMs: 13_000,
        playedToMs: 17_000,
      };
      const span = earVoiceSpan({
        ...turn,
        sourceWords: windows(saidMs),
        translationWords: windows(heardMs),
      })!;
      const mean = (times: readonly number[]): number =>
        times.reduce((sum, ms) => sum + ms, 0) / times.length;
      const truthMs = 13_000 + mean(heardMs) - mean(saidMs);
      expect(Math.abs(span.spanMs - truthMs)).toBeLessThan(50);
      // by the bounds alone it would be far off
      const byBounds = earVoiceSpan(turn)!;
      expect(Math.abs(byBounds.spanMs - truthMs)).toBeGreaterThan(300);
    },
  );

  it('compares words of one side with the evenly said phrase of the other', () => {
    const translationWords = [at(10, 250), at(20, 1_000), at(30, 1_750)];
    const span = earVoiceSpan({ ...TURN, translationWords });
    expect(span?.byWord).toBe(true);
    expect(span?.spanMs).toBeCloseTo(3_000, 6);
  });

  it('too few words, and times out of order or out of bounds, do no harm', () => {
    expect(earVoiceSpan({ ...TURN, sourceWords: [at(3, 9e9)] })).toEqual({
      spanMs: 3_000,
      byWord: false,
    });
    const wild = [at(4, 9e9), at(2, -5), at(9, 1_500)];
    const span = earVoiceSpan({ ...TURN, sourceWords: wild, translationWords: wild })!;
    expect(span.spanMs).toBeGreaterThan(0);
    expect(span.spanMs).toBeLessThan(5_001);
  });
});

describe('when a text was said', () => {
  it('is as evenly as its windows allow', () => {
    const window = (share: number, fromMs: number, toMs: number) => ({ share, fromMs, toMs });
    expect(evenestTimes([window(0.25, 0, 500), window(0.5, 400, 600)], 0, 1_000)).toEqual([
      { share: 0.25, atMs: 250 },
      { share: 0.5, atMs: 500 },
    ]);
    // The second word cannot have been said before 800: everything up to there is slower.
    expect(evenestTimes([window(0.25, 0, 500), window(0.5, 800, 900)], 0, 1_000)).toEqual([
      { share: 0.25, atMs: 400 },
      { share: 0.5, atMs: 800 },
    ]);
    // Nor the first one after 100: from there on it is slower still.
    expect(evenestTimes([window(0.25, 0, 100), window(0.5, 800, 900), window(0.75, 0, 0)], 0, 1_000)).toEqual(
      [
        { share: 0.25, atMs: 100 },
        { share: 0.5, atMs: 800 },
        { share: 0.75, atMs: 900 },
      ],
    );
    expect(evenestTimes([], 0, 1_000)).toEqual([]);
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
    expect(meter.summary?.isGrowing).toBeUndefined();
    expect(add(9_000, 10)).toHaveLength(1);
    expect(meter.summary?.isGrowing).toBe(true);
    expect(add(9_500, 5)).toEqual([]);
    expect(add(3_000, 10)).toEqual([]);
    expect(meter.summary?.isGrowing).toBeUndefined();
    const [again] = add(12_000, 6);
    expect(again!.toMs).toBe(12_000);
  });
});
