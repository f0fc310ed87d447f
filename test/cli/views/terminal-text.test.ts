import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, fit, fitEnd } from '../../../src/cli/views/terminal-text.js';

describe('columnsOf', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['ñandú', 5],
    ['n\u0303andu\u0301', 5],
    ['日本語', 6],
    ['한국', 4],
    ['👍', 2],
    ['👩‍👩‍👧', 2],
    ['→ …', 3],
    ['｡', 1],
    ['Ａ', 2],
  ])('of %j is %i', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });
});

describe('fit', () => {
  it.each([
    ['abc', 5, 'abc  '],
    ['abcdef', 4, 'abc…'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日… '],
    ['abc', 0, ''],
    ['abc', 1, '…'],
  ])('%j in %i columns is %j', (text, columns, fitted) => {
    expect(fit(text, columns)).toBe(fitted);
  });

  it('keeps the end where the end matters', () => {
    expect(fitEnd('what was said last', 5)).toBe('…last');
    expect(fitEnd('short', 5)).toBe('short');
    expect(fitEnd('日本語', 4)).toBe('…語');
  });

  it('takes exactly its columns, whatever the text', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40 }), (any, columns) => {
        const line = any.replace(/\p{C}/gu, '');
        expect(columnsOf(fit(line, columns))).toBe(columns);
        expect(columnsOf(fitEnd(line, columns))).toBeLessThanOrEqual(columns);
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});
