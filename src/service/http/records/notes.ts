/** Notes about a meeting. */
import { z } from 'zod';
import { deleteNote, insertNote, listNotes, type NoteRow, updateNote } from '../../../records/store/notes.js';
import { actorOf } from '../../auth/scopes.js';
import type { ServiceParts } from '../../service-parts.js';
import { botPath, moment } from '../bots/bot-schemas.js';
import { present } from '../bots/bot-views.js';
import { botOfCall } from '../bots/bots.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const TAG = 'Records';
const kind = z.enum(['note', 'decision', 'action', 'question']);
const text = z.string().trim().min(1).max(4_000);
const short = z.string().trim().min(1).max(200);
const note = z
  .object({
    ...{ id: z.string(), bot: z.string(), kind, text: z.string() },
    who: z.string().optional().meta({ description: 'Of an action: who is to do it.' }),
    due: z.string().optional().meta({ description: 'Of an action: until when, as it was said.' }),
    by: z.string().meta({ description: 'Who wrote it: a key, a user, a participant, or the agent.' }),
    at: z.string().meta({ description: 'What of the meeting it is about.' }),
    ...{ createdAt: z.string(), updatedAt: z.string() },
  })
  .meta({ id: 'Note' });
const notePath = z.strictObject({ noteId: z.string().regex(/^note_[\w-]{1,64}$/) });

export function noteRoutes(parts: ServiceParts): Route[] {
  const { database } = parts;
  return [
    route(
      {
        ...{
          method: 'GET',
          path: '/v1/bots/{botId}/notes',
          id: 'listNotes',
          tag: TAG,
          scope: 'records:read',
        },
        ...{ summary: 'Notes about a meeting', params: botPath, answer: z.object({ data: z.array(note) }) },
      },
      async (call) => {
        const { id } = await botOfCall(parts, call);
        return { json: { data: (await listNotes(database.orm, id)).map(noteOf) } };
      },
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/bots/{botId}/notes',
          id: 'createNote',
          tag: TAG,
          scope: 'bots:write',
        },
        ...{ summary: 'Writes a note', params: botPath, status: 201, answer: note, problems: ['erased'] },
        body: z.strictObject({
          ...{ text, kind: kind.default('note') },
          ...{ who: z.exactOptional(short), due: z.exactOptional(short), at: z.exactOptional(moment) },
        }),
      },
      async (call) => {
        const bot = await botOfCall(parts, call);
        if (bot.erasedAt !== null) throw new Problem('erased', 'this meeting was erased: it takes no notes');
        const { at, ...written } = call.body;
        const row = await database.transaction((tx) =>
          insertNote(tx, {
            ...{ ...written, botId: bot.id, workspaceId: bot.workspaceId, by: actorOf(call.caller) },
            ...(at === undefined ? {} : { at: new Date(at) }),
          }),
        );
        parts.wakeSender();
        return { headers: { location: `/v1/notes/${row.id}` }, json: noteOf(row) };
      },
    ),
    route(
      {
        ...{ method: 'PATCH', path: '/v1/notes/{noteId}', id: 'changeNote', tag: TAG, scope: 'bots:write' },
        ...{ summary: 'Changes a note', params: notePath, answer: note },
        body: z
          .strictObject({
            ...{ text: text.optional(), kind: kind.optional() },
            ...{ who: short.nullable().optional(), due: short.nullable().optional() },
          })
          .refine((change) => Object.keys(change).length > 0, 'changes nothing: name at least one field'),
      },
      async ({ caller, params, body }) => {
        const change = {
          ...(body.text === undefined ? {} : { text: body.text }),
          ...(body.kind === undefined ? {} : { kind: body.kind }),
          ...(body.who === undefined ? {} : { who: body.who }),
          ...(body.due === undefined ? {} : { due: body.due }),
        };
        const row = await database.transaction((tx) =>
          updateNote(tx, caller.workspaceId, params.noteId, change),
        );
        if (row === undefined) throw noSuchNote(params.noteId);
        return { json: noteOf(row) };
      },
    ),
    route(
      {
        ...{ method: 'DELETE', path: '/v1/notes/{noteId}', id: 'deleteNote', tag: TAG, scope: 'bots:write' },
        ...{ summary: 'Deletes a note', params: notePath },
      },
      async ({ caller, params }) => {
        const wasThere = await database.transaction((tx) =>
          deleteNote(tx, caller.workspaceId, params.noteId),
        );
        if (!wasThere) throw noSuchNote(params.noteId);
        return { json: undefined };
      },
    ),
  ];
}

function noSuchNote(id: string): Problem {
  return new Problem('not_found', `there is no note ${id} in this workspace`);
}

function noteOf({
  id,
  botId,
  kind: of,
  text: words,
  who,
  due,
  by,
  at,
  createdAt,
  updatedAt,
}: NoteRow): z.input<typeof note> {
  return {
    ...{ id, bot: botId, kind: of, text: words, by, at: at.toISOString() },
    ...present({ who, due }),
    ...{ createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() },
  };
}
