import { describe, expect, it } from 'vitest';
import { recogniseTurn, NOTHING_RECOGNISED } from '../../../src/interpreter/plan/recognised-languages.js';

/** What is agreed on after each of these turns. */
const agreedAfter = (...reported: string[]) => {
  let heard = NOTHING_RECOGNISED;
  return reported.map((language) => (heard = recogniseTurn(heard, language)).agreed);
};

describe('hearTurn', () => {
  it.each([
    ['one turn is not enough', ['es'], [undefined]],
    ['two that agree are', ['es', 'es'], [undefined, 'es']],
    ['regions and ways to write it aside', ['pt-BR', 'Portuguese'], [undefined, 'pt']],
    ['two that differ are not', ['es', 'en', 'es', 'en'], [undefined, undefined, undefined, undefined]],
    ['two in a row are', ['es', 'en', 'en'], [undefined, undefined, 'en']],
    ['one slip changes nothing', ['es', 'es', 'fr', 'es'], [undefined, 'es', 'es', 'es']],
    ['two slips in a row do', ['es', 'es', 'fr', 'fr'], [undefined, 'es', 'es', 'fr']],
    [
      'what is no language counts for nothing',
      ['es', '', 'es', '<b>', 'auto'],
      [undefined, undefined, 'es', 'es', 'es'],
    ],
  ])('%s', (_name, reported, agreed) => {
    expect(agreedAfter(...reported)).toEqual(agreed);
  });

  it('keeps the tag that was agreed on, whatever region is reported next', () => {
    expect(agreedAfter('pt', 'pt', 'pt-BR')).toEqual([undefined, 'pt', 'pt']);
  });
});
