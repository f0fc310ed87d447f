/** A meeting whose sessions a test drives: scripted people, the interpreter, and no server. */
import { setImmediate as turn } from 'node:timers/promises';
import { VirtualClock } from '../../src/clock.js';
import { loadLanguageDetector } from '../../src/languages/language-detector.js';
import { MeetingInterpreter } from '../../src/meeting/meeting.js';
import type { MeetingNotice, MeetingPerson } from '../../src/meeting/meeting-events.js';
import type { MeetingOptions } from '../../src/meeting/meeting-options.js';
import type { SessionRequest } from '../../src/meeting/open-session.js';
import { channelMetadata } from '../../src/meeting/speaking/channel-rooms.js';
import { FakeMeeting, type FakePerson } from '../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../src/room/testing/memory-room.js';
import { loadBook } from '../embedded/phrasebook/book.js';
import { ScriptedSession } from './scripted-session.js';

/** One session, and what it was opened for. */
export type OpenedSession = { readonly request: SessionRequest; readonly session: ScriptedSession };

export class ScriptedMeeting {
  readonly clock = new VirtualClock();
  readonly hall = new FakeMeeting({ clock: this.clock });
  readonly room = new MemoryRoom({ meeting: this.hall, participantId: 'parley-1', name: 'Parley' });
  readonly opened: OpenedSession[] = [];
  readonly notices: MeetingNotice[] = [];
  readonly changed: MeetingPerson[] = [];
  readonly errors: string[] = [];
  readonly meeting: MeetingInterpreter;
  readonly #speech: Int16Array;
  readonly #people = new Map<string, FakePerson>();

  private constructor(speech: Int16Array, { channels, ...options }: ScriptedMeetingOptions) {
    this.#speech = speech;
    this.meeting = new MeetingInterpreter({
      room: this.room,
      clock: this.clock,
      bargeIn: 'others',
      openSession: (request) => {
        const session = new ScriptedSession();
        this.opened.push({ request, session });
        return session;
      },
      ...(channels === undefined
        ? {}
        : {
            openChannel: (language: string) =>
              Promise.resolve(
                new MemoryRoom({
                  meeting: this.hall,
                  participantId: `parley-${language}`,
                  name: `Parley · ${language}`,
                  metadata: channelMetadata(language),
                }),
              ),
          }),
      onListenerError: (error, where) => this.errors.push(`${where}: ${String(error)}`),
      ...options,
    });
    this.meeting.events.on('notice', (notice) => this.notices.push(notice));
    this.meeting.events.on('changed', (person) => this.changed.push(person));
  }

  static async open(options: ScriptedMeetingOptions = {}): Promise<ScriptedMeeting> {
    const book = await loadBook();
    await loadLanguageDetector();
    const { pcm24k } = book.get('where-is-the-station')!.get('es')!;
    const world = new ScriptedMeeting(pcm24k, options);
    await world.meeting.start();
    return world;
  }

  /** Somebody joins whose app plays one channel only. */
  join(id: string, preferredLanguage: string): FakePerson {
    const metadata = { preferredLanguage, parley: { channels: true } };
    const person = this.hall.enter({ id, name: id, metadata });
    this.#people.set(id, person);
    return person;
  }

  /** Somebody begins to say a phrase of about two seconds. */
  say(id: string): void {
    this.#people.get(id)!.say(this.#speech, { sampleRateHz: 24_000 });
  }

  /** Somebody says a phrase; sessions that they open become ready. */
  async speak(id: string): Promise<void> {
    this.say(id);
    await this.pass(2_000);
  }

  async pass(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 10) {
      this.clock.advanceBy(10);
      for (const { session } of this.opened) if (session.state.kind === 'connecting') session.ready();
      await turn();
    }
  }

  /** Sessions that have not ended, by speaker and target: `ana>en`. */
  get open(): ReadonlyMap<string, ScriptedSession> {
    return new Map(
      this.opened
        .filter(({ session }) => session.state.kind !== 'ended')
        .map(({ request: { route }, session }) => [`${route.speakerId}>${route.to ?? ''}`, session]),
    );
  }

  metric(name: string): number | undefined {
    return this.meeting.metrics().find((metric) => metric.name === name)?.value;
  }

  async close(): Promise<void> {
    await this.meeting.stop();
    for (const person of this.#people.values()) person.leave();
  }
}

export type ScriptedMeetingOptions = Partial<MeetingOptions> & {
  /** Channels of single languages can join. */
  channels?: true;
};
