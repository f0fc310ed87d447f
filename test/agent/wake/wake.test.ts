import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wakeOf } from '../../../src/agent/wake/wake.js';
import { MORE_UTTERANCES, UTTERANCES } from './utterances.js';

const kindOf = (text: string, languages: readonly string[] = []): string | undefined =>
  wakeOf(text, ['Parley'], languages)?.kind;

describe('a hundred and twenty utterances in twelve languages', () => {
  const all = Object.entries(UTTERANCES);
  const trapsThatCall = (known: boolean): string[] =>
    all.flatMap(([language, { traps }]) =>
      traps.filter((text) => kindOf(text, known ? [language] : []) === 'called'),
    );
  const missedCalls = (known: boolean): string[] =>
    all.flatMap(([language, { calls }]) =>
      calls.filter((text) => kindOf(text, known ? [language] : []) !== 'called'),
    );

  it('are sixty calls and sixty traps', () => {
    expect(all).toHaveLength(12);
    for (const [, { calls, traps }] of all) expect([calls.length, traps.length]).toEqual([5, 5]);
  });

  it('no trap calls the agent, whether the language is known or not', () => {
    expect(trapsThatCall(true)).toEqual([]);
    expect(trapsThatCall(false)).toEqual([]);
  });

  it('every call is understood where the language is known, and all but two where it is not', () => {
    expect(missedCalls(true)).toEqual([]);
    expect(missedCalls(false).length).toBeLessThanOrEqual(2);
  });
});

it.each(MORE_UTTERANCES)('%s: %s is %s', (language, text, expected) => {
  expect(kindOf(text, [language]) ?? 'not').toBe(expected);
});

describe('what is asked', () => {
  it.each([
    ['Hey Parley, take a note: we launch on Friday.', 'take a note: we launch on Friday.'],
    ['Can you repeat that, Parley?', 'Can you repeat that'],
    ['Parley! What did Ana say?', 'What did Ana say?'],
    ['What did Ana say? Parley?', 'What did Ana say?'],
    ['I see. Parley, who is here? And since when?', 'who is here? And since when?'],
    ['Parley?', ''],
    ['Hey Parley!', ''],
  ])('%s', (text, request) => {
    expect(wakeOf(text, ['Parley'], ['en'])).toEqual({ kind: 'called', request });
  });

  it('in other scripts', () => {
    expect(wakeOf('パーリーさん、今何時?', ['Parley'], ['ja'])?.request).toBe('今何時?');
  });
});

describe('names', () => {
  it('are those that a host chose, with or without accents', () => {
    expect(wakeOf('Élise, note ça', ['Elise'], ['fr'])).toEqual({ kind: 'called', request: 'note ça' });
    expect(kindOf('Elise, note ça', ['fr'])).toBeUndefined();
    expect(wakeOf('Hallo Mister Wong, was steht im Vertrag?', ['Mister Wong'], ['de'])?.kind).toBe('called');
  });

  it('as transcripts misspell them, except where that is a word of the language', () => {
    expect(kindOf('Parlay, what time is it?', ['en'])).toBe('called');
    expect(kindOf('Parlay, che ora è?', ['it'])).toBeUndefined();
  });

  it('empty ones call nobody', () => {
    expect(wakeOf('Parley, what time is it?', [''], ['en'])).toBeUndefined();
    expect(wakeOf('Parley, what time is it?', [], ['en'])).toBeUndefined();
  });
});

it('takes any text (property)', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('Parley', 'パーリー', ',', ' ', '?', '.', 'is', 'hey', '"', '帕利', '\u200f', '"s'),
  );
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 40 }),
      fc.constantFrom('en', 'ja', 'ar', 'xx'),
      (parts, language) => {
        const text = parts.join('');
        const wake = wakeOf(text, ['Parley'], [language]);
        expect((wake?.request ?? '').length).toBeLessThanOrEqual(text.normalize('NFC').length + 4);
      },
    ),
    { seed: 7, numRuns: 100 },
  );
});
