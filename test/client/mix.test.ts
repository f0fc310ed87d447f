/** Who is heard as what, and how loud. */
import { describe, expect, test } from 'vitest';
import { roleOf, volumesOf } from '../../src/client/mix.js';

describe('what a participant is for a listener', () => {
  const person = { id: 'guest-1', isInterpreter: false, channel: '' };
  const bot = { id: 'parley-1', isInterpreter: true, channel: '' };
  test.each([
    ['a person', person, 'es', 'original'],
    ['a person who says to be a channel', { ...person, channel: 'es' }, 'es', 'original'],
    ['the interpreter', bot, 'es', 'translation'],
    ['the channel of one’s language', { ...bot, channel: 'es' }, 'es', 'translation'],
    ['the channel of one’s language elsewhere', { ...bot, channel: 'es-MX' }, 'es', 'translation'],
    ['the channel of another language', { ...bot, channel: 'en' }, 'es', 'unheard'],
    ['a channel of what is no language', { ...bot, channel: '<b>' }, 'es', 'unheard'],
    ['the interpreter, switched off', bot, 'off', 'unheard'],
    ['a channel, switched off', { ...bot, channel: 'es' }, 'off', 'unheard'],
    ['a person, with the interpreter switched off', person, 'off', 'original'],
    ['the interpreter, with no language chosen', bot, 'und', 'translation'],
    ['a channel, with no language chosen', { ...bot, channel: 'es' }, 'und', 'unheard'],
    ['somebody with an id like its, unconfirmed', { ...bot, isInterpreter: false }, 'es', 'unheard'],
    ['the same, with the right channel', { ...bot, isInterpreter: false, channel: 'es' }, 'es', 'unheard'],
  ])('%s: %o, chosen %s, is %s', (_, participant, chosen, role) => {
    expect(roleOf(participant, chosen)).toBe(role);
  });
});

describe('volumes', () => {
  test('leave the originals alone while nothing is translated', () => {
    for (const balance of [0, 0.5, 0.8, 1]) expect(volumesOf(balance, false).original).toBe(1);
  });

  test('go from the original alone to the translation alone', () => {
    expect(volumesOf(0, true)).toEqual({ original: 1, translation: 0, unheard: 0 });
    expect(volumesOf(0.5, true)).toEqual({ original: 1, translation: 1, unheard: 0 });
    expect(volumesOf(1, true)).toEqual({ original: 0, translation: 1, unheard: 0 });
    expect(volumesOf(0.8, true).original).toBeCloseTo(0.16);
  });

  test('never turn back', () => {
    let before = volumesOf(0, true);
    for (let balance = 0.05; balance <= 1; balance += 0.05) {
      const volumes = volumesOf(balance, true);
      expect(volumes.original).toBeLessThanOrEqual(before.original);
      expect(volumes.translation).toBeGreaterThanOrEqual(before.translation);
      before = volumes;
    }
  });
});
