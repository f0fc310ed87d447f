import type { Caption, Interruption } from '../../captions/caption.js';
import { CaptionPublisher, type PublisherSettings } from '../../captions/caption-publisher.js';
import { LiveCaptions } from '../../captions/live-captions.js';
import { noticeCaption } from '../../captions/notice.js';
import { Readership } from '../../captions/readership.js';
import { roomSender } from '../../captions/room-sender.js';
import type { SendCounters } from '../../captions/topic-queue.js';
import { captionsTopic } from '../../captions/topics.js';
import { type LanguageNotice, recordingNotice } from '../../interpreter/notices/language-notices.js';
import type { TurnRecord } from '../../interpreter/route/turn-record.js';
import { type LanguageTag, sameLanguage } from '../../languages/languages.js';
import { sameWriting } from '../../languages/written-languages.js';
import type { Metric } from '../../metrics.js';
import type { MeetingPerson } from '../meeting-events.js';
import type {
  MeetingContext,
  MeetingPart,
  MeetingPlan,
  RouteSessionView,
  RouteSnapshot,
} from '../meeting-part.js';
import { Newcomers } from '../people/newcomers.js';
import { InterruptionCaptions } from './interruption-captions.js';
import { captionSession } from './session-captions.js';

/** What a host can choose. */
export type CaptionSettings = {
  /** The meeting keeps final captions for those who come later. */
  persist?: boolean;
  /** Final captions are posted to the meeting's chat too, to each in their language. */
  chat?: boolean;
  /** There is a record of the meeting: everyone who comes is told so. */
  recorded?: boolean;
};

/** What captions take of a meeting. */
type CaptionedMeeting = Pick<
  MeetingContext,
  'clock' | 'room' | 'name' | 'personOf' | 'routes' | 'toMeetingMs' | 'notice' | 'showCaption'
>;

/**
 * Captions of one meeting: what is said becomes captions, captions go to those who read them, and people are told what the
 * interpreter itself has to say.
 */
export class MeetingCaptions implements MeetingPart {
  readonly name = 'captions';
  readonly #meeting: CaptionedMeeting;
  readonly #recorded: boolean;
  readonly #live: LiveCaptions;
  readonly #interruptions: InterruptionCaptions;
  readonly #publisher: CaptionPublisher;
  readonly #readership: Readership;
  readonly #newcomers: Newcomers;
  #languages: readonly LanguageTag[] = [];
  #noticeNumber = 0;

  constructor(meeting: CaptionedMeeting, { persist, chat, recorded }: CaptionSettings = {}) {
    const { clock, room } = meeting;
    const onTrouble = (message: string): void => {
      meeting.notice({ kind: 'captions_unsent', message });
    };
    this.#meeting = meeting;
    this.#recorded = recorded ?? false;
    this.#publisher = new CaptionPublisher({
      clock,
      send: roomSender(room, onTrouble),
      settings: { persistFinals: persist ?? false, chat: chat ?? false },
      onTrouble,
    });
    this.#readership = new Readership((speakerId, language) => {
      const routes = meeting
        .routes()
        .filter(
          ({ to, back, ...route }) =>
            route.speakerId === speakerId &&
            isOpen(route) &&
            back === undefined &&
            to !== undefined &&
            sameLanguage(to, language),
        );
      const spoken = routes.find(({ written }) => written !== true);
      const own = routes.find(({ to, written }) => written === true && sameWriting(to!, language));
      return (spoken?.to !== undefined && sameWriting(spoken.to, language) ? spoken : (own ?? spoken))?.to;
    });
    this.#live = new LiveCaptions({
      clock,
      toMeetingMs: (atMs) => meeting.toMeetingMs(atMs),
      onCaption: (caption) => {
        meeting.showCaption(caption);
        this.#publisher.publish(caption, this.#readership.editionsOf(caption));
      },
    });
    this.#interruptions = new InterruptionCaptions({
      noticeOf: (notice) => this.#noticeOf(notice),
      publish: (caption, to) => {
        meeting.showCaption(caption);
        const editions =
          to === undefined
            ? this.#readership.editionsOf(caption)
            : this.#readership.noticeEditionsOf(caption, to);
        this.#publisher.publish(caption, editions);
      },
    });
    this.#newcomers = new Newcomers({
      clock,
      notify: (id) => {
        const person = meeting.personOf(id);
        if (person !== undefined) this.notified(person, recordingNotice(person.prefers, this.#languages));
      },
    });
  }

  /** What became of the captions sent to the meeting. */
  get counters(): Readonly<SendCounters> {
    return this.#publisher.counters;
  }

  get settings(): PublisherSettings {
    return this.#publisher.settings;
  }

  /** For captions to come. */
  configure(settings: PublisherSettings): void {
    this.#publisher.configure(settings);
  }

  joined({ id, isBot }: MeetingPerson): void {
    if (this.#recorded && !isBot) this.#newcomers.came(id);
  }

  left({ id }: MeetingPerson): void {
    this.#newcomers.left(id);
  }

  planned({ people, routes, declared }: MeetingPlan): void {
    this.#languages = [...declared, ...routes.flatMap(({ to }) => to ?? [])];
    this.#interruptions.keep(routes);
    this.#readership.update(people, this.#languages);
  }

  session(session: RouteSessionView): void {
    captionSession(session, this.#live);
  }

  doubted(turnId: string): void {
    this.#live.mark(turnId, 'doubtful');
  }

  dropped(turnId: string): void {
    this.#live.withdraw(turnId);
  }

  played({ turnId, cutReason }: TurnRecord, what: 'heard' | 'cut' | 'captions_only'): void {
    if (what === 'heard') return;
    // What the server did not send to its end is not whole; the text of what was merely cut is.
    if (what === 'captions_only' || cutReason === undefined) this.#live.mark(turnId, what);
    else if (cutReason === 'stalled') this.#live.mark(turnId, 'failed');
    else this.#live.mark(turnId, 'cut', cutReason);
  }

  route(route: RouteSnapshot): void {
    switch (route.state) {
      case 'opening':
        return;
      case 'open':
        this.#interruptions.resumed(route);
        return;
      case 'reconnecting':
        this.#interruptions.reconnecting(route);
        return;
      case 'failed':
        this.#interruptions.stopped(route);
        return;
      case 'closed':
        this.#interruptions.over(route);
    }
  }

  /** Tells one person something, and nobody else. */
  notified({ id, prefers }: MeetingPerson, notice: LanguageNotice, interruption?: Interruption): void {
    const caption = { ...this.#noticeOf(notice), ...(interruption === undefined ? {} : { interruption }) };
    this.#publisher.publish(caption, [
      { topic: captionsTopic(prefers), text: caption.translatedText, sendOnly: [id] },
    ]);
  }

  announced(text: string, language: LanguageTag): void {
    const caption = { ...this.#noticeOf({ text, language }), original: false };
    this.#meeting.showCaption(caption);
    this.#publisher.publish(caption, this.#readership.editionsOf(caption));
  }

  /** Every caption is final now; resolves when they are sent, or after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    this.#live.close();
    if (timeoutMs > 0) await this.#publisher.flush(timeoutMs);
    this.#publisher.close();
    this.#newcomers.close();
  }

  metrics(): readonly Metric[] {
    const { sent, failed, dropped } = this.counters;
    return [
      {
        name: 'captions_sent',
        help: 'Captions that were sent to the meeting.',
        kind: 'counter',
        value: sent,
      },
      {
        name: 'captions_failed',
        help: 'Attempts to send a caption that failed.',
        kind: 'counter',
        value: failed,
      },
      {
        name: 'captions_dropped',
        help: 'Captions that were never sent, because sending failed or too many waited.',
        kind: 'counter',
        value: dropped,
      },
    ];
  }

  #noticeOf({ text, language }: LanguageNotice): Caption {
    const { room, clock, name } = this.#meeting;
    return noticeCaption({
      id: `${room.participantId}.notice.${++this.#noticeNumber}`,
      interpreterId: room.participantId,
      interpreterName: name,
      text,
      language,
      atMs: this.#meeting.toMeetingMs(clock.nowMs()),
    });
  }
}

function isOpen({ state }: Pick<RouteSnapshot, 'state'>): boolean {
  return state === 'opening' || state === 'open' || state === 'reconnecting';
}
