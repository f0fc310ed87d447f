import type { Caption, Interruption } from '../../captions/caption.js';
import { CaptionPublisher } from '../../captions/caption-publisher.js';
import { LiveCaptions } from '../../captions/live-captions.js';
import { noticeCaption } from '../../captions/notice.js';
import { Readership } from '../../captions/readership.js';
import { roomSender } from '../../captions/room-sender.js';
import type { SendCounters } from '../../captions/topic-queue.js';
import { captionsTopic } from '../../captions/topics.js';
import type { Clock } from '../../clock.js';
import { interruptionNotice } from '../../interpreter/notices/interruption-notices.js';
import { type LanguageNotice, recordingNotice } from '../../interpreter/notices/language-notices.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import { type LanguageTag, sameLanguage } from '../../languages/languages.js';
import type { Room } from '../../room/room.js';
import type { MeetingPerson } from '../meeting-events.js';
import { InterruptionCaptions } from './interruption-captions.js';
import { Newcomers } from '../people/newcomers.js';

/** What a host can choose. */
export type CaptionSettings = {
  /** The meeting keeps final captions for those who come later. */
  persist?: boolean;
  /** Final captions are posted to the meeting's chat too, to each in their language. */
  chat?: boolean;
  /** There is a record of the meeting: everyone who comes is told so. */
  recorded?: boolean;
};

/** What the captions of a meeting are made of. */
export type MeetingCaptionsOptions = CaptionSettings & {
  room: Room;
  clock: Clock;
  /** How the interpreter is called. */
  name: string;
  /** The routes of a speaker that have a session. */
  openRoutes: (speakerId: string) => readonly RouteSpec[];
  personOf: (participantId: string) => MeetingPerson | undefined;
  /** The time of captions, from the clock's. */
  toMeetingMs: (atMs: number) => number;
  /** The present state of a segment, as often as it changes. */
  onCaption: (caption: Caption) => void;
  /** Captions cannot be sent; told once until they can. */
  onTrouble: (message: string) => void;
};

/**
 * Captions of one meeting, composed: what is said becomes captions, captions go to those who read them, and people are told
 * what the interpreter itself has to say.
 */
export class MeetingCaptions {
  /** Takes transcripts. */
  readonly live: LiveCaptions;
  /** Tells readers of a route that its connection is gone. */
  readonly interruptions: InterruptionCaptions;
  readonly #options: MeetingCaptionsOptions;
  readonly #publisher: CaptionPublisher;
  readonly #readership: Readership;
  readonly #newcomers: Newcomers;
  #languages: readonly LanguageTag[] = [];
  #noticeNumber = 0;

  constructor(options: MeetingCaptionsOptions) {
    const { room, clock, openRoutes, onCaption, onTrouble } = options;
    this.#options = options;
    this.#publisher = new CaptionPublisher({
      clock,
      send: roomSender(room, onTrouble),
      persistFinals: options.persist === true,
      chat: options.chat === true,
      onTrouble,
    });
    this.#readership = new Readership((speakerId, language) =>
      openRoutes(speakerId).some(
        ({ to, back }) => back === undefined && to !== undefined && sameLanguage(to, language),
      ),
    );
    this.live = new LiveCaptions({
      clock,
      onCaption: (caption) => {
        onCaption(caption);
        this.#publisher.publish(caption, this.#readership.editionsOf(caption));
      },
    });
    this.interruptions = new InterruptionCaptions({
      noticeOf: (notice) => this.#noticeOf(notice),
      publish: (caption, to) => {
        onCaption(caption);
        const { translatedText: text } = caption;
        const editions = [{ topic: captionsTopic(to), text }];
        this.#publisher.publish(caption, to === undefined ? this.#readership.editionsOf(caption) : editions);
      },
    });
    this.#newcomers = new Newcomers({
      clock,
      notify: (id) => {
        const person = options.personOf(id);
        if (person !== undefined) this.notify(person, recordingNotice(person.prefers, this.#languages));
      },
    });
  }

  /** What became of the captions sent to the meeting. */
  get counters(): Readonly<SendCounters> {
    return this.#publisher.counters;
  }

  /** Who is here now, and which languages there are. */
  update(people: readonly MeetingPerson[], languages: readonly LanguageTag[]): void {
    this.#languages = languages;
    this.#readership.update(people, languages);
  }

  /** Somebody came, who is no interpreter. */
  came(participantId: string): void {
    if (this.#options.recorded === true) this.#newcomers.came(participantId);
  }

  left(participantId: string): void {
    this.#newcomers.left(participantId);
  }

  /** Tells one person, in their language, that all interpreting has changed. */
  notifyInterruption(person: MeetingPerson, interruption: Interruption): void {
    this.notify(person, interruptionNotice(interruption, person.prefers ?? 'en', ''), interruption);
  }

  /** Tells one person something, and nobody else. */
  notify({ id, prefers }: MeetingPerson, notice: LanguageNotice, interruption?: Interruption): void {
    const caption = { ...this.#noticeOf(notice), ...(interruption === undefined ? {} : { interruption }) };
    this.#publisher.publish(caption, [
      { topic: captionsTopic(prefers), text: caption.translatedText, sendOnly: [id] },
    ]);
  }

  #noticeOf({ text, language }: LanguageNotice): Caption {
    const { room, clock, name, toMeetingMs } = this.#options;
    return noticeCaption({
      id: `${room.participantId}.notice.${++this.#noticeNumber}`,
      interpreterId: room.participantId,
      interpreterName: name,
      text,
      language,
      atMs: toMeetingMs(clock.nowMs()),
    });
  }

  /** What the interpreter says to everyone who reads this language. */
  announce(text: string, language: LanguageTag): void {
    const caption = { ...this.#noticeOf({ text, language }), original: false };
    this.#options.onCaption(caption);
    this.#publisher.publish(caption, this.#readership.editionsOf(caption));
  }

  /** Every caption is final now; resolves when they are sent, or after `timeoutMs`. */
  async finish(timeoutMs: number): Promise<void> {
    this.live.close();
    if (timeoutMs > 0) await this.#publisher.flush(timeoutMs);
    this.#publisher.close();
    this.#newcomers.close();
  }
}
