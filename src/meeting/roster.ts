/** Who is in the meeting and what they say of their languages, which counts only so often. */
import { displayName } from '../captions/caption.js';
import type { Clock, TimerHandle } from '../clock.js';
import { type DeclaredLanguages, declaredLanguages } from '../interpreter/declared-languages.js';
import type { Participant } from '../room/room.js';
import type { MeetingPerson } from './meeting-events.js';

/** Between two changes of one person's languages that take effect; of those in between the last counts. */
export const LANGUAGE_CHANGE_MS = 2_000;

type Entry = {
  person: MeetingPerson;
  changedAtMs: number;
  wanted: DeclaredLanguages;
  timer: TimerHandle | undefined;
};

/** See the file's comment. */
export class Roster {
  readonly #clock: Clock;
  readonly #onChanged: (person: MeetingPerson) => void;
  readonly #entries = new Map<string, Entry>();

  /** `onChanged` is told of a change of name or languages when it takes effect. */
  constructor(options: { clock: Clock; onChanged: (person: MeetingPerson) => void }) {
    this.#clock = options.clock;
    this.#onChanged = options.onChanged;
  }

  get(id: string): MeetingPerson | undefined {
    return this.#entries.get(id)?.person;
  }

  /** Everyone but interpreters, in the order in which they came. */
  people(): MeetingPerson[] {
    return [...this.#entries.values()].map(({ person }) => person).filter(({ isBot }) => !isBot);
  }

  /** Somebody came, or came again. */
  add({ id, name, metadata, isBot }: Participant): MeetingPerson {
    this.remove(id);
    const wanted = declaredLanguages(metadata);
    const person: MeetingPerson = { id, name: displayName(name), isBot, ...wanted };
    this.#entries.set(id, { person, changedAtMs: this.#clock.nowMs(), wanted, timer: undefined });
    return person;
  }

  /** Somebody says something else of themselves. */
  change({ id, name, metadata }: Participant): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.wanted = declaredLanguages(metadata);
    const shown = displayName(name);
    if (shown !== entry.person.name) {
      entry.person = { ...entry.person, name: shown };
      this.#onChanged(entry.person);
    }
    if (sameLanguages(entry.person, entry.wanted) || entry.timer !== undefined) return;
    const waitMs = entry.changedAtMs + LANGUAGE_CHANGE_MS - this.#clock.nowMs();
    if (waitMs <= 0) this.#apply(entry);
    else entry.timer = this.#clock.setTimer(() => this.#apply(entry), waitMs);
  }

  /** Somebody is gone. */
  remove(id: string): MeetingPerson | undefined {
    const entry = this.#entries.get(id);
    entry?.timer?.cancel();
    this.#entries.delete(id);
    return entry?.person;
  }

  /** Everybody is. */
  clear(): void {
    for (const id of [...this.#entries.keys()]) this.remove(id);
  }

  #apply(entry: Entry): void {
    entry.timer = undefined;
    if (sameLanguages(entry.person, entry.wanted)) return; // back to what it was
    entry.changedAtMs = this.#clock.nowMs();
    entry.person = { ...entry.person, ...entry.wanted };
    this.#onChanged(entry.person);
  }
}

function sameLanguages(a: DeclaredLanguages, b: DeclaredLanguages): boolean {
  return a.prefers === b.prefers && a.speaks.join() === b.speaks.join();
}
