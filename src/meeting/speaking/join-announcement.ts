import type { TimerHandle } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';
import type { MeetingContext, MeetingPart } from '../meeting-part.js';
import { preferredLanguages } from '../people/preferred-languages.js';

/** From somebody's coming to their being told: their app still has to connect our voice. */
export const ANNOUNCE_AFTER_MS = 2_000;

/**
 * Tells the people of each language once that the interpreter is here: a moment after the first of them has come.
 */
export class JoinAnnouncement implements MeetingPart {
  readonly name = 'announcement';
  readonly #meeting: Pick<MeetingContext, 'clock' | 'people' | 'say' | 'notice'>;
  readonly #text: string;
  readonly #announced = new Set<string>();
  readonly #timers = new Map<string, TimerHandle>();
  #present = new Map<string, LanguageTag>();

  /** @param text in any language; it is translated */
  constructor(meeting: Pick<MeetingContext, 'clock' | 'people' | 'say' | 'notice'>, text: string) {
    this.#meeting = meeting;
    this.#text = text;
  }

  planned(): void {
    const languages = preferredLanguages(this.#meeting.people());
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
    this.#meeting.say(this.#text, [to]).catch((error: unknown) => {
      this.#meeting.notice({ kind: 'voices', message: messageOf(error) });
    });
  }
}
