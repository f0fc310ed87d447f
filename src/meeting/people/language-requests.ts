import { languageRefusedNotice } from '../meeting-notices.js';
import type { MeetingPerson } from '../meeting-events.js';
import type { MeetingContext, MeetingPart } from '../meeting-part.js';

/** The topic on which people say their language. */
export const LANGUAGE_TOPIC = 'PARLEY_LANGUAGE';

/**
 * People change their own language in the meeting: pubSub topic `PARLEY_LANGUAGE`, with the payload
 * `{ preferredLanguage?, spokenLanguages? }` as in the metadata that they join with. Whose setting it is says the message's
 * sender alone; nothing else of a message is looked at, and nothing else can be set. One change per person counts in two
 * seconds; what the host says of a person wins over it.
 */
export class LanguageRequests implements MeetingPart {
  readonly name = 'language requests';
  /** Whose requests made no sense, as the host was told. */
  readonly #refused = new Set<string>();

  /** Listens from now on, for as long as we are in the room. */
  constructor(meeting: Pick<MeetingContext, 'room' | 'choose' | 'personOf' | 'notice'>) {
    meeting.room.subscribe(LANGUAGE_TOPIC, ({ senderId, payload }) => {
      if (meeting.choose(senderId, payload)) return;
      const person = meeting.personOf(senderId);
      if (person?.isBot !== false || this.#refused.has(senderId)) return;
      this.#refused.add(senderId);
      meeting.notice(languageRefusedNotice(senderId, person.name));
    });
  }

  left({ id }: MeetingPerson): void {
    this.#refused.delete(id);
  }
}
