import type { Participant } from '../../room/room.js';
import type { MeetingPerson } from '../meeting-events.js';
import type { MeetingContext, MeetingPart } from '../meeting-part.js';
import { otherInterpreterNotice } from '../meeting-notices.js';
import { channelLanguage } from '../speaking/channel-rooms.js';

/** Interpreters that are named at most: each of them is one that somebody started. */
const MAX_NOTIFIED = 10;

/** Tells the host of each other interpreter in the meeting: two of them say, and cost, everything twice. */
export class OtherInterpreters implements MeetingPart {
  readonly name = 'other interpreters';
  readonly #meeting: Pick<MeetingContext, 'room' | 'notice'>;
  readonly #notified = new Set<string>();

  constructor(meeting: Pick<MeetingContext, 'room' | 'notice'>) {
    this.#meeting = meeting;
  }

  joined({ id, name, isBot }: MeetingPerson, { metadata }: Pick<Participant, 'metadata'>): void {
    // A voice of its own for each language is part of an interpreter.
    if (!isBot || id === this.#meeting.room.participantId || channelLanguage(metadata) !== undefined) return;
    if (this.#notified.has(id) || this.#notified.size >= MAX_NOTIFIED) return;
    this.#notified.add(id);
    this.#meeting.notice(otherInterpreterNotice(id, name));
  }
}
