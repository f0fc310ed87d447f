import type { TimerHandle } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { type Company, interpretingNotice } from '../../interpreter/notices/language-notices.js';
import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';
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

/**
 * Tells the people of each language once that the interpreter is here, a moment after the first of them has come: aloud where
 * a voice speaks that language, else in writing.
 */
export class JoinAnnouncement implements MeetingPart {
  readonly name = 'announcement';
  readonly #meeting: AnnouncedMeeting;
  readonly #text: string;
  readonly #company: Company;
  readonly #announced = new Set<string>();
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
    for (const spoken of this.#present.keys()) {
      if (this.#announced.has(spoken) || this.#timers.has(spoken)) continue;
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
    this.#announced.add(spoken);
    if (!this.#meeting.isSpoken(to) || !this.#maySpeak()) {
      this.#write(spoken);
      return;
    }
    this.#meeting.say(this.#text, [to]).catch((error: unknown) => {
      this.#meeting.notice({ kind: 'voices', message: messageOf(error) });
    });
  }

  #write(spoken: string): void {
    for (const person of this.#meeting.people()) {
      if (person.prefers === undefined || spokenLanguage(person.prefers) !== spoken) continue;
      this.#meeting.notify(person, interpretingNotice(this.#meeting.name, person.prefers, this.#company));
    }
  }

  #maySpeak(): boolean {
    const nowMs = this.#meeting.clock.nowMs();
    const recent = this.#spokenAtMs.filter((atMs) => nowMs - atMs < MINUTE_MS);
    const may = recent.length < MAX_SPOKEN_PER_MINUTE;
    this.#spokenAtMs = may ? [...recent, nowMs] : recent;
    return may;
  }
}
