import type { Clock, TimerHandle } from '../../clock.js';
import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';

/** From somebody's coming to their being told: their app still has to connect our voice. */
export const ANNOUNCE_AFTER_MS = 2_000;

/**
 * Tells the people of each language once that the interpreter is here: a moment after the first of them has come.
 */
export class JoinAnnouncement {
  readonly #clock: Clock;
  readonly #say: (to: LanguageTag) => void;
  readonly #told = new Set<string>();
  readonly #timers = new Map<string, TimerHandle>();
  #present = new Map<string, LanguageTag>();

  constructor(options: { clock: Clock; say: (to: LanguageTag) => void }) {
    this.#clock = options.clock;
    this.#say = options.say;
  }

  /** What the people who are here prefer to hear. */
  update(languages: readonly LanguageTag[]): void {
    this.#present = new Map(languages.map((tag) => [spokenLanguage(tag), tag]));
    for (const spoken of this.#present.keys()) {
      if (this.#told.has(spoken) || this.#timers.has(spoken)) continue;
      this.#timers.set(
        spoken,
        this.#clock.setTimer(() => this.#notify(spoken), ANNOUNCE_AFTER_MS),
      );
    }
  }

  /** Nobody is told any more. */
  close(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#present.clear();
  }

  #notify(spoken: string): void {
    this.#timers.delete(spoken);
    const to = this.#present.get(spoken);
    if (to === undefined) return; // gone again
    this.#told.add(spoken);
    this.#say(to);
  }
}
