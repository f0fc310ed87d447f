import { describe, expect, it } from 'vitest';
import { chrf } from '../../../src/replay/compare/measures/chrf.js';

const score = (hypotheses: string[], references: string[], beta = 2): number | undefined =>
  chrf(
    hypotheses.map((hypothesis, index) => ({ hypothesis, reference: references[index]! })),
    { beta },
  );

describe('chrF', () => {
  // mjpost/sacrebleu, test/test_chrf.py: char_order 6, word_order 0, beta 3, effective order.
  it.each([
    [['a'], ['a'], 100],
    [[''], ['reference'], 0],
    [['a b c'], ['abc'], 100],
    [['a', 'b'], ['a', 'c'], 50],
    [['aa'], ['ab'], 25],
  ])('of %j against %j is %d, as in the tests of sacreBLEU', (hypotheses, references, expected) => {
    expect(score(hypotheses, references, 3)).toBeCloseTo(expected, 10);
  });

  // huggingface/evaluate, metrics/chrf/README.md: computed by sacreBLEU with its defaults (char_order 6, beta 2).
  it('of a corpus is that of the card of Hugging Face’s chrf metric', () => {
    expect(
      score(
        [
          'The relationship between cats and dogs is not exactly friendly.',
          'a good bookshop is just a genteel black hole that knows how to read.',
        ],
        [
          'The relationship between dogs and cats is not exactly friendly.',
          'A good bookshop is just a genteel Black Hole that knows how to read.',
        ],
      ),
    ).toBeCloseTo(84.64214891738334, 10);
  });

  it('is nothing without a pair, and does not tell how a letter is composed', () => {
    expect(chrf([])).toBeUndefined();
    expect(score(['ma\u00f1ana'], ['man\u0303ana'])).toBeCloseTo(100, 10);
  });

  it('counts what is lost: half of a corpus is less than all of it', () => {
    expect(score(['abcdef', ''], ['abcdef', 'ghijkl'])!).toBeLessThan(60);
  });
});
