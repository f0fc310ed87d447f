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

/** What becomes of a note. */
export type NoteNews = { readonly what: 'taken' | 'changed' | 'removed' } & Note;
