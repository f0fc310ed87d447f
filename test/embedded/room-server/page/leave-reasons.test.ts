import { expect, test } from 'vitest';
import { LEAVE_REASONS } from '../../../../src/embedded/room-server/signalling/leave-reasons.js';
import { leftState } from '../../../../src/embedded/room-server/page/leave-reasons.js';

test('every reason that the embedded room gives has a sentence of its own', () => {
  const messages = Object.values(LEAVE_REASONS).map((reason) => leftState(reason).message);
  expect(new Set(messages).size).toBe(messages.length);
  for (const message of messages) expect(message).not.toMatch(/code/);
});

test('only leaving by oneself counts as asked', () => {
  expect(leftState({ code: 1101 })).toEqual({
    kind: 'left',
    wasAsked: true,
    message: 'You left the meeting.',
  });
  expect(leftState({ code: 1002, message: '<b>x</b>' })).toMatchObject({
    wasAsked: false,
    message: 'You were removed from the meeting.',
  });
});

test('what is not known is said by its number, never in a stranger’s words', () => {
  expect(leftState({ code: 4711, message: '<script>' }).message).toBe('The meeting was left (code 4711).');
  expect(leftState({ code: '1002' }).message).toBe('The meeting was left.');
  expect(leftState(undefined).message).toBe('The meeting was left.');
});
