/** The notes that the agent took in one meeting. */
import { newId } from '../../ids.js';
import { scores } from '../../search/ranking.js';
import { words } from '../../search/words.js';
import { MAX_NOTES, type Note, type NoteNews } from './note.js';

/** What can be changed of a note. */
export type NoteChange = { readonly [Field in 'kind' | 'text' | 'who' | 'due']?: Note[Field] | undefined };

/** Keeps notes, and tells of each what becomes of it. */
export class MeetingNotes {
  readonly #notes = new Map<string, Note>();
  readonly #tell: (news: NoteNews) => void;

  /** @param before notes of an earlier stay in the same meeting, which nobody is told of again */
  constructor(tell: (news: NoteNews) => void, before: readonly Note[] = []) {
    this.#tell = tell;
    for (const note of before) this.#notes.set(note.id, note);
  }

  /** In the order in which they were taken. */
  get all(): readonly Note[] {
    return [...this.#notes.values()];
  }

  /** @throws Error where there are too many */
  take(note: Omit<Note, 'id'>): Note {
    if (this.#notes.size >= MAX_NOTES) throw new Error(`there are ${MAX_NOTES} notes already`);
    const taken = { ...note, id: newId('note') };
    this.#notes.set(taken.id, taken);
    this.#tell({ what: 'taken', ...taken });
    return taken;
  }

  /** @throws Error where there is no such note */
  change(id: string, change: NoteChange): Note {
    const known = this.#known(id);
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    const changed: Note = { ...known, ...Object.fromEntries(given) };
    this.#notes.set(id, changed);
    this.#tell({ what: 'changed', ...changed });
    return changed;
  }

  /** @throws Error where there is no such note */
  remove(id: string): Note {
    const known = this.#known(id);
    this.#notes.delete(id);
    this.#tell({ what: 'removed', ...known });
    return known;
  }

  /** Those that have some of the words, the best first. */
  find(query: string): readonly Note[] {
    const all = this.all;
    const found = scores(
      words(query),
      all.map(({ text, who = '', due = '' }) => words(`${text} ${who} ${due}`)),
    );
    return [...all.keys()]
      .filter((index) => found[index]! > 0)
      .sort((a, b) => found[b]! - found[a]!)
      .map((index) => all[index]!);
  }

  #known(id: string): Note {
    const known = this.#notes.get(id);
    if (known === undefined) throw new Error('there is no such note: list_notes tells their ids');
    return known;
  }
}
