import { describe, expect, it } from 'vitest';
import { reflowed } from '../../../src/cli/text/reflow.js';

describe('text of a help page', () => {
  it('breaks between words, and joins what was broken elsewhere', () => {
    expect(reflowed('\none two three\nfour five\n\nsix', 14)).toBe('\none two three\nfour five\n\nsix');
    expect(reflowed('one two three four\nfive', 9)).toBe('one two\nthree\nfour five');
    expect(reflowed('averyverylongword and more', 8)).toBe('averyverylongword\nand more');
  });

  it('leaves examples and lists as they are', () => {
    const list =
      'Examples:\n  parley join abcd-efgh-ijkl --languages es,en\n  parley meet\n\nOptions:\n  --port <n>';
    expect(reflowed(list, 20)).toBe(list);
  });

  it('keeps the last line’s end', () => {
    expect(reflowed('one\n', 80)).toBe('one\n');
    expect(reflowed('', 80)).toBe('');
  });
});
