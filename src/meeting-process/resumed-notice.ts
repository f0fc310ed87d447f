import type { Clock } from '../clock.js';
import { interpretingNotice } from '../interpreter/notices/language-notices.js';
import type { MeetingPerson } from '../meeting/meeting-events.js';
import type { MeetingContext, MeetingPart } from '../meeting/meeting-part.js';

/** Who is told of within this time was there before: they noticed that nobody interpreted. */
const THERE_BEFORE_MS = 5_000;

/** Tells those who are in a meeting that is taken up again, once, in their language and in private, that it is interpreted. */
export class ResumedNotice implements MeetingPart {
  readonly name = 'resumed notice';
  readonly #clock: Clock;
  readonly #notified = new Set<string>();
  #meeting: MeetingContext | undefined;
  #sinceMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  attach(meeting: MeetingContext): void {
    this.#meeting = meeting;
  }

  joined(person: MeetingPerson): void {
    this.#tell(person);
  }

  /** Their language is known from here on. */
  changed(person: MeetingPerson): void {
    this.#tell(person);
  }

  #tell(person: MeetingPerson): void {
    const nowMs = this.#clock.nowMs();
    this.#sinceMs ??= nowMs;
    if (person.isBot || this.#notified.has(person.id) || nowMs - this.#sinceMs > THERE_BEFORE_MS) return;
    const { prefers } = person;
    if (prefers === undefined || this.#meeting === undefined) return;
    this.#notified.add(person.id);
    this.#meeting.notify(person, interpretingNotice(this.#meeting.name, prefers), 'resumed');
  }
}
