import type { Room } from '../../room/room.js';
import type { MeetingPerson } from '../meeting-events.js';
import type { Roster } from './roster.js';

/** The topic on which people say their language. */
export const LANGUAGE_TOPIC = 'PARLEY_LANGUAGE';

/**
 * People change their own language in the meeting: pubSub topic `PARLEY_LANGUAGE`, with the payload
 * `{ preferredLanguage?, spokenLanguages? }` as in the metadata that they join with. Whose setting it is says the message's
 * sender alone; nothing else of a message is looked at, and nothing else can be set.
 * Listens from its construction on, for as long as we are in the room.
 */
export class LanguageRequests {
  /** Whose requests made no sense. */
  readonly #refused = new Set<string>();

  /**
   * Hands every request to `roster`, which takes one change per person in two seconds. `onRefused` is told of people whose
   * request makes no sense, once each.
   */
  constructor(options: { room: Room; roster: Roster; onRefused: (person: MeetingPerson) => void }) {
    const { room, roster, onRefused } = options;
    room.subscribe(LANGUAGE_TOPIC, ({ senderId, payload }) => {
      if (roster.choose(senderId, payload)) return;
      const person = roster.get(senderId);
      if (person?.isBot !== false || this.#refused.has(senderId)) return;
      this.#refused.add(senderId);
      onRefused(person);
    });
  }

  /** Somebody is gone. */
  forget(id: string): void {
    this.#refused.delete(id);
  }
}
