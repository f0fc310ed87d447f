import type { Clock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { EngineNeed } from '../../interpreter/plan/engine.js';
import { type Glossary, hasTermsFor, termsFor } from '../../interpreter/instructions/glossary.js';
import { buildInstructions, type PersonContext } from '../../interpreter/instructions/instructions.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import { buildTwoWayInstructions } from '../../interpreter/plan/two-way.js';
import { languageName, sameLanguage } from '../../languages/languages.js';
import { profileDigest } from '../../profiles/profile-digest.js';
import { agreesToLearning, type ProfileIds, profileIdOf } from '../../profiles/profile-ids.js';
import type { Profile, ProfileSource } from '../../profiles/profile-source.js';
import type { Participant } from '../../room/room.js';
import { ProfileCollection } from './profile-collection.js';
import { Learning } from './learning.js';
import type { MeetingNotice, MeetingPerson } from '../meeting-events.js';

/** People whose profiles are used at a time; those who come later are interpreted without. */
const MAX_DOSSIERS = 200;
/** Profiles that one participant may name after another, in one stay. */
const MAX_CLAIMS = 5;

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
export type BriefingOptions = BriefingSettings & {
  clock: Clock;
  /** Who is here, interpreters not counted. */
  people: () => readonly MeetingPerson[];
  /** What {@link Briefing.instructionsFor} says of some routes has changed by itself: a profile came, or more of it. */
  onChanged: () => void;
  onNotice: (notice: MeetingNotice) => void;
};

type Subject = { dossier: ProfileCollection | undefined; userId: string | undefined; claims: number };

/**
 * What each session of a meeting is to be told: from who is here, what is known of them, and the glossary. Changes are told
 * once they are there; whoever holds the sessions sends what differs.
 */
export class Briefing {
  readonly #options: BriefingOptions;
  readonly #subjects = new Map<string, Subject>();
  readonly #learning: Learning | undefined;
  /** What was told once, and is not told again. */
  readonly #told = new Set<string>();

  constructor(options: BriefingOptions) {
    this.#options = options;
    this.#learning = this.#newLearning();
  }

  /** Somebody came, or came again. */
  joined(participant: Participant): void {
    this.left(participant.id);
    if (participant.isBot || this.#options.profiles === undefined) return;
    this.#subjects.set(participant.id, { dossier: undefined, userId: undefined, claims: 0 });
    this.changed(participant);
  }

  /** Somebody says something else of themselves. */
  changed(participant: Participant): void {
    const { profiles } = this.#options;
    const subject = this.#subjects.get(participant.id);
    if (subject === undefined || profiles === undefined) return;
    const userId = profileIdOf(participant, profiles.ids ?? new Map<string, string>());
    if (userId !== undefined && agreesToLearning(participant.metadata))
      this.#learning?.agreed(participant.id, userId);
    else this.#learning?.declined(participant.id);
    if (userId === subject.userId) return;
    subject.userId = userId;
    this.#replaceDossier(participant.id, subject);
  }

  /** Somebody is gone. What they said and agreed to have learnt stays until the end. */
  left(participantId: string): void {
    this.#subjects.get(participantId)?.dossier?.close();
    this.#subjects.delete(participantId);
    this.#learning?.left(participantId);
  }

  /** What somebody said in one turn. */
  said(participantId: string, text: string): void {
    this.#learning?.said(participantId, text);
    this.#subjects.get(participantId)?.dossier?.said(text);
  }

  /** The instructions of a route's session, as things are now; none where nothing is asked of the model. */
  instructionsFor({ speakerId, from, to, back, listenerIds }: RouteSpec): string {
    if (to === undefined) return '';
    const people = this.#options.people();
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
    return buildInstructions({
      speaker: {
        name: people.find(({ id }) => id === speakerId)?.name ?? '',
        context: this.#contextOf(speakerId),
      },
      from,
      to,
      listeners: listeners.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ name }) => ({ name })),
      listenerContext: isSole ? this.#contextOf(only!.id) : undefined,
      glossary: this.#termsFor({ from, to }),
    });
  }

  /** What of a route's instructions only an engine can use that follows them. */
  needsOf({ speakerId, from, to }: RouteSpec): readonly EngineNeed[] {
    const { glossary } = this.#options;
    const needs: EngineNeed[] = [];
    if (glossary !== undefined && to !== undefined && hasTermsFor(glossary, { from, to }))
      needs.push('glossary');
    if (this.#subjects.get(speakerId)?.dossier !== undefined) needs.push('profile');
    return needs;
  }

  /** Asks for nothing more. */
  close(): void {
    for (const id of [...this.#subjects.keys()]) this.left(id);
  }

  /** After the meeting: adds to profiles what their owners said and agreed to, within `timeLimitMs`. Never rejects. */
  async learn(timeLimitMs: number): Promise<void> {
    await this.#learning?.finish(timeLimitMs);
  }

  #contextOf(participantId: string): PersonContext | undefined {
    return this.#subjects.get(participantId)?.dossier?.context;
  }

  #replaceDossier(participantId: string, subject: Subject): void {
    const { clock, profiles, onChanged } = this.#options;
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
    const name = this.#options.people().find(({ id }) => id === participantId)?.name ?? 'Somebody';
    const message = `${name} has a profile: ${profileDigest([summary, ...terms].join('\n'))}`;
    this.#options.onNotice({ kind: 'profile', message, participantId });
  }

  #notifyTrouble(error: unknown): void {
    const code = error instanceof ParleyError ? error.code : 'internal';
    const message = `${messageOf(error)}; interpreting goes on without`;
    this.#emitOnce(`trouble ${code}`, { kind: 'profile', message });
  }

  #termsFor(route: { from: RouteSpec['from']; to: string }) {
    const { glossary } = this.#options;
    if (glossary === undefined) return [];
    const { entries, leftOut } = termsFor(glossary, route);
    if (leftOut > 0) {
      const source =
        route.from.length === 0 ? 'any language' : route.from.map((tag) => languageName(tag)).join(' or ');
      const pair = `from ${source} into ${languageName(route.to)}`;
      const message = `the glossary has ${leftOut} terms too many ${pair}: ${entries.length} are used`;
      this.#emitOnce(pair, { kind: 'glossary', message });
    }
    return entries;
  }

  #emitOnce(what: string, notice: MeetingNotice): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#options.onNotice(notice);
  }

  #newLearning(): Learning | undefined {
    const { clock, profiles, onNotice } = this.#options;
    if (profiles?.learn !== true) return undefined;
    return new Learning({
      source: profiles.source,
      clock,
      onTrouble: (message) => onNotice({ kind: 'profile', message }),
    });
  }
}
