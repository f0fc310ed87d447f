/** Notes of a meeting, by people or by the agent. */
import { and, eq, sql } from 'drizzle-orm';
import type { Note } from '../../agent/notes/note.js';
import type { Orm } from '../../database/database.js';
import { notes } from '../../database/schema.js';
import { words } from '../../search/words.js';
import { newId } from '../../ids.js';
import { addToOutbox } from './outbox.js';

export type NoteRow = Omit<typeof notes.$inferSelect, 'tokens' | 'tsv'>;

const COLUMNS = {
  id: notes.id,
  botId: notes.botId,
  workspaceId: notes.workspaceId,
  kind: notes.kind,
  text: notes.text,
  who: notes.who,
  due: notes.due,
  by: notes.by,
  at: notes.at,
  segmentEpoch: notes.segmentEpoch,
  segmentId: notes.segmentId,
  createdAt: notes.createdAt,
  updatedAt: notes.updatedAt,
} as const;

export type NewNote = Pick<NoteRow, 'botId' | 'workspaceId' | 'kind' | 'text' | 'by'> &
  Partial<Pick<NoteRow, 'id' | 'who' | 'due' | 'at' | 'segmentEpoch' | 'segmentId'>>;

/** Adds a note, and tells others of it. */
export async function insertNote(tx: Orm, note: NewNote): Promise<NoteRow> {
  const [row] = await tx
    .insert(notes)
    .values({ id: newId('note'), ...note, tokens: tokensOf(note) })
    .returning(COLUMNS);
  const { id, botId, workspaceId, kind, text, by } = row!;
  await addToOutbox(tx, [
    { workspaceId, botId, type: 'note.created', data: { bot: { id: botId }, note: { id, kind, text, by } } },
  ]);
  return row!;
}

/** Undefined where the workspace has no such note. */
export async function updateNote(
  tx: Orm,
  workspaceId: string,
  id: string,
  change: Partial<Pick<NoteRow, 'kind' | 'text' | 'who' | 'due' | 'at'>>,
): Promise<NoteRow | undefined> {
  const isOwn = and(eq(notes.id, id), eq(notes.workspaceId, workspaceId));
  const [row] = await tx
    .update(notes)
    .set({ ...change, updatedAt: sql`now()` })
    .where(isOwn)
    .returning(COLUMNS);
  if (row !== undefined)
    await tx
      .update(notes)
      .set({ tokens: tokensOf(row) })
      .where(isOwn);
  return row;
}

/** Whether there was one. */
export async function deleteNote(tx: Orm, workspaceId: string, id: string): Promise<boolean> {
  const rows = await tx
    .delete(notes)
    .where(and(eq(notes.id, id), eq(notes.workspaceId, workspaceId)))
    .returning({ id: notes.id });
  return rows.length > 0;
}

function tokensOf({ text, who, due }: Pick<NoteRow, 'text'> & Partial<Pick<NoteRow, 'who' | 'due'>>): string {
  return words([text, who ?? '', due ?? ''].join('\n')).join(' ');
}

/** A note of the agent as its meeting's next process takes it; its times belong to an earlier one. */
export function agentNoteOf({ id, kind, text, who, due }: NoteRow): Note {
  return {
    ...{ id, kind, text, noteAtMs: 0 },
    ...(who === null ? {} : { who }),
    ...(due === null ? {} : { due }),
  };
}

/** In the order of what they are about. */
export async function listNotes(orm: Orm, botId: string): Promise<NoteRow[]> {
  return orm.select(COLUMNS).from(notes).where(eq(notes.botId, botId)).orderBy(notes.at, notes.id);
}
