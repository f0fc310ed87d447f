import { displayName } from '../../captions/caption.js';
import type { Clock, TimerHandle } from '../../clock.js';
import {
  changedLanguages,
  type DeclaredLanguages,
  declaredLanguages,
  knownLanguages,
  type PersonLanguages,
} from '../../interpreter/plan/declared-languages.js';
import {
  type RecognisedLanguage,
  recogniseTurn,
  NOTHING_RECOGNISED,
} from '../../interpreter/plan/recognised-languages.js';
import { ROOM_SPEAKER_ID } from '../../interpreter/plan/two-way.js';
import type { Participant } from '../../room/room.js';
import type { MeetingPerson } from '../meeting-events.js';

/** Between two changes of one person that take effect, of their name or languages; of those in between the last counts. */
export const CHANGE_INTERVAL_MS = 2_000;
/** People whose choices are kept for when they come back; the oldest are forgotten. */
const MAX_REMEMBERED = 500;

/** What a person's languages follow from. */
type Sources = {
  /** What their metadata says. */
  metadata: DeclaredLanguages;
  /** What they said last, by metadata or in the meeting. */
  said: DeclaredLanguages;
  heard: RecognisedLanguage;
};

type Entry = Sources & {
  person: MeetingPerson;
  /** What they call themselves now. */
  name: string;
  changedAtMs: number;
  timer: TimerHandle | undefined;
};

/** Told of a change when it takes effect: of the name alone, or of languages. */
export type OnPersonChanged = (person: MeetingPerson, what: 'name' | 'languages') => void;

/**
 * Who is in the meeting, and which languages they say, or are heard, to speak and prefer. Changes count only so often.
 */
export class Roster {
  readonly #clock: Clock;
  readonly #onChanged: OnPersonChanged;
  readonly #entries = new Map<string, Entry>();
  readonly #left = new Map<string, Sources>(); // who left first is first

  constructor(options: { clock: Clock; onChanged: OnPersonChanged }) {
    this.#clock = options.clock;
    this.#onChanged = options.onChanged;
  }

  get(id: string): MeetingPerson | undefined {
    return this.#entries.get(id)?.person;
  }

  /** How somebody is called, also where that is not known, or is everybody. */
  nameOf(id: string): string {
    return this.get(id)?.name ?? (id === ROOM_SPEAKER_ID ? 'The room' : 'Somebody');
  }

  /** Everyone but interpreters, in the order in which they came. */
  people(): MeetingPerson[] {
    return [...this.#entries.values()].map(({ person }) => person).filter(({ isBot }) => !isBot);
  }

  /** Somebody came, or came again. What they chose in the meeting before stands unless their metadata says otherwise now. */
  add({ id, name, metadata, isBot }: Participant): MeetingPerson {
    this.remove(id);
    const declared = declaredLanguages(metadata);
    const before = this.#left.get(id);
    this.#left.delete(id);
    const sources: Sources =
      before !== undefined && sameDeclaration(before.metadata, declared)
        ? before
        : { metadata: declared, said: declared, heard: before?.heard ?? NOTHING_RECOGNISED };
    const person: MeetingPerson = { id, name: displayName(name), isBot, ...languagesFrom(sources) };
    this.#entries.set(id, {
      ...sources,
      person,
      name: person.name,
      changedAtMs: this.#clock.nowMs(),
      timer: undefined,
    });
    return person;
  }

  /** Somebody's name or metadata changed. */
  change({ id, name, metadata }: Participant): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const declared = declaredLanguages(metadata);
    if (!sameDeclaration(declared, entry.metadata)) {
      entry.metadata = declared;
      entry.said = declared;
    }
    entry.name = displayName(name);
    this.#schedule(entry);
  }

  /**
   * Somebody chooses in the meeting, by the fields of {@link changedLanguages}. Returns false where nothing of them makes
   * sense, and for whoever is not here or is an interpreter.
   */
  choose(id: string, fields: Readonly<Record<string, unknown>>): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.person.isBot) return false;
    const said = changedLanguages(entry.said, fields);
    if (said === undefined) return false;
    entry.said = said;
    this.#schedule(entry);
    return true;
  }

  /** Somebody spoke a turn in this language, as its transcription reports. */
  hear(id: string, reported: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.heard = recogniseTurn(entry.heard, reported);
    this.#schedule(entry);
  }

  /** Somebody is gone. */
  remove(id: string): MeetingPerson | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    entry.timer?.cancel();
    this.#entries.delete(id);
    const { metadata, said, heard, person } = entry;
    this.#left.delete(id);
    this.#left.set(id, { metadata, said, heard });
    const oldest = this.#left.keys().next().value;
    if (this.#left.size > MAX_REMEMBERED && oldest !== undefined) this.#left.delete(oldest);
    return person;
  }

  /** Everybody is. */
  clear(): void {
    for (const id of [...this.#entries.keys()]) this.remove(id);
  }

  #schedule(entry: Entry): void {
    if (entry.timer !== undefined || changeOf(entry) === undefined) return;
    const waitMs = entry.changedAtMs + CHANGE_INTERVAL_MS - this.#clock.nowMs();
    if (waitMs <= 0) this.#apply(entry);
    else entry.timer = this.#clock.setTimer(() => this.#apply(entry), waitMs);
  }

  #apply(entry: Entry): void {
    entry.timer = undefined;
    const what = changeOf(entry);
    if (what === undefined) return; // back to what it was
    entry.changedAtMs = this.#clock.nowMs();
    entry.person = { ...entry.person, name: entry.name, ...languagesFrom(entry) };
    this.#onChanged(entry.person, what);
  }
}

/** What of a person is not yet as they want it. */
function changeOf(entry: Entry): 'name' | 'languages' | undefined {
  if (!sameLanguages(entry.person, languagesFrom(entry))) return 'languages';
  return entry.person.name === entry.name ? undefined : 'name';
}

function languagesFrom({ said, heard }: Sources): PersonLanguages {
  return knownLanguages(said, heard.agreed);
}

function sameDeclaration(a: DeclaredLanguages, b: DeclaredLanguages): boolean {
  return a.prefers === b.prefers && a.speaks.join() === b.speaks.join();
}

function sameLanguages(a: PersonLanguages, b: PersonLanguages): boolean {
  return sameDeclaration(a, b) && a.heard === b.heard;
}
