import type { TimerHandle } from '../../clock.js';
import { languageConfirmation, languageQuestion } from '../../interpreter/notices/language-notices.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { MeetingPerson } from '../meeting-events.js';
import type { MeetingContext, MeetingPart, MeetingPlan } from '../meeting-part.js';
import type { PersonAspect } from './roster.js';

/** Before each question, from when somebody is found to have chosen nothing: their app may still have to subscribe. */
const QUESTION_WAITS_MS = [2_000, 28_000, 90_000];

type Question = { person: MeetingPerson; asked: number; timer: TimerHandle | undefined };

/**
 * Tells each person about their own language: asks those whose language nobody knows, again after a while, until they have
 * chosen; and says what a change came to.
 */
export class LanguageGuide implements MeetingPart {
  readonly name = 'language guide';
  readonly #meeting: Pick<MeetingContext, 'clock' | 'notify'>;
  /** Whose languages changed since the last plan. */
  readonly #changed = new Map<string, MeetingPerson>();
  readonly #questions = new Map<string, Question>();
  #offered: readonly LanguageTag[] = [];

  constructor(meeting: Pick<MeetingContext, 'clock' | 'notify'>) {
    this.#meeting = meeting;
  }

  /** What a change came to is known, and told, with the next plan. */
  changed(person: MeetingPerson, what: PersonAspect): void {
    if (what === 'languages') this.#changed.set(person.id, person);
  }

  left({ id }: MeetingPerson): void {
    this.#changed.delete(id);
  }

  planned({ undecided, languages }: Pick<MeetingPlan, 'undecided' | 'languages'>): void {
    this.#follow(undecided, languages);
    const changed = [...this.#changed.values()];
    this.#changed.clear();
    for (const person of changed) this.#answer(person);
  }

  /** Nobody is asked any more. */
  closing(): void {
    for (const id of [...this.#questions.keys()]) this.#drop(id);
  }

  /** Who has chosen no language that is to be had, as of now; `offered` are those that are. */
  #follow(undecided: readonly MeetingPerson[], offered: readonly LanguageTag[]): void {
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

  /** Somebody's languages changed, and routes are in line with it. */
  #answer(person: MeetingPerson): void {
    const { prefers } = person;
    if (prefers === undefined) return;
    const question = this.#questions.get(person.id);
    if (question === undefined) this.#meeting.notify(person, languageConfirmation(prefers, person));
    else this.#ask(question);
  }

  #ask(question: Question): void {
    question.asked++;
    this.#schedule(question);
    const { prefers, unread } = question.person;
    this.#meeting.notify(question.person, languageQuestion(prefers, this.#offered, unread));
  }

  #schedule(question: Question): void {
    question.timer?.cancel();
    const waitMs = QUESTION_WAITS_MS[question.asked];
    question.timer =
      waitMs === undefined ? undefined : this.#meeting.clock.setTimer(() => this.#ask(question), waitMs);
  }

  #drop(id: string): void {
    this.#questions.get(id)?.timer?.cancel();
    this.#questions.delete(id);
  }
}
