import { describe, expect, it } from 'vitest';
import { oneLine } from '../src/text.js';

describe('one line of untrusted text', () => {
  it.each([
    ['line ends and tabs', 'a\r\n\tb\u2028c\u2029d', 'a b c d'],
    ['what moves the cursor or colours', 'a\u001b[31mb\u0007', 'a [31mb'],
    ['what reorders', 'a\u202eb\u2066c\u200fd', 'a b c d'],
    ['what is not seen', 'a\u200bb\u00adc\ufeff', 'a b c'],
    ['halves of characters', 'a\ud83db', 'a b'],
    ['spaces of every width', ' a\u00a0\u3000 b ', 'a b'],
  ])('%s become single spaces', (_, text, line) => {
    expect(oneLine(text, 50)).toBe(line);
  });

  it('is cut at its limit, with a mark, and never within a character', () => {
    expect(oneLine('abcdef', 6)).toBe('abcdef');
    expect(oneLine('abcdefg', 6)).toBe('abcde…');
    expect(oneLine('abcd😀fg', 6)).toBe('abcd…');
  });

  it('looks at no more than the beginning of an endless text', () => {
    expect(oneLine(' '.repeat(1_000_000) + 'x', 6)).toBe('');
  });
});
