/** A whole meeting in this process: scripted people, a Meeting, and the embedded Realtime server, on one virtual clock. */
import { loadResampler, StreamingResampler } from '../../audio/index.js';
import type { Caption } from '../../src/captions/caption.js';
import { VirtualClock } from '../../src/clock.js';
import type { Phrasebook, Rendering } from '../../src/embedded/phrasebook/phrasebook.js';
import { Recogniser } from '../../src/embedded/phrasebook/recogniser.js';
import { createPhrasebookResponder } from '../../src/embedded/phrasebook/responders.js';
import type { Responder } from '../../src/embedded/realtime-server/index.js';
import { loadLanguageDetector } from '../../src/languages/language-detector.js';
import { channelMetadata } from '../../src/meeting/speaking/channel-rooms.js';
import { MeetingInterpreter } from '../../src/meeting/meeting.js';
import type { MeetingOptions } from '../../src/meeting/meeting-options.js';
import type { MeetingEvents } from '../../src/meeting/meeting-events.js';
import { backendSessions, metered, type SessionRequest } from '../../src/meeting/open-session.js';
import {
  type ConversationConfig,
  DEFAULT_CONVERSATION_CONFIG,
} from '../../src/realtime/conversation/conversation-config.js';
import { DEFAULT_TRANSLATE_SETTINGS } from '../../src/realtime/translate/translate-config.js';
import { FakeMeeting, type FakePerson } from '../../src/room/testing/fake-meeting.js';
import { whilePending } from '../../src/replay/while-pending.js';
import { MemoryRoom } from '../../src/room/testing/memory-room.js';
import { concat } from '../audio/signals.js';
import { loadBook } from '../embedded/phrasebook/book.js';
import { backendOver } from '../realtime/backend-over.js';
import { MemoryServer } from '../realtime/memory-server.js';

type Told = { [Name in keyof MeetingEvents]: MeetingEvents[Name][0][] };

export type MeetingWorldOptions = Partial<MeetingOptions> & {
  /** Voices of single languages can join. */
  channels?: true;
};

/** Around each stretch of speech, as a listener with a turn detector would hear it. */
const PAUSE = new Int16Array(48 * 300);

/** A phrase that was heard from the interpreter. */
export type HeardPhrase = { phraseId: string; language: string; fromMs: number; toMs: number };

export class MeetingWorld {
  readonly clock: VirtualClock;
  readonly hall: FakeMeeting;
  readonly room: MemoryRoom;
  readonly server: MemoryServer;
  readonly meeting: MeetingInterpreter;
  readonly requests: SessionRequest[] = [];
  readonly told: Told = {
    state: [],
    joined: [],
    changed: [],
    left: [],
    speaking: [],
    level: [],
    caption: [],
    playback: [],
    route: [],
    engine: [],
    instructions: [],
    notice: [],
    ending: [],
  };
  readonly book: Phrasebook;
  readonly #people = new Map<string, FakePerson>();
  readonly #track: Int16Array[] = [];
  #trackFromMs: number | undefined;
  /** Frames at which a translation ended, although another may follow it at once. */
  readonly #ends = new Set<number>();

  private constructor(
    clock: VirtualClock,
    server: MemoryServer,
    book: Phrasebook,
    { channels, ...options }: MeetingWorldOptions,
    config: Partial<ConversationConfig>,
  ) {
    this.clock = clock;
    this.server = server;
    this.book = book;
    this.hall = new FakeMeeting({ clock });
    this.room = new MemoryRoom({ meeting: this.hall, participantId: 'parley-1', name: 'Parley' });
    const connections = { conversation: server.conversation, translate: server.translation };
    const openSession = backendSessions({
      backend: backendOver(({ engine }) => connections[engine]),
      meetingId: 'test',
      model: 'test',
      clock,
      conversation: { ...DEFAULT_CONVERSATION_CONFIG, ...config },
      translate: DEFAULT_TRANSLATE_SETTINGS,
    });
    const { budget } = options;
    const models = { conversation: 'test', translate: 'test' };
    const metering = budget === undefined ? openSession : metered(openSession, budget.meter, models);
    this.meeting = new MeetingInterpreter({
      room: this.room,
      openSession: (request) => {
        this.requests.push(request);
        return metering(request);
      },
      bargeIn: 'others',
      clock,
      onListenerError: (error) => {
        throw error;
      },
      ...(channels === undefined ? {} : { openChannel: (language) => this.#openChannel(language) }),
      ...options,
    });
    for (const name of Object.keys(this.told) as (keyof MeetingEvents)[]) this.#record(name, this.told[name]);
    this.meeting.events.on('playback', ({ what }) => {
      if (what === 'finished') this.#ends.add(this.#track.length);
    });
    this.hall.enter({
      id: 'parley-ear', // hears the room and is heard by nobody
      name: 'microphone of the test',
      onAudio: (id, { samples }, atMs) => {
        if (id !== 'parley-1') return;
        this.#trackFromMs ??= atMs;
        this.#track.push(samples.slice());
      },
    });
  }

  /** A world with an interpreter in it. */
  static async open(
    options: MeetingWorldOptions = {},
    config: Partial<ConversationConfig> = {},
    responderOf: (book: Phrasebook) => Responder = (book) =>
      createPhrasebookResponder(book, { takesConcealment: false }),
  ): Promise<MeetingWorld> {
    const book = await loadBook();
    await Promise.all([loadResampler(), loadLanguageDetector()]); // real time: a meeting finds them loaded
    const clock = new VirtualClock();
    const server = new MemoryServer({ clock, responder: responderOf(book) });
    const world = new MeetingWorld(clock, server, book, options, config);
    await world.meeting.start();
    return world;
  }

  #record<Name extends keyof MeetingEvents>(name: Name, into: MeetingEvents[Name][0][]): void {
    this.meeting.events.on(name, (...args) => into.push(args[0]));
  }

  #openChannel(language: string): Promise<MemoryRoom> {
    return Promise.resolve(
      new MemoryRoom({
        meeting: this.hall,
        participantId: `parley-${language}`,
        name: `Parley · ${language}`,
        metadata: channelMetadata(language),
      }),
    );
  }

  async close(): Promise<void> {
    await this.whilePassing(this.meeting.stop());
    await this.server.close();
  }

  /** Another interpreter, which has not joined yet. */
  secondMeeting(): MeetingInterpreter {
    return new MeetingInterpreter({
      room: new MemoryRoom({ meeting: this.hall, participantId: 'parley-3', name: 'Parley' }),
      openSession: () => {
        throw new Error('nobody speaks here');
      },
      bargeIn: 'others',
      clock: this.clock,
    });
  }

  /** Somebody joins, with a preferred language. */
  join(id: string, preferredLanguage?: string): FakePerson {
    return this.enter(id, preferredLanguage === undefined ? {} : { preferredLanguage });
  }

  /** Somebody joins, with any metadata. */
  enter(
    id: string,
    metadata: Readonly<Record<string, unknown>>,
    listening: Pick<Parameters<FakeMeeting['enter']>[0], 'onAudio' | 'pickUp'> = {},
  ): FakePerson {
    const name = `${id.charAt(0).toUpperCase()}${id.slice(1)}`;
    const person = this.hall.enter({ id, name, metadata, ...listening });
    this.#people.set(id, person);
    return person;
  }

  person(id: string): FakePerson {
    return this.#people.get(id)!;
  }

  /** Says a phrase of the book, and lets it be said to its last sample unless told otherwise. */
  async say(id: string, language: string, phraseId: string, wait = true): Promise<void> {
    const person = this.person(id);
    person.say(this.rendering(language, phraseId).pcm24k, { sampleRateHz: 24_000 });
    while (wait && person.pendingMs > 0) await this.pass(10);
  }

  rendering(language: string, phraseId: string): Rendering {
    return this.book.get(phraseId)!.get(language)!;
  }

  /** Lets time pass. */
  async pass(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 10) {
      this.clock.advanceBy(10);
      await this.server.settle();
    }
  }

  /** Lets time pass until `promise` settles, a minute at most, then returns or throws what it did. */
  whilePassing<T>(promise: Promise<T>): Promise<T> {
    const untilMs = this.clock.nowMs() + 60_000;
    return whilePending(promise, () => {
      if (this.clock.nowMs() >= untilMs) throw new Error('it did not come to its end within a minute');
      return this.pass(10);
    });
  }

  /** The phrases that the room heard from the interpreter, in order. */
  heard(): HeardPhrase[] {
    const recogniser = new Recogniser(this.book, { takesConcealment: false });
    const downsampler = new StreamingResampler(48_000, 24_000);
    const phrases: HeardPhrase[] = [];
    for (const { from, to } of stretches(this.#track, this.#ends)) {
      downsampler.reset();
      const pcm = concat([PAUSE, ...this.#track.slice(from, to), PAUSE]);
      const heard = recogniser.recognise(downsampler.process(pcm).slice()) ?? [];
      const [fromMs, toMs] = [from, to].map((frame) => (this.#trackFromMs ?? 0) + frame * 10);
      for (const { phraseId, language } of heard) {
        phrases.push({ phraseId, language, fromMs: fromMs!, toMs: toMs! });
      }
      if (heard.length === 0) phrases.push({ phraseId: '?', language: '?', fromMs: fromMs!, toMs: toMs! });
    }
    downsampler.close();
    return phrases;
  }

  /** `language:phrase` of everything heard. */
  heardTexts(): string[] {
    return this.heard().map(({ language, phraseId }) => `${language}:${phraseId}`);
  }

  /** The last word on each segment, in the order in which they became final. */
  finals(): Caption[] {
    const bySegment = new Map<string, Caption>();
    for (const caption of this.told.caption) if (caption.final) bySegment.set(caption.segmentId, caption);
    return [...bySegment.values()];
  }
}

/** Stretches of frames that are not silent, at least 300 ms or one of `ends` apart. */
function stretches(frames: readonly Int16Array[], ends: ReadonlySet<number>): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  let ended = false;
  frames.forEach((frame, index) => {
    ended ||= ends.has(index - 1);
    if (frame.every((sample) => Math.abs(sample) < 8)) return;
    const last = found.at(-1);
    if (last !== undefined && index - last.to < 30 && !ended) last.to = index + 1;
    else found.push({ from: index, to: index + 1 });
    ended = false;
  });
  return found;
}
