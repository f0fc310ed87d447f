import { expect, test } from 'vitest';
import { LEAVE_REASONS } from '../../../../src/embedded/room-server/signalling/leave-reasons.js';
import { leftState } from '../../../../src/embedded/room-server/page/leave-reasons.js';

test('every reason that the embedded room gives has a text of its own', () => {
  const texts = Object.values(LEAVE_REASONS).map((reason) => leftState(reason).text);
  expect(new Set(texts).size).toBe(texts.length);
  for (const text of texts) expect(text).not.toMatch(/other/);
});

test('only leaving by oneself counts as asked', () => {
  expect(leftState({ code: 1101 })).toEqual({ kind: 'left', wasAsked: true, text: 'left.asked', code: 1101 });
  expect(leftState({ code: 1002, message: '<b>x</b>' })).toMatchObject({
    wasAsked: false,
    text: 'left.removed',
  });
});

test('what is not known is said by its number, never in a stranger’s words', () => {
  expect(leftState({ code: 4711, message: '<script>' })).toMatchObject({
    text: 'left.otherCode',
    code: 4711,
  });
  expect(leftState({ code: '1002' }).text).toBe('left.other');
  expect(leftState(undefined).text).toBe('left.other');
});
