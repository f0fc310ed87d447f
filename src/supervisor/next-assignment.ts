/** What of a meeting outlives its process: its next one begins with that. */
import type { BotEvent } from '../bot/event-log.js';
import { withWord } from '../meeting-process/host-word.js';
import { withNote } from '../meeting-process/kept-notes.js';
import type { MeetingAssignment, MeetingCommand } from '../meeting-process/protocol.js';

/** The assignment with what a host has changed: a command that the process has carried out, and what it answered. */
export function afterCommand(
  assignment: MeetingAssignment,
  command: MeetingCommand,
  value: unknown,
): MeetingAssignment {
  const given = (value ?? {}) as Partial<MeetingAssignment>;
  switch (command.kind) {
    case 'update':
      return given.settings === undefined ? assignment : { ...assignment, settings: given.settings };
    case 'mute':
      return given.muted === undefined ? assignment : { ...assignment, muted: given.muted };
    case 'inform':
      return given.told === undefined ? assignment : { ...assignment, told: given.told };
    case 'setPerson': {
      const { participantId, settings } = command;
      return { ...assignment, people: withWord(assignment.people ?? [], participantId, settings) };
    }
    case 'say':
    case 'ask':
    case 'approve':
    case 'hush':
    case 'stop':
    case 'status':
      return assignment;
  }
}

/** The same with what happened: notes are kept. */
export function afterEvent(assignment: MeetingAssignment, event: BotEvent): MeetingAssignment {
  return event.type === 'note' ? { ...assignment, notes: withNote(assignment.notes, event) } : assignment;
}
