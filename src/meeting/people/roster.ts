import { agreesToAgent } from '../../agent/consent.js';
import { BoundedMap } from '../../bounded-map.js';
import { displayName } from '../../captions/caption.js';
import type { Clock, TimerHandle } from '../../clock.js';
import { ParleyError } from '../../errors.js';
import { EventEmitter, type EventSource, type OnListenerError } from '../../events.js';
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
import { type LanguageTag, parseLanguage } from '../../languages/languages.js';
import type { Participant } from '../../room/room.js';
import type { PersonSettings } from '../meeting-change.js';
import type { MeetingPerson } from '../meeting-events.js';
import { type ChangePace, changedOnceMore, nextChangeAtMs, paceSince } from './change-pace.js';

/** People whose choices are kept for when they come back; the oldest are forgotten. */
const MAX_REMEMBERED = 500;

/** What a person's languages follow from. */
type Sources = {
  /** What their metadata says. */
  metadata: DeclaredLanguages;
  /** What they said last, by metadata or in the meeting. */
  said: DeclaredLanguages;
  heard: RecognisedLanguage;
  pace: ChangePace;
};

/** What the host says of somebody; it wins. */
type HostWord = {
  readonly prefers?: LanguageTag;
  readonly speaks?: readonly LanguageTag[];
  readonly interpret?: false;
  readonly agent?: false;
};

type Entry = Sources & {
  person: MeetingPerson;
  /** Their own word on whether what they say is for the agent. */
  agrees: boolean;
  /** What they call themselves now. */
  name: string;
  timer: TimerHandle | undefined;
};

/** What of a person can change. */
export type PersonAspect = 'name' | 'languages' | 'interpret' | 'agent';

/** What happens to the people of a meeting. */
type RosterEvents = {
  /** A change takes effect. */
  changed: [person: MeetingPerson, what: PersonAspect];
};

/**
 * Who is in the meeting, and which languages they speak and prefer: by the host's word, which wins, else as they say
 * themselves, by metadata or in the meeting, whichever came last, else as they are heard. What people say of themselves counts
 * only so often (`change-pace.ts`); the host's word counts at once.
 */
export class Roster {
  readonly #clock: Clock;
  readonly #events: EventEmitter<RosterEvents>;
  readonly #entries = new Map<string, Entry>();
  readonly #left = new BoundedMap<Sources>(MAX_REMEMBERED); // who left first is first
  /** Of people who are here, were here, or are to come. */
  readonly #hostWords = new BoundedMap<HostWord>(MAX_REMEMBERED);

  constructor(options: { clock: Clock; onListenerError?: OnListenerError | undefined }) {
    this.#clock = options.clock;
    this.#events = new EventEmitter<RosterEvents>(options.onListenerError);
  }

  get events(): EventSource<RosterEvents> {
    return this.#events;
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
    const nowMs = this.#clock.nowMs();
    // Whoever leaves and comes back with another language has changed it.
    const pace = before === undefined ? paceSince(nowMs) : changedOnceMore(before.pace, nowMs);
    const sources: Sources =
      before !== undefined && sameDeclaration(before.metadata, declared)
        ? { ...before, pace }
        : { metadata: declared, said: declared, heard: before?.heard ?? NOTHING_RECOGNISED, pace };
    const person: MeetingPerson = {
      ...{ id, name: displayName(name), isBot },
      ...this.#knownOf(id, { ...sources, agrees: agreesToAgent(metadata) }),
    };
    this.#entries.set(id, {
      ...sources,
      agrees: agreesToAgent(metadata),
      person,
      name: person.name,
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
    entry.agrees = agreesToAgent(metadata);
    if (entry.person.agent !== this.#knownOf(id, entry).agent) this.#apply(entry); // at once: others wait for it to settle
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

  /**
   * The host's word about somebody, who may still be to come. Throws ParleyError `usage` for what is no language; nothing
   * changes then.
   */
  setPerson(id: string, settings: PersonSettings): void {
    const word = mergedWord(this.#hostWords.get(id) ?? {}, settings);
    this.#hostWords.delete(id); // what was said last is forgotten last
    if (Object.keys(word).length > 0) this.#hostWords.set(id, word);
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.timer?.cancel();
    this.#apply(entry);
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
    const { metadata, said, heard, pace, person } = entry;
    this.#left.delete(id);
    this.#left.set(id, { metadata, said, heard, pace });
    return person;
  }

  /** Everybody is. */
  clear(): void {
    for (const id of [...this.#entries.keys()]) this.remove(id);
  }

  #schedule(entry: Entry): void {
    if (entry.timer !== undefined || this.#changeOf(entry) === undefined) return;
    const waitMs = nextChangeAtMs(entry.pace) - this.#clock.nowMs();
    if (waitMs <= 0) this.#applyOwn(entry);
    else entry.timer = this.#clock.setTimer(() => this.#applyOwn(entry), waitMs);
  }

  /** What they changed themselves counts towards how often they may. */
  #applyOwn(entry: Entry): void {
    if (this.#apply(entry)) entry.pace = changedOnceMore(entry.pace, this.#clock.nowMs());
  }

  /** Returns whether anything changed. */
  #apply(entry: Entry): boolean {
    entry.timer = undefined;
    const what = this.#changeOf(entry);
    if (what === undefined) return false; // back to what it was
    const { id, isBot } = entry.person;
    entry.person = { id, name: entry.name, isBot, ...this.#knownOf(id, entry) };
    this.#events.emit('changed', entry.person, what);
    return true;
  }

  /** What of a person is not yet as they, or the host, want it. */
  #changeOf(entry: Entry): PersonAspect | undefined {
    const { person, name } = entry;
    const known = this.#knownOf(person.id, entry);
    if (!sameLanguages(person, known)) return 'languages';
    if (person.interpret !== known.interpret) return 'interpret';
    if (person.agent !== known.agent) return 'agent';
    return person.name === name ? undefined : 'name';
  }

  #knownOf(
    id: string,
    { said, heard, agrees }: Sources & Pick<Entry, 'agrees'>,
  ): PersonLanguages & Pick<MeetingPerson, 'interpret' | 'agent'> {
    const own = knownLanguages(said, heard.agreed);
    const hostWord = this.#hostWords.get(id) ?? {};
    const { prefers = own.prefers, speaks, ...word } = hostWord;
    // What they hear by the host's word says nothing of what they speak, unless nothing else does.
    const known = speaks ?? own.speaks;
    return {
      speaks: known.length === 0 && prefers !== undefined ? [prefers] : known,
      prefers,
      heard: speaks === undefined && own.heard,
      ...(own.unread === undefined || hostWord.prefers !== undefined ? {} : { unread: own.unread }),
      ...word,
      // Nobody says yes for somebody else.
      ...(agrees ? {} : { agent: false as const }),
    };
  }
}

/** What the host says after they say more. */
function mergedWord(before: HostWord, settings: PersonSettings): HostWord {
  const { preferredLanguage, spokenLanguages, interpret, agent } = settings;
  const { prefers, speaks } = before;
  const word = {
    prefers: preferredLanguage === undefined ? prefers : languageOf(preferredLanguage),
    speaks: spokenLanguages === undefined ? speaks : spokenLanguages?.map((each) => languageOf(each)!),
    interpret: (interpret ?? before.interpret) === false ? (false as const) : undefined,
    agent: (agent ?? before.agent) === false ? (false as const) : undefined,
  };
  return {
    ...(word.prefers === undefined ? {} : { prefers: word.prefers }),
    ...(word.speaks === undefined ? {} : { speaks: word.speaks }),
    ...(word.interpret === undefined ? {} : { interpret: word.interpret }),
    ...(word.agent === undefined ? {} : { agent: word.agent }),
  };
}

function languageOf(text: string | null): LanguageTag | undefined {
  if (text === null) return undefined;
  const tag = parseLanguage(text);
  if (tag === undefined)
    throw new ParleyError(
      'usage',
      `${JSON.stringify(text.slice(0, 40))} is not a language: use a tag such as es`,
    );
  return tag;
}

function sameDeclaration(a: DeclaredLanguages, b: DeclaredLanguages): boolean {
  return a.prefers === b.prefers && a.speaks.join() === b.speaks.join() && a.unread === b.unread;
}

function sameLanguages(a: PersonLanguages, b: PersonLanguages): boolean {
  return sameDeclaration(a, b) && a.heard === b.heard;
}
