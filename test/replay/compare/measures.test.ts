import { describe, expect, it } from 'vitest';
import {
  catchUpMs,
  delayFigures,
  earVoiceSpanMs,
  firstWordMs,
  type HeardSpan,
  lastWordMs,
} from '../../../src/replay/compare/measures/delays.js';
import {
  keptTogether,
  namesKept,
  numbersKept,
  termsKept,
} from '../../../src/replay/compare/measures/kept.js';

const span = (
  saidFromMs: number,
  saidToMs: number,
  heardFromMs: number,
  heardToMs: number,
  cut = false,
): HeardSpan => ({ saidFromMs, saidToMs, heardFromMs, heardToMs, cut });

describe('delays', () => {
  it('are from first to first, last to last, and middle to middle', () => {
    const heard = span(1_000, 3_000, 4_000, 7_000);
    expect([firstWordMs(heard), lastWordMs(heard), earVoiceSpanMs(heard)]).toEqual([3_000, 4_000, 3_500]);
  });

  it('of what was cut have no last word', () => {
    expect(lastWordMs(span(0, 1_000, 2_000, 2_500, true))).toBeUndefined();
  });

  it('are a median, a 95th percentile by nearest rank, and the longest', () => {
    const delays = Array.from({ length: 20 }, (_, index) => (20 - index) * 100);
    expect(delayFigures(delays)).toEqual({ count: 20, medianMs: 1_050, p95Ms: 1_900, longestMs: 2_000 });
    expect(delayFigures([])).toBeNull();
  });

  it('catching up counts from the end of half a minute of speech, pauses of two seconds aside', () => {
    const monologue = [span(0, 20_000, 5_000, 26_000), span(21_500, 32_000, 27_000, 39_500)];
    const short = [span(0, 20_000, 5_000, 90_000), span(22_500, 42_000, 91_000, 92_000)];
    expect(catchUpMs([monologue, short])).toBe(7_500);
    expect(catchUpMs([short])).toBeNull();
  });
});

describe('what a translation keeps', () => {
  const entries = [
    { source: 'acta', target: 'minutes' },
    { source: 'plan de obra', target: 'works schedule' },
  ];

  it('terms: those that were said, as whole words, whatever their case and accents', () => {
    expect(termsKept(entries, 'El Acta y el plan de obra.', 'The MINUTES and the building plan.')).toEqual({
      said: 2,
      missing: ['works schedule'],
    });
    expect(termsKept(entries, 'La actadura', 'nothing')).toEqual({ said: 0, missing: [] });
  });

  it('numbers: each as often as it was said, however its thousands are set apart', () => {
    expect(numbersKept('1.500 y 1 200, el 20 a las 9:30', '1,500 and 1200 on the 20th at 9:30')).toEqual({
      said: 5,
      missing: [],
    });
    expect(numbersKept('3 y 3', 'three and 3')).toEqual({ said: 2, missing: ['3'] });
    expect(numbersKept('٢٠٢٦', '2026')).toEqual({ said: 1, missing: [] });
  });

  it('names: as they are written, unless the translation has another script', () => {
    const names = ['Ana María', 'Jo'];
    expect(namesKept(names, 'Hola, Ana, y María', 'Hello Ana and Mary', 'en')).toEqual({
      said: 2,
      missing: ['María'],
    });
    expect(namesKept(names, 'Hola, Ana', 'こんにちは、アナ', 'ja')).toEqual({ said: 0, missing: [] });
    expect(namesKept(['May Day'], 'you may come any day', 'puede venir', 'es')).toEqual({
      said: 0,
      missing: [],
    });
  });

  it('adds up', () => {
    expect(
      keptTogether([
        { said: 2, missing: ['a'] },
        { said: 1, missing: [] },
      ]),
    ).toEqual({ kept: 2, said: 3 });
  });
});
