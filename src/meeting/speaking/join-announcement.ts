import type { TimerHandle } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { type Company, interpretingNotice } from '../../interpreter/notices/language-notices.js';
import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';
import type { MeetingPerson } from '../meeting-events.js';
import type { MeetingContext, MeetingPart, MeetingPlan } from '../meeting-part.js';
import { preferredLanguages } from '../people/preferred-languages.js';

/** From somebody's coming to their being told: their app still has to connect our voice. */
export const ANNOUNCE_AFTER_MS = 2_000;
/** Spoken within a minute at most; the people of further languages read it. */
const MAX_SPOKEN_PER_MINUTE = 6;
const MINUTE_MS = 60_000;

/** What the announcement needs of its meeting. */
export type AnnouncedMeeting = Pick<
  MeetingContext,
  'clock' | 'name' | 'people' | 'say' | 'isSpoken' | 'notify' | 'notice'
>;

type PersonOfALanguage = MeetingPerson & { readonly prefers: LanguageTag };

/**
 * Tells the people of each language that the interpreter is here, a moment after the first of them has come: aloud where a voice
 * speaks that language, else in writing. Whoever comes later with such a language reads it, once.
 */
export class JoinAnnouncement implements MeetingPart {
  readonly name = 'announcement';
  readonly #meeting: AnnouncedMeeting;
  readonly #text: string;
  readonly #company: Company;
  readonly #announced = new Set<string>();
  /** Ids of the people who were told, while they are here. */
  #told: ReadonlySet<string> = new Set();
  readonly #timers = new Map<string, TimerHandle>();
  #present = new Map<string, LanguageTag>();
  #spokenAtMs: readonly number[] = [];

  /** @param text what is spoken, in any language; it is translated */
  constructor(meeting: AnnouncedMeeting, text: string, company: Company = {}) {
    this.#meeting = meeting;
    this.#text = text;
    this.#company = company;
  }

  planned({ declared }: Pick<MeetingPlan, 'declared'>): void {
    const languages = preferredLanguages(this.#meeting.people(), declared);
    this.#present = new Map(languages.map((tag) => [spokenLanguage(tag), tag]));
    const here = new Set(this.#meeting.people().map(({ id }) => id));
    this.#told = new Set([...this.#told].filter((id) => here.has(id)));
    for (const spoken of this.#present.keys()) {
      if (this.#timers.has(spoken) || (this.#announced.has(spoken) && this.#untold(spoken).length === 0))
        continue;
      this.#timers.set(
        spoken,
        this.#meeting.clock.setTimer(() => this.#announce(spoken), ANNOUNCE_AFTER_MS),
      );
    }
  }

  /** Nobody is told any more. */
  closing(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#present.clear();
  }

  #announce(spoken: string): void {
    this.#timers.delete(spoken);
    const to = this.#present.get(spoken);
    if (to === undefined) return; // gone again
    const isNews = !this.#announced.has(spoken);
    this.#announced.add(spoken);
    const people = isNews ? this.#peopleOf(spoken) : this.#untold(spoken);
    this.#told = new Set([...this.#told, ...people.map(({ id }) => id)]);
    if (!isNews || !this.#meeting.isSpoken(to) || !this.#maySpeak()) {
      for (const person of people)
        this.#meeting.notify(person, interpretingNotice(this.#meeting.name, person.prefers, this.#company));
      return;
    }
    this.#meeting.say(this.#text, [to]).catch((error: unknown) => {
      this.#meeting.notice({ kind: 'voices', message: messageOf(error) });
    });
  }

  #untold(spoken: string): PersonOfALanguage[] {
    return this.#peopleOf(spoken).filter(({ id }) => !this.#told.has(id));
  }

  #peopleOf(spoken: string): PersonOfALanguage[] {
    return this.#meeting.people().flatMap((person) => {
      const { prefers } = person;
      return prefers !== undefined && spokenLanguage(prefers) === spoken ? [{ ...person, prefers }] : [];
    });
  }

  #maySpeak(): boolean {
    const nowMs = this.#meeting.clock.nowMs();
    const recent = this.#spokenAtMs.filter((atMs) => nowMs - atMs < MINUTE_MS);
    const may = recent.length < MAX_SPOKEN_PER_MINUTE;
    this.#spokenAtMs = may ? [...recent, nowMs] : recent;
    return may;
  }
}
