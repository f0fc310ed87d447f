import type { Clock, TimerHandle } from '../../clock.js';
import {
  languageConfirmation,
  type LanguageNotice,
  languageQuestion,
} from '../../interpreter/notices/language-notices.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { MeetingPerson } from '../meeting-events.js';

/** Before each question, from when somebody is found to have chosen nothing: their app may still have to subscribe. */
const QUESTION_WAITS_MS = [2_000, 28_000, 90_000];

/** Tells one person something. */
export type NotifyPerson = (person: MeetingPerson, notice: LanguageNotice) => void;

type Question = { person: MeetingPerson; asked: number; timer: TimerHandle | undefined };

/**
 * Tells each person about their own language: asks those whose language nobody knows, again after a while, until they have
 * chosen; and says what a change came to.
 */
export class LanguageGuide {
  readonly #clock: Clock;
  readonly #notify: NotifyPerson;
  readonly #questions = new Map<string, Question>();
  #offered: readonly LanguageTag[] = [];

  constructor(options: { clock: Clock; notify: NotifyPerson }) {
    this.#clock = options.clock;
    this.#notify = options.notify;
  }

  /** Who has chosen no language that is to be had, as of now; `offered` are those that are. */
  update(undecided: readonly MeetingPerson[], offered: readonly LanguageTag[]): void {
    this.#offered = offered;
    const ids = new Set(undecided.map(({ id }) => id));
    for (const id of this.#questions.keys()) if (!ids.has(id)) this.#drop(id);
    for (const person of undecided) {
      const known = this.#questions.get(person.id);
      if (known !== undefined) {
        known.person = person;
        continue;
      }
      const question: Question = { person, asked: 0, timer: undefined };
      this.#questions.set(person.id, question);
      this.#schedule(question);
    }
  }

  /** Somebody's languages changed, and {@link LanguageGuide.update} was called for it. */
  changed(person: MeetingPerson): void {
    const { prefers } = person;
    if (prefers === undefined) return;
    const question = this.#questions.get(person.id);
    if (question === undefined) this.#notify(person, languageConfirmation(prefers, person));
    else this.#ask(question);
  }

  /** Nobody is asked any more. */
  close(): void {
    for (const id of [...this.#questions.keys()]) this.#drop(id);
  }

  #ask(question: Question): void {
    question.asked++;
    this.#schedule(question);
    this.#notify(question.person, languageQuestion(question.person.prefers, this.#offered));
  }

  #schedule(question: Question): void {
    question.timer?.cancel();
    const waitMs = QUESTION_WAITS_MS[question.asked];
    question.timer =
      waitMs === undefined ? undefined : this.#clock.setTimer(() => this.#ask(question), waitMs);
  }

  #drop(id: string): void {
    this.#questions.get(id)?.timer?.cancel();
    this.#questions.delete(id);
  }
}
