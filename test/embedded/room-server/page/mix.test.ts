import { describe, expect, it } from 'vitest';
import { DEFAULT_BALANCE, roleOf, volumesOf } from '../../../../src/embedded/room-server/page/mix.js';

describe('what a voice is for a listener', () => {
  const person = { isBot: false, looksLikeBot: false, channel: '' };
  const bot = { isBot: true, looksLikeBot: true, channel: '' };
  it.each([
    ['a person', person, 'original'],
    ['a person who says to be a voice of the interpreter', { ...person, channel: 'es' }, 'original'],
    ['the interpreter', bot, 'translation'],
    ["the interpreter's voice of one's language", { ...bot, channel: 'es' }, 'translation'],
    ["the interpreter's voice of one's language elsewhere", { ...bot, channel: 'es-MX' }, 'translation'],
    ['its voice of another language', { ...bot, channel: 'en' }, 'unheard'],
    ['its voice of what is no language', { ...bot, channel: '<b>' }, 'unheard'],
    ['somebody with an id like its, unvouched for', { ...bot, isBot: false }, 'unheard'],
    ['the same, with the right language', { ...bot, isBot: false, channel: 'es' }, 'unheard'],
  ])('%s: %o is %s', (_, participant, role) => {
    expect(roleOf(participant, 'es')).toBe(role);
  });
});

describe('volumes', () => {
  it('leave the originals alone while nothing is translated', () => {
    for (const balance of [0, 50, DEFAULT_BALANCE, 100]) expect(volumesOf(balance, false).original).toBe(1);
  });

  it('go from the original alone to the translation alone', () => {
    expect(volumesOf(0, true)).toEqual({ original: 1, translation: 0 });
    expect(volumesOf(50, true)).toEqual({ original: 1, translation: 1 });
    expect(volumesOf(100, true)).toEqual({ original: 0, translation: 1 });
    expect(volumesOf(DEFAULT_BALANCE, true).original).toBeCloseTo(0.16);
  });

  it('stay between nothing and all, and never turn back', () => {
    let before = volumesOf(-10, true);
    for (let balance = -5; balance <= 110; balance += 5) {
      const { original, translation } = volumesOf(balance, true);
      expect(original).toBeGreaterThanOrEqual(0);
      expect(translation).toBeLessThanOrEqual(1);
      expect(original).toBeLessThanOrEqual(before.original);
      expect(translation).toBeGreaterThanOrEqual(before.translation);
      before = { original, translation };
    }
  });
});
