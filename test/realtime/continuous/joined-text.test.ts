import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JoinedText } from '../../../src/realtime/continuous/joined-text.js';

function joined(...deltas: string[]): string {
  const text = new JoinedText();
  for (const delta of deltas) text.add(delta);
  return text.text;
}

describe('a text in pieces', () => {
  it('puts no spaces between pieces, and none in front', () => {
    expect(joined(' Hel', 'lo', ' there.')).toBe('Hello there.');
  });

  it('leaves out what a cut between bytes has destroyed', () => {
    expect(joined('会議', '\uFFFD\uFFFD', 'を始め', '\uFFFD', 'ます')).toBe('会議を始めます');
    expect(new JoinedText().add('\uFFFD')).toBe(false);
  });

  it('puts the halves of a character together, and leaves a half without the other out', () => {
    expect(joined('ok \uD83D', '\uDE00!')).toBe('ok 😀!');
    expect(joined('a\uD83D', 'b')).toBe('ab');
    expect(joined('a\uDE00b')).toBe('ab');
  });

  it('knows the end of a sentence in several scripts', () => {
    for (const [text, ends] of [
      ['Ready?', true],
      ['He said “yes.” ', true],
      ['終わり。', true],
      ['समाप्त।', true],
      ['and so', false],
      ['', false],
    ] as const) {
      const sentence = new JoinedText();
      sentence.add(text);
      expect(sentence.endsSentence, text).toBe(ends);
    }
  });

  it('is bounded', () => {
    const text = new JoinedText();
    for (let n = 0; n < 100; n++) text.add('x'.repeat(1_000));
    expect(text.text).toHaveLength(20_000);
  });

  it('does not depend on where a well-formed text is cut (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(6)), (whole, lengths) => {
        fc.pre(!whole.includes('\uFFFD'));
        const text = new JoinedText();
        let from = 0;
        for (const length of lengths) {
          text.add(whole.slice(from, from + length));
          from += length;
        }
        text.add(whole.slice(from));
        return text.text.trimStart() === whole.trimStart();
      }),
      { seed: 3 },
    );
  });
});
