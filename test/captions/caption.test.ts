import { describe, expect, it } from 'vitest';
import { captionText, displayName } from '../../src/captions/caption.js';

describe('displayName', () => {
  it.each([
    ['Ana María', 'Ana María'],
    ['  Ana \n\t María ', 'Ana María'],
    ['\u001b[31mAna\u001b[0m', '[31mAna [0m'],
    ['\u202eanA\u2066', 'anA'],
    ['Ana <b>', 'Ana <b>'],
    ['علی', 'علی'],
    ['', 'Somebody'],
    ['\u0000\u202e \ufffd', 'Somebody'],
    ['\ud83d', 'Somebody'],
    ['👩‍💻 Ana', '👩‍💻 Ana'],
  ])('%j is shown as %j', (name, shown) => {
    expect(displayName(name)).toBe(shown);
  });

  it('is bounded, and never ends in half a character', () => {
    expect(displayName('a'.repeat(100_000))).toBe(`${'a'.repeat(79)}…`);
    expect(displayName('🙂'.repeat(100))).toBe(`${'🙂'.repeat(39)}…`);
  });
});

describe('captionText', () => {
  it('keeps joiners that scripts need, and drops what turns the line around', () => {
    expect(captionText('می‌خواهم \u2067x\u2069')).toBe('می‌خواهم x');
  });
});
