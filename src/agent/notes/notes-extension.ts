/** Tools by which the agent takes, lists, changes and finds notes. */
import { z } from 'zod';
import type { MakeAgentExtension } from '../built-in/agent-meeting.js';
import { agentTool } from '../tools/tool.js';
import { MeetingNotes } from './meeting-notes.js';
import { type Note, NOTE_KINDS } from './note.js';

const MAX_LISTED = 50;
/** A model that goes round in circles fills nobody's record. */
const MAX_CHARS = 1_000;

const kind = z.enum(NOTE_KINDS).describe('note, decision, action (a task) or question (an open one).');
const text = z
  .string()
  .trim()
  .min(1)
  .max(MAX_CHARS)
  .describe('One or two sentences that can be understood on their own, in the language of the asker.');
const who = z.string().trim().min(1).max(200).describe('Of an action: who is to do it.');
const due = z.string().trim().min(1).max(200).describe('Of an action: until when, as it was said.');
const id = z.string().describe('Its id, from list_notes or find_notes.');

/** Makes them for one meeting, with the notes of an earlier stay in it. */
export const notesExtension =
  (before: readonly Note[] = []): MakeAgentExtension =>
  (meeting) => {
    const notes = new MeetingNotes((news) => {
      meeting.note(news);
    }, before);
    const asMs = (): number => meeting.segments().at(-1)?.atMs ?? 0;
    return {
      tools: [
        agentTool(
          {
            name: 'take_note',
            description: 'Writes a note about this meeting, which everybody finds in its record afterwards.',
            parameters: z.object({
              kind: kind.default('note'),
              text,
              who: who.optional(),
              due: due.optional(),
            }),
            level: 'write',
          },
          (args, { askedBy }) => {
            const turnId = meeting.segments().at(-1)?.turnId;
            return shown(
              notes.take({
                ...{ kind: args.kind, text: args.text, noteAtMs: asMs() },
                ...(args.who === undefined ? {} : { who: args.who }),
                ...(args.due === undefined ? {} : { due: args.due }),
                ...(askedBy === undefined ? {} : { askedBy }),
                ...(turnId === undefined ? {} : { turnId }),
              }),
            );
          },
        ),
        agentTool(
          {
            name: 'list_notes',
            description: 'Lists the notes that were taken in this meeting, the newest last.',
            parameters: z.object({ kind: kind.optional() }),
            level: 'read',
          },
          (args) =>
            notes.all
              .filter((note) => args.kind === undefined || note.kind === args.kind)
              .slice(-MAX_LISTED)
              .map(shown),
        ),
        agentTool(
          {
            name: 'change_note',
            description: 'Changes a note of this meeting, or removes it. Only when somebody asks for it.',
            parameters: z.object({
              id,
              kind: kind.optional(),
              text: text.optional(),
              who: who.optional(),
              due: due.optional(),
              remove: z.boolean().optional().describe('true: the note is removed.'),
            }),
            level: 'write',
          },
          ({ id: which, remove, ...change }) =>
            remove === true ? { removed: shown(notes.remove(which)) } : shown(notes.change(which, change)),
        ),
        agentTool(
          {
            name: 'find_notes',
            description: 'Finds notes of this meeting that hold some words.',
            parameters: z.object({ words: z.string().trim().min(1).max(300) }),
            level: 'read',
          },
          (args) => notes.find(args.words).slice(0, MAX_LISTED).map(shown),
        ),
      ],
    };
  };

/** As the model sees it. */
function shown({ id: which, kind: of, text: words, who: whose, due: until }: Note): object {
  return {
    id: which,
    kind: of,
    text: words,
    ...(whose === undefined ? {} : { who: whose }),
    ...(until === undefined ? {} : { due: until }),
  };
}
