/** A whole meeting in this process: scripted people, the interpreter, and the embedded Realtime server, on one virtual clock. */
import { loadResampler, StreamingResampler } from '../../audio/index.js';
import { interpret, type InterpretOptions } from '../../src/bot/interpret.js';
import type { Interpreter } from '../../src/bot/interpreter.js';
import type { MeetingSettingsInput } from '../../src/bot/meeting-settings.js';
import type { Caption } from '../../src/captions/caption.js';
import { VirtualClock } from '../../src/clock.js';
import type { PriceTable } from '../../src/cost/prices.js';
import type { Phrasebook, Rendering } from '../../src/embedded/phrasebook/phrasebook.js';
import { Recogniser } from '../../src/embedded/phrasebook/recogniser.js';
import { createPhrasebookResponder } from '../../src/embedded/phrasebook/responders.js';
import type { ReplyScript, Responder } from '../../src/embedded/realtime-server/index.js';
import type { RouteSpec } from '../../src/interpreter/plan/routes.js';
import { loadLanguageDetector } from '../../src/languages/language-detector.js';
import { createLogger } from '../../src/log.js';
import { channelMetadata } from '../../src/meeting/speaking/channel-rooms.js';
import type { MeetingEvents } from '../../src/meeting/meeting-events.js';
import type { MeetingContext, MeetingPart } from '../../src/meeting/meeting-part.js';
import { connectionBackend } from '../../src/realtime/connection-backend.js';
import { ENGINES, type EngineName } from '../../src/realtime/engines.js';
import type { SpeechBackend, SpeechRequest } from '../../src/realtime/speech-backend.js';
import type { RoomCapabilities } from '../../src/room/room.js';
import { FakeMeeting, type FakePerson } from '../../src/room/testing/fake-meeting.js';
import { whilePending } from '../../src/replay/while-pending.js';
import { MemoryRoom } from '../../src/room/testing/memory-room.js';
import { concat } from '../audio/signals.js';
import { loadBook } from '../embedded/phrasebook/book.js';
import { MemoryServer } from '../realtime/memory-server.js';

type Emitted = { [Name in keyof MeetingEvents]: MeetingEvents[Name][0][] };

/** What a test's meeting has beside its settings. */
export type MeetingWorldOptions = Pick<InterpretOptions, 'profiles' | 'record' | 'agent'> & {
  /** What the server answers and calls, where it is not the responder's to say. */
  script?: ReplyScript;
  /** What the meeting's data channel can do; everything by default. */
  capabilities?: RoomCapabilities;
  /** Voices of single languages can join. */
  channels?: true;
  /** Absent: nothing is billed. The models are `test` and `test-translate`. */
  prices?: PriceTable;
  /** What the server says; the phrasebook's translations by default. */
  responderOf?: (book: Phrasebook) => Responder;
};

/** A session that was opened. */
type OpenedSession = {
  readonly engine: EngineName;
  readonly instructions: string;
  /** Undefined where it speaks texts of the interpreter's own. */
  route: RouteSpec | undefined;
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
  readonly book: Phrasebook;
  readonly sessions: OpenedSession[] = [];
  /** Everything that the meeting emitted, by event. */
  readonly emitted: Emitted = {
    state: [],
    joined: [],
    changed: [],
    left: [],
    speaking: [],
    level: [],
    caption: [],
    playback: [],
    span: [],
    route: [],
    engine: [],
    instructions: [],
    notice: [],
    agent: [],
    tool: [],
    note: [],
    ending: [],
  };
  #bot: Interpreter | undefined;
  #failure: unknown;
  readonly #people = new Map<string, FakePerson>();
  readonly #track: Int16Array[] = [];
  #trackFromMs: number | undefined;
  /** Frames at which a translation ended, although another may follow it at once. */
  readonly #ends = new Set<number>();

  private constructor(
    clock: VirtualClock,
    server: MemoryServer,
    book: Phrasebook,
    capabilities?: RoomCapabilities,
  ) {
    this.clock = clock;
    this.server = server;
    this.book = book;
    this.hall = new FakeMeeting({ clock });
    this.room = this.#room('parley-1', 'Parley', {}, capabilities);
    this.hall.enter({
      id: 'parley-microphone', // hears the room and is heard by nobody
      name: 'microphone of the test',
      metadata: channelMetadata('und'), // a voice of an interpreter, not another interpreter
      onAudio: (id, { samples }, atMs) => {
        if (id !== 'parley-1') return;
        this.#trackFromMs ??= atMs;
        this.#track.push(samples.slice());
      },
    });
  }

  /** A world with an interpreter in it, which announces nothing unless its settings say so. */
  static async open(
    settings: MeetingSettingsInput = {},
    options: MeetingWorldOptions = {},
  ): Promise<MeetingWorld> {
    const {
      capabilities,
      channels,
      prices,
      script,
      responderOf = (all: Phrasebook) => createPhrasebookResponder(all, { takesConcealment: false }),
      ...others
    } = options;
    const book = await loadBook();
    await Promise.all([loadResampler(), loadLanguageDetector()]); // real time: a meeting finds them loaded
    const clock = new VirtualClock();
    const server = new MemoryServer({
      ...{ clock, responder: responderOf(book) },
      ...(script === undefined ? {} : { script }),
    });
    const world = new MeetingWorld(clock, server, book, capabilities);
    world.#bot = await interpret({
      ...{ room: world.room, clock, backend: world.#backend(prices), ...others },
      settings: { announcement: false, ...settings },
      ...(channels === undefined ? {} : { openVoice: (language) => world.#openVoice(language) }),
      parts: [world.#witness()],
      log: createLogger({
        level: 'error',
        sink: { write: (line) => (world.#failure ??= new Error(line)) },
      }),
    });
    return world;
  }

  /** The interpreter. */
  get bot(): Interpreter {
    return this.#bot!;
  }

  /** Sessions that are open or finishing. */
  get openSessions(): number {
    return this.metric('sessions_open');
  }

  /** One of the numbers that the interpreter gives a monitor. */
  metric(name: string): number {
    return this.bot.status().metrics.find((metric) => metric.name === name)!.value;
  }

  async close(): Promise<void> {
    await this.whilePassing(this.bot.stop());
    await this.server.close();
  }

  /** Another interpreter, which is about to join. */
  secondInterpreter(): Promise<Interpreter> {
    const room = this.#room('parley-3', 'Parley');
    return interpret({ room, backend: this.#backend(), clock: this.clock });
  }

  #room(participantId: string, name: string, metadata = {}, capabilities?: RoomCapabilities): MemoryRoom {
    const can = capabilities === undefined ? {} : { capabilities };
    return new MemoryRoom({ meeting: this.hall, participantId, name, metadata, ...can });
  }

  #openVoice(language: string): Promise<MemoryRoom> {
    return Promise.resolve(
      this.#room(`parley-${language}`, `Parley · ${language}`, channelMetadata(language)),
    );
  }

  /** The translate engine is there where a meeting asks for it. */
  #backend(prices?: PriceTable): SpeechBackend {
    const { conversation, translation, live } = this.server;
    const backend = connectionBackend({
      description: 'a test',
      prices,
      offer: ({ transcriptionModel }) => ({
        engines: {
          conversation: { kind: 'available', model: 'test', abilities: ENGINES.conversation },
          translate: {
            kind: 'available',
            model: 'test-translate',
            abilities: ENGINES.translate,
            onlyIfAsked: true,
          },
          live: { kind: 'available', model: 'test-live', abilities: ENGINES.live, onlyIfAsked: true },
        },
        transcriptionModel,
      }),
      connectionsFor: ({ engine }) => ({ conversation, translate: translation, live })[engine],
    });
    const open = (request: SpeechRequest) => {
      const { engine } = request;
      const instructions = request.engine === 'conversation' ? request.instructions : '';
      this.sessions.push({ engine, instructions, route: undefined });
      return backend.open(request);
    };
    return { ...backend, open };
  }

  #witness(): MeetingPart {
    const record = <Name extends keyof MeetingEvents>(
      { events }: MeetingContext,
      name: Name,
      into: MeetingEvents[Name][0][],
    ): void => {
      events.on(name, (...args) => into.push(args[0]));
    };
    return {
      name: 'witness of the test',
      attach: (meeting) => {
        for (const name of Object.keys(this.emitted) as (keyof MeetingEvents)[])
          record(meeting, name, this.emitted[name]);
        meeting.events.on('playback', ({ what }) => {
          if (what === 'finished') this.#ends.add(this.#track.length);
        });
      },
      session: ({ spec }) => {
        this.sessions.at(-1)!.route = spec; // it was opened just now
      },
    };
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
      if (this.#failure !== undefined) throw this.#failure as Error;
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
    for (const caption of this.emitted.caption) if (caption.final) bySegment.set(caption.segmentId, caption);
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
