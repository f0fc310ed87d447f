import { expect, it } from 'vitest';
import { notesExtension } from '../../../src/agent/notes/notes-extension.js';
import { BuiltInMeeting } from '../built-in-meeting.js';

it('takes, lists, finds, changes and removes notes, and tells what becomes of them', async () => {
  const meeting = new BuiltInMeeting();
  meeting.join('ana', 'Ana');
  meeting.say1('ana', 'Let us ship on Friday.');
  const notes = notesExtension()(meeting);
  expect(notes.tools!.map(({ name, level }) => [name, level])).toEqual([
    ['take_note', 'write'],
    ['list_notes', 'read'],
    ['change_note', 'write'],
    ['find_notes', 'read'],
  ]);
  const first = (await meeting.call(
    notes,
    'take_note',
    { kind: 'decision', text: 'We ship on Friday.' },
    { askedBy: 'ana' },
  )) as { id: string };
  expect(first).toEqual({
    id: expect.stringMatching(/^note_[0-9a-f]{32}$/) as string,
    kind: 'decision',
    text: 'We ship on Friday.',
  });
  await meeting.call(notes, 'take_note', {
    kind: 'action',
    text: 'Write the changelog.',
    who: 'Bob',
    due: 'Thursday',
  });
  expect(meeting.told[0]).toEqual({
    ...{ what: 'taken', id: first.id, kind: 'decision', text: 'We ship on Friday.' },
    ...{ askedBy: 'ana', turnId: 't1', noteAtMs: 0 },
  });
  expect(await meeting.call(notes, 'list_notes', { kind: 'action' })).toEqual([
    { id: meeting.told[1]!.id, kind: 'action', text: 'Write the changelog.', who: 'Bob', due: 'Thursday' },
  ]);
  expect(await meeting.call(notes, 'find_notes', { words: 'ship friday' })).toEqual([first]);
  expect(await meeting.call(notes, 'find_notes', { words: 'bob' })).toMatchObject([{ who: 'Bob' }]);
  expect(await meeting.call(notes, 'find_notes', { words: 'zebra' })).toEqual([]);
  expect(await meeting.call(notes, 'change_note', { id: first.id, text: 'We ship on Monday.' })).toEqual({
    ...first,
    text: 'We ship on Monday.',
  });
  expect(meeting.told.at(-1)).toMatchObject({
    what: 'changed',
    text: 'We ship on Monday.',
    kind: 'decision',
  });
  expect(await meeting.call(notes, 'change_note', { id: first.id, remove: true })).toMatchObject({
    removed: { id: first.id },
  });
  expect(meeting.told.at(-1)).toMatchObject({ what: 'removed', id: first.id });
  await expect(meeting.call(notes, 'change_note', { id: first.id, text: 'x' })).rejects.toThrow(
    'there is no such note',
  );
});

it('takes 500 notes at most, each of 1,000 characters', async () => {
  const meeting = new BuiltInMeeting();
  const notes = notesExtension()(meeting);
  for (let count = 0; count < 500; count++) await meeting.call(notes, 'take_note', { text: `Note ${count}` });
  await expect(meeting.call(notes, 'take_note', { text: 'one more' })).rejects.toThrow(
    'there are 500 notes already',
  );
  await expect(meeting.call(notes, 'take_note', { text: 'x'.repeat(1_001) })).rejects.toThrow();
});

it('goes on with the notes of an earlier stay, and tells nobody of them again', async () => {
  const meeting = new BuiltInMeeting();
  const before = { id: 'note_1', kind: 'decision', text: 'Ship on Friday.', noteAtMs: 5 } as const;
  const notes = notesExtension([before])(meeting);
  expect(meeting.told).toEqual([]);
  expect(await meeting.call(notes, 'list_notes', {})).toEqual([
    { id: 'note_1', kind: 'decision', text: 'Ship on Friday.' },
  ]);
  await meeting.call(notes, 'change_note', { id: 'note_1', text: 'Ship on Monday.' });
  expect(meeting.told).toEqual([{ what: 'changed', ...before, text: 'Ship on Monday.' }]);
});
