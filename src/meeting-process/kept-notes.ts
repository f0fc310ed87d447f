import { type Note, notesAfter } from '../agent/notes/note.js';
import type { JoinEventOf } from '../bot/events.js';
import type { MeetingAssignment } from './protocol.js';

/** The notes of an assignment. A message of JSON has no undefined in it. */
export function notesOf({ notes = [] }: Pick<MeetingAssignment, 'notes'>): readonly Note[] {
  return notes as readonly Note[];
}

/** The notes that a meeting's next process is to go on with, after this became of one. */
export function withNote(
  notes: MeetingAssignment['notes'],
  { what, id, kind, text, who, due, askedBy, turnId, noteAtMs }: JoinEventOf<'note'>,
): Note[] {
  return [
    ...notesAfter(notesOf({ notes }), {
      ...{ what, id, kind, text, noteAtMs },
      ...(who === undefined ? {} : { who }),
      ...(due === undefined ? {} : { due }),
      ...(askedBy === undefined ? {} : { askedBy }),
      ...(turnId === undefined ? {} : { turnId }),
    }),
  ];
}
