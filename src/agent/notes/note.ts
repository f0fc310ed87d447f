/** A note of the agent about a meeting. */

export const NOTE_KINDS = ['note', 'decision', 'action', 'question'] as const;
export type NoteKind = (typeof NOTE_KINDS)[number];

/** Texts are untrusted: the model wrote them, after what people said. */
export type Note = {
  readonly id: string;
  readonly kind: NoteKind;
  readonly text: string;
  /** Of an action: who is to do it, and until when, as people said it. */
  readonly who?: string;
  readonly due?: string;
  /** The participant who asked for it, where that is known. */
  readonly askedBy?: string;
  /** What was last said when it was taken. */
  readonly turnId?: string;
  /** Milliseconds since the interpreter joined. */
  readonly noteAtMs: number;
};

/** Notes of one meeting. */
export const MAX_NOTES = 500;

/** What becomes of a note. */
export type NoteNews = { readonly what: 'taken' | 'changed' | 'removed' } & Note;

/** The notes of a meeting after this has become of one of them, in the order in which they were taken. Pure. */
export function notesAfter(notes: readonly Note[], { what, ...note }: NoteNews): readonly Note[] {
  const others = notes.filter(({ id }) => id !== note.id);
  if (what === 'removed') return others;
  if (others.length === notes.length) return [...notes, note].slice(-MAX_NOTES);
  return notes.map((known) => (known.id === note.id ? note : known));
}
