import type { Clock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { EngineNeed } from '../../interpreter/plan/engine.js';
import { type Glossary, hasTermsFor, termsFor } from '../../interpreter/instructions/glossary.js';
import {
  buildInstructions,
  buildLiveInstructions,
  type PersonContext,
} from '../../interpreter/instructions/instructions.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import type { EngineName } from '../../realtime/engines.js';
import { buildTwoWayInstructions } from '../../interpreter/plan/two-way.js';
import { ownLanguageName, sameLanguage } from '../../languages/languages.js';
import { profileDigest } from '../../profiles/profile-digest.js';
import { EventEmitter, type EventSource, type OnListenerError } from '../../events.js';
import { type ProfileIds, profileIdOf } from '../../profiles/profile-ids.js';
import type { Profile, ProfileSource } from '../../profiles/profile-source.js';
import type { Participant } from '../../room/room.js';
import { ProfileCollection } from './profile-collection.js';
import type { MeetingNotice, MeetingPerson } from '../meeting-events.js';
import type { MeetingPart, SaidSpeech } from '../meeting-part.js';
import type { Roster } from '../people/roster.js';

/** People whose profiles are used at a time; those who come later are interpreted without. */
const MAX_DOSSIERS = 200;
/** Profiles that one participant may name after another, in one stay. */
const MAX_CLAIMS = 5;

/** What is told of profiles that cannot be had is remembered by this and the error's code. */
const TROUBLE = 'trouble ';

/** Profiles in a meeting. */
export type MeetingProfiles = {
  source: ProfileSource;
  /** Whose profile is whose, by the host's word; absent: as participants say. */
  ids?: ProfileIds;
  /** Turn by turn, what a person says decides which of the chunks about them are used. Off by default. */
  refine?: boolean;
  /** Permits adding what people say to their own profiles, where they agree themselves. Off by default. */
  learn?: boolean;
};

/** What sessions are told beside names and languages. */
export type BriefingSettings = {
  /** Who people are; absent: nobody asks. */
  profiles?: MeetingProfiles | undefined;
  /** Terms and how they are translated. */
  glossary?: Glossary | undefined;
};

/** What a briefing is made of. */
type BriefingOptions = BriefingSettings & {
  clock: Clock;
  /** Who is here. */
  roster: Pick<Roster, 'people'>;
  onListenerError?: OnListenerError | undefined;
};

/** What happens to a briefing. */
type BriefingEvents = {
  /** What {@link Briefing.instructionsFor} says of some routes has changed by itself: a profile came, or more of it. */
  changed: [];
  notice: [notice: MeetingNotice];
};

type Subject = { dossier: ProfileCollection | undefined; userId: string | undefined; claims: number };

/**
 * What each session of a meeting is to be told: from who is here, what is known of them, and the glossary. Changes are told
 * once they are there; whoever holds the sessions sends what differs.
 */
export class Briefing implements MeetingPart {
  readonly name = 'briefing';
  readonly #options: BriefingOptions;
  readonly #events: EventEmitter<BriefingEvents>;
  readonly #subjects = new Map<string, Subject>();
  #glossary: Glossary | undefined;
  /** What was told once, and is not told again. */
  readonly #notified = new Set<string>();

  constructor(options: BriefingOptions) {
    this.#options = options;
    this.#events = new EventEmitter(options.onListenerError);
    this.#glossary = options.glossary;
  }

  get events(): EventSource<BriefingEvents> {
    return this.#events;
  }

  get glossary(): Glossary | undefined {
    return this.#glossary;
  }

  /** Other terms, or none, from now on. */
  setGlossary(glossary: Glossary | undefined): void {
    this.#glossary = glossary;
    // What is too much of this one is told anew.
    for (const what of this.#notified) if (!what.startsWith(TROUBLE)) this.#notified.delete(what);
    this.#events.emit('changed');
  }

  /** Somebody came, or came again. */
  joined(person: Pick<MeetingPerson, 'id' | 'isBot'>, participant: Participant): void {
    this.left(person);
    if (person.isBot || this.#options.profiles === undefined) return;
    this.#subjects.set(person.id, { dossier: undefined, userId: undefined, claims: 0 });
    this.updated(participant);
  }

  /** Somebody says something else of themselves. */
  updated(participant: Participant): void {
    const { profiles } = this.#options;
    const subject = this.#subjects.get(participant.id);
    if (subject === undefined || profiles === undefined) return;
    const userId = profileIdOf(participant, profiles.ids ?? new Map<string, string>());
    if (userId === subject.userId) return;
    subject.userId = userId;
    this.#replaceDossier(participant.id, subject);
  }

  left({ id }: Pick<MeetingPerson, 'id'>): void {
    this.#subjects.get(id)?.dossier?.close();
    this.#subjects.delete(id);
  }

  said({ speakerId, text, isMixed }: Pick<SaidSpeech, 'speakerId' | 'text' | 'isMixed'>): void {
    if (isMixed !== true) this.#subjects.get(speakerId)?.dossier?.said(text);
  }

  /** The instructions of a route's session with this engine, as things are now; none where nothing is asked of the model. */
  instructionsFor(
    { speakerId, from, to, back, listenerIds }: RouteSpec,
    engine: EngineName = 'conversation',
  ): string {
    if (to === undefined) return '';
    const people = this.#options.roster.people();
    if (back !== undefined) {
      const glossary = [
        this.#termsFor({ from: [back], to }),
        this.#termsFor({ from: [to], to: back }),
      ].flat();
      return buildTwoWayInstructions({ languages: [back, to], people, glossary });
    }
    const needing = new Set(listenerIds);
    const listeners = people.filter(({ id }) => needing.has(id));
    const others = people.filter(
      ({ id, prefers }) => !needing.has(id) && prefers !== undefined && sameLanguage(prefers, to),
    );
    const [only] = listeners;
    const isSole = listeners.length === 1 && others.length === 0;
    const isLive = engine === 'live';
    const build = isLive ? buildLiveInstructions : buildInstructions;
    return build({
      speaker: {
        name: people.find(({ id }) => id === speakerId)?.name ?? '',
        context: this.#contextOf(speakerId),
      },
      from,
      to,
      // Whoever comes and goes would change them, and a live session is opened anew for other instructions.
      listeners: isLive ? [] : listeners.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ name }) => ({ name })),
      listenerContext: isSole ? this.#contextOf(only!.id) : undefined,
      glossary: this.#termsFor({ from, to }),
    });
  }

  /** What of a route's instructions only an engine can use that follows them. */
  needsOf({ speakerId, from, to }: RouteSpec): readonly EngineNeed[] {
    const glossary = this.#glossary;
    const needs: EngineNeed[] = [];
    if (glossary !== undefined && to !== undefined && hasTermsFor(glossary, { from, to }))
      needs.push('glossary');
    if (this.#subjects.get(speakerId)?.dossier !== undefined) needs.push('profile');
    return needs;
  }

  /** Asks for nothing more. */
  closed(): void {
    for (const id of [...this.#subjects.keys()]) this.left({ id });
  }

  #contextOf(participantId: string): PersonContext | undefined {
    return this.#subjects.get(participantId)?.dossier?.context;
  }

  #replaceDossier(participantId: string, subject: Subject): void {
    const { clock, profiles } = this.#options;
    const onChanged = (): void => {
      this.#events.emit('changed');
    };
    const hadContext = subject.dossier?.context !== undefined;
    subject.dossier?.close();
    subject.dossier = undefined;
    if (hadContext) onChanged();
    const { userId } = subject;
    if (profiles === undefined || userId === undefined || subject.claims >= MAX_CLAIMS) return;
    const open = [...this.#subjects.values()].filter(({ dossier }) => dossier !== undefined).length;
    if (open >= MAX_DOSSIERS) return;
    subject.claims++;
    subject.dossier = new ProfileCollection({
      userId,
      source: profiles.source,
      clock,
      refine: profiles.refine ?? false,
      onProfile: (profile) => this.#emitProfile(participantId, profile),
      onChanged,
      onTrouble: (error) => this.#notifyTrouble(error),
    });
  }

  #emitProfile(participantId: string, { summary, terms }: Profile): void {
    const name = this.#options.roster.people().find(({ id }) => id === participantId)?.name ?? 'Somebody';
    const message = `${name} has a profile, which the model is told for names, terms and tone (${profileDigest([summary, ...terms].join('\n'))})`;
    this.#events.emit('notice', { kind: 'profile', message, participantId });
  }

  #notifyTrouble(error: unknown): void {
    const code = error instanceof ParleyError ? error.code : 'internal';
    const message = `${messageOf(error)}; interpreting goes on without`;
    this.#emitOnce(`${TROUBLE}${code}`, { kind: 'profile', message });
  }

  #termsFor(route: { from: RouteSpec['from']; to: string }) {
    const glossary = this.#glossary;
    if (glossary === undefined) return [];
    const { entries, leftOut } = termsFor(glossary, route);
    if (leftOut > 0) {
      const source =
        route.from.length === 0 ? 'any language' : route.from.map((tag) => ownLanguageName(tag)).join(' or ');
      const pair = `from ${source} into ${ownLanguageName(route.to)}`;
      const message = `the glossary has ${leftOut} terms too many ${pair}: ${entries.length} are used`;
      this.#emitOnce(pair, { kind: 'glossary', message });
    }
    return entries;
  }

  #emitOnce(what: string, notice: MeetingNotice): void {
    if (this.#notified.has(what)) return;
    this.#notified.add(what);
    this.#events.emit('notice', notice);
  }
}
