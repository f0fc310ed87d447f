import { languageQuestion } from '../../interpreter/notices/language-notices.js';
import { unreadLanguage } from '../../interpreter/plan/declared-languages.js';
import { languageRefusedNotice } from '../meeting-notices.js';
import type { MeetingPerson } from '../meeting-events.js';
import type { MeetingContext, MeetingPart } from '../meeting-part.js';

/** Different values of one person that are told of. */
const MAX_REFUSED = 3;

/** The topic on which people say their language. */
export const LANGUAGE_TOPIC = 'PARLEY_LANGUAGE';

/**
 * People change their own language in the meeting: pubSub topic `PARLEY_LANGUAGE`, with the payload
 * `{ preferredLanguage?, spokenLanguages? }` as in the metadata that they join with. Whose setting it is says the message's
 * sender alone; nothing else of a message is looked at, and nothing else can be set. One change per person counts in two
 * seconds; what the host says of a person wins over it. What cannot be read is shown to the host, and the person is asked.
 */
export class LanguageRequests implements MeetingPart {
  readonly name = 'language requests';
  /** Whose requests made no sense, and what they asked for, as the host was told. */
  readonly #refused = new Map<string, Set<string>>();

  /** Listens from now on, for as long as we are in the room. */
  constructor(meeting: Pick<MeetingContext, 'room' | 'choose' | 'personOf' | 'notice' | 'notify'>) {
    meeting.room.subscribe(LANGUAGE_TOPIC, ({ senderId, payload }) => {
      if (meeting.choose(senderId, payload)) return;
      const person = meeting.personOf(senderId);
      if (person?.isBot !== false) return;
      const unread = unreadLanguage(payload);
      const refused = this.#refused.get(senderId) ?? new Set();
      this.#refused.set(senderId, refused);
      if (refused.size >= MAX_REFUSED || refused.has(unread ?? '')) return;
      refused.add(unread ?? '');
      meeting.notice(languageRefusedNotice(senderId, person.name, unread));
      if (unread !== undefined) meeting.notify(person, languageQuestion(person.prefers, [], unread));
    });
  }

  left({ id }: MeetingPerson): void {
    this.#refused.delete(id);
  }
}
