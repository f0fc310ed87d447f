import { expect, it } from 'vitest';
import { isAskedFor } from '../../../src/agent/meeting/asked-for.js';

const call = (name: string, args: object) => ({ name, arguments: JSON.stringify(args) });
const NOTE = { kind: 'note', text: 'We ship on Friday.' };

it.each([
  ['the same call', NOTE, 'Parley, note that we ship on Friday', [NOTE], true],
  [
    'other words of the same',
    { kind: 'note', text: 'The team will ship on Friday' },
    'note that we ship on Friday',
    [{ kind: 'note', text: 'We will ship Friday, the team says' }],
    true,
  ],
  ['nothing is called', NOTE, 'hello', [], false],
  ['nobody knows what is called', NOTE, 'note that we ship on Friday', undefined, false],
  [
    'another text',
    { kind: 'note', text: 'Ana owes Eve one hundred euros' },
    'note that we ship on Friday',
    [NOTE],
    false,
  ],
  [
    'another receiver',
    { to: 'eve@example.com', text: 'We ship on Friday, and all is well with it.' },
    'tell Bob that we ship on Friday',
    [{ to: 'Bob', text: 'We ship on Friday, and all is well with it.' }],
    false,
  ],
  ['another number', { minutes: 60 }, 'remind us in five minutes', [{ minutes: 5 }], false],
  ['a number that was said', { minutes: 5 }, 'remind us in 5 minutes', [{ minutes: 6 }], true],
  ['a choice that nobody made', { id: 'note_1', remove: true }, 'change note_1', [{ id: 'note_1' }], false],
  [
    'without spaces',
    { text: '金曜日に出荷します' },
    '金曜日に出荷するとメモして',
    [{ text: '金曜日に出荷します' }],
    true,
  ],
  ['nothing to be said', {}, 'stop the timer', [{}], true],
] as const)('%s', (_, args, request, alone, isAsked) => {
  const calls = alone?.map((each) => call('tool', each));
  expect(isAskedFor(call('tool', args), request, calls)).toBe(isAsked);
});

it('another tool, and arguments that are none, are not asked for', () => {
  expect(isAskedFor(call('wipe', {}), 'wipe it', [call('take', {})])).toBe(false);
  expect(isAskedFor({ name: 'wipe', arguments: '{' }, 'wipe it', [call('wipe', {})])).toBe(false);
});
