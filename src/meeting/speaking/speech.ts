import { messageOf } from '../../errors.js';
import type { TurnRecord } from '../../interpreter/route/route.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';
import { Announcer, type Said } from './announcer.js';
import { JoinAnnouncement } from './join-announcement.js';
import type { MeetingPerson } from '../meeting-events.js';
import type { MeetingOptions } from '../meeting-options.js';
import { needsOf, OutputChannels } from './output-channels.js';

/** What speech is made of. */
export type SpeechOptions = {
  meeting: MeetingOptions;
  /** Who is here, interpreters not counted. */
  people: () => readonly MeetingPerson[];
  /** A name for the next session, unique in the process. */
  nextName: () => string;
  /** What the interpreter itself says, in the language: for captions. */
  onText: (text: string, to: LanguageTag) => void;
  /** A voice begins to speak it. */
  onSpoken: (turn: TurnRecord) => void;
  /** Other voices speak from now on: what there is to translate is to be planned again. */
  onChanged: () => void;
  /** One connection for whoever runs the meeting. */
  onNotice: (message: string) => void;
};

/** How a meeting speaks: its voices, what the interpreter itself says, and what it says to those who come. */
export class Speech {
  readonly voices: OutputChannels;
  readonly #options: SpeechOptions;
  readonly #announcer: Announcer;
  readonly #announcement: JoinAnnouncement | undefined;

  constructor(options: SpeechOptions) {
    this.#options = options;
    this.voices = this.#newVoices();
    this.#announcer = this.#newAnnouncer();
    this.#announcement = this.#newAnnouncement();
  }

  /** Says a text in each of these languages; by default those that people here prefer. See `Meeting.say`. */
  say(text: string, languages: readonly LanguageTag[] = this.#preferred()): Promise<readonly Said[]> {
    return Promise.all(languages.map((to) => this.#announcer.say(text, to)));
  }

  /** Which voices there are follows from who is here, what they need, and what their apps can do. */
  update(routes: readonly RouteSpec[]): void {
    const { meeting, people } = this.#options;
    const { participants } = meeting.room;
    const listeners = people().map(({ id, name, prefers }) => ({
      id,
      name,
      prefers,
      metadata: participants.get(id)?.metadata ?? {},
    }));
    this.voices.update(listeners, needsOf(routes));
  }

  /** Somebody came or chose a language: whoever was not told yet that the interpreter is here, is told. */
  greet(): void {
    this.#announcement?.update(this.#preferred());
  }

  /** Nobody is told any more that the interpreter is here. */
  stopGreeting(): void {
    this.#announcement?.close();
  }

  /** Nothing of our own is said any more. The voices are closed on their own. */
  close(): void {
    this.#announcer.close();
  }

  #newVoices(): OutputChannels {
    const { meeting, onChanged, onNotice } = this.#options;
    const { bargeIn, bargeInMinMs = 250, maxBacklogMs = 8_000, voices = 'auto' } = meeting;
    const { clock, voiceLanguages, openChannel, topology } = meeting;
    const shared = topology === 'shared';
    return new OutputChannels({
      clock,
      mode: shared ? 'one' : voices,
      voice: { bargeIn: shared ? 'any' : bargeIn, bargeInMinMs, maxBacklogMs },
      ...(voiceLanguages === undefined ? {} : { voiceLanguages }),
      ...(openChannel === undefined ? {} : { openChannel }),
      onChanged,
      onNotice,
    });
  }

  #newAnnouncer(): Announcer {
    const { meeting, nextName, onText, onSpoken } = this.#options;
    const { clock, openSession, room, styleOf } = meeting;
    return new Announcer({
      clock,
      openSession,
      speakerId: room.participantId,
      voiceFor: (to) => this.voices.voiceFor(to),
      ...(styleOf === undefined ? {} : { styleOf }),
      nextName,
      onText,
      onSpoken,
    });
  }

  #newAnnouncement(): JoinAnnouncement | undefined {
    const { meeting, onNotice } = this.#options;
    const { clock, announcement } = meeting;
    if (announcement === undefined) return undefined;
    return new JoinAnnouncement({
      clock,
      say: (to) => {
        this.say(announcement, [to]).catch((error: unknown) => {
          onNotice(messageOf(error));
        });
      },
    });
  }

  /** What people here prefer to hear, each language once. */
  #preferred(): LanguageTag[] {
    const bySpoken = new Map<string, LanguageTag>();
    for (const { prefers } of this.#options.people()) {
      if (prefers !== undefined && !bySpoken.has(spokenLanguage(prefers)))
        bySpoken.set(spokenLanguage(prefers), prefers);
    }
    return [...bySpoken.values()];
  }
}
