import { loadResampler } from '../../audio/index.js';
import type { JoinEventOf } from '../../src/bot/events.js';
import { interpret, type InterpretOptions } from '../../src/bot/interpret.js';
import type { Interpreter } from '../../src/bot/interpreter.js';
import type { MeetingSettingsInput } from '../../src/bot/meeting-settings.js';
import { VirtualClock } from '../../src/clock.js';
import type { EngineName } from '../../src/realtime/engines.js';
import type { LanguageTag } from '../../src/languages/languages.js';
import type { Phrasebook } from '../../src/embedded/phrasebook/phrasebook.js';
import { Recogniser } from '../../src/embedded/phrasebook/recogniser.js';
import { createPhrasebookResponder } from '../../src/embedded/phrasebook/responders.js';
import {
  type RealtimeServer,
  type RealtimeServerOptions,
  startRealtimeServer,
} from '../../src/embedded/realtime-server/index.js';
import { channelLanguage, channelMetadata, channelName } from '../../src/meeting/speaking/channel-rooms.js';
import { createLogger } from '../../src/log.js';
import { connectWebSocket } from '../../src/realtime/connection/websocket-transport.js';
import type { InterpretingSession, SessionCounters } from '../../src/realtime/session.js';
import type { OpenTransport } from '../../src/realtime/transport.js';
import { whilePending } from '../../src/replay/while-pending.js';
import { FakeMeeting, type FakePerson } from '../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../src/room/testing/memory-room.js';
import { loadBook } from '../embedded/phrasebook/book.js';
import { playAtSpeed } from '../embedded/phrasebook/degrade.js';
import { Settling } from '../realtime/settling.js';
import { backendOf } from './engines.js';
import { type HeardPhrase, PhraseListener } from './phrase-listener.js';

const INTERPRETER_ID = 'parley-1';
const NAME = 'Parley';
/** A closed line is waited for, for so long in real time at most. */
const CLOSED_WITHIN_MS = 2_000;
/** Of so many steps, one at least lets the event loop turn. */
const TURN_STEPS = 5;

export type WorldOptions = {
  engine: EngineName;
  seed?: number;
  server?: Omit<RealtimeServerOptions, 'clock' | 'responder'>;
  settings?: MeetingSettingsInput;
  /** What is sent arrives within so long: both ends are let catch up this often. 10 by default. */
  stepMs?: number;
  /** Between the session and its socket. */
  between?: (open: OpenTransport) => OpenTransport;
};

/** Sessions' counters, added up, those of ended sessions included. */
export type CounterTotals = Partial<Record<keyof SessionCounters, number>>;

/**
 * A meeting that is made to last: scripted people, a Meeting, and the embedded Realtime server behind real sockets, all on one
 * virtual clock, on which pings, backoff and the expiry of sessions run too. Nothing in it grows with time.
 */
export class EnduringWorld {
  readonly clock: VirtualClock;
  readonly hall: FakeMeeting;
  readonly server: RealtimeServer;
  readonly book: Phrasebook;
  /** Sessions that have not ended. */
  readonly sessions = new Set<InterpretingSession>();
  sessionsOpened = 0;
  onHeard: (heard: HeardPhrase) => void = () => undefined;
  onCaption: (caption: JoinEventOf<'caption'>) => void = () => undefined;
  onNotice: (notice: JoinEventOf<'notice'>) => void = () => undefined;
  readonly #options: InterpretOptions;
  #interpreter: Interpreter | undefined;
  readonly #settling: Settling;
  readonly #stepMs: number;
  readonly #people = new Map<string, FakePerson>();
  readonly #pitches = new Map<string, number>();
  /** Phrases at other pitches, made when they are first said. */
  readonly #voiced = new Map<string, Int16Array>();
  readonly #audioInput = new Map<string, PhraseListener>();
  readonly #languages = new Map<string, LanguageTag | undefined>();
  readonly #ended: CounterTotals = {};
  readonly #recogniser: Recogniser;
  #steps = 0;
  #failure: unknown;

  private constructor(
    clock: VirtualClock,
    server: RealtimeServer,
    book: Phrasebook,
    { engine, settings = {}, stepMs = 10, between = (open) => open }: WorldOptions,
  ) {
    this.clock = clock;
    this.server = server;
    this.book = book;
    this.#stepMs = stepMs;
    this.#recogniser = new Recogniser(book, { takesConcealment: false });
    this.hall = new FakeMeeting({ clock });
    this.#settling = new Settling(server);
    const backend = backendOf(engine, (sessions) =>
      between(
        this.#settling.watch(
          connectWebSocket({
            url: server.urlOf(sessions),
            headers: { Authorization: 'Bearer soak' },
            clock,
          }),
        ),
      ),
    );
    const memoryRoom = (participantId: string, name: string, metadata = {}): MemoryRoom =>
      new MemoryRoom({ meeting: this.hall, participantId, name, metadata });
    this.#options = {
      room: memoryRoom(INTERPRETER_ID, NAME),
      openVoice: (language) =>
        Promise.resolve(
          memoryRoom(`${INTERPRETER_ID}-${language}`, channelName(NAME, language), channelMetadata(language)),
        ),
      backend: { ...backend, open: (request) => this.#watch(backend.open(request)) },
      settings: { engine, voices: 'per-language', bargeIn: 'off', announcement: false, ...settings },
      clock,
      log: createLogger({
        level: 'error',
        sink: { write: (line) => (this.#failure ??= new Error(line)) },
      }),
      beforeJoin: ({ events }) => {
        this.#listen(events);
      },
    };
    this.hall.watch({
      joined: ({ id, isBot, metadata }) => {
        if (isBot) this.#languages.set(id, channelLanguage(metadata));
      },
      frame: (id, { samples }, atMs) => {
        if (this.#languages.has(id)) this.#listenerOf(id).hear(samples, atMs);
      },
      changed: () => undefined,
      left: () => undefined,
      microphone: () => undefined,
      message: () => undefined,
      removed: () => undefined,
    });
  }

  /** A world with an interpreter in it. */
  static async open(options: WorldOptions): Promise<EnduringWorld> {
    const book = await loadBook();
    await loadResampler();
    const clock = new VirtualClock(options.seed === undefined ? {} : { seed: options.seed });
    const responder = createPhrasebookResponder(book, { takesConcealment: false });
    const server = await startRealtimeServer({ ...options.server, clock, responder });
    const world = new EnduringWorld(clock, server, book, options);
    world.#interpreter = await interpret(world.#options);
    return world;
  }

  /** Lets what is on its way be translated and heard, leaves, and ends the server. */
  async close(drainMs = 0): Promise<void> {
    await this.whilePassing(this.#interpreter?.stop({ drainMs }) ?? Promise.resolve());
    for (const person of this.#people.values()) person.leave();
    for (const listener of this.#audioInput.values()) listener.close();
    await this.server.close();
  }

  /**
   * Somebody joins whose app plays one language's voice only. With a `pitch` other than 1 they speak that much higher and
   * faster than the phrasebook, and so than the interpreter: nobody has the interpreter's own voice.
   */
  join(id: string, preferredLanguage: LanguageTag, { micOn = true, pitch = 1 } = {}): void {
    const name = `${id.charAt(0).toUpperCase()}${id.slice(1)}`;
    const metadata = { preferredLanguage, parley: { channels: true } };
    this.#pitches.set(id, pitch);
    this.#people.set(id, this.hall.enter({ id, name, metadata, micOn }));
  }

  setMicrophone(id: string, on: boolean): void {
    const person = this.#people.get(id)!;
    if (on) person.unmute();
    else person.mute();
  }

  /** Begins to say a phrase of the book. Returns how long it is. */
  say(id: string, language: string, phraseId: string): number {
    const pcm = this.#inVoice(language, phraseId, this.#pitches.get(id)!);
    this.#people.get(id)!.say(pcm, { sampleRateHz: 24_000 });
    return pcm.length / 24;
  }

  /** Lets time pass, in whole steps. */
  async pass(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += this.#stepMs) {
      this.clock.advanceBy(this.#stepMs);
      await this.#settling.settle();
      // lines on which nothing is waited for may have something to tell all the same
      if (++this.#steps % TURN_STEPS === 0) await new Promise((resolve) => setImmediate(resolve));
      if (this.#failure !== undefined) throw this.#failure as Error;
    }
  }

  /** Lets time pass until `condition` holds. Returns how long that took; throws after `timeoutMs`. */
  async passUntil(what: string, condition: () => boolean, timeoutMs: number): Promise<number> {
    const startedMs = this.clock.nowMs();
    while (!condition()) {
      if (this.clock.nowMs() - startedMs >= timeoutMs) throw new Error(`${what}: not within ${timeoutMs} ms`);
      await this.pass(this.#stepMs);
    }
    return this.clock.nowMs() - startedMs;
  }

  whilePassing<T>(promise: Promise<T>): Promise<T> {
    return whilePending(promise, () => this.pass(this.#stepMs));
  }

  /** Drops every line without a close frame, and waits until our ends have noticed; no time passes. */
  async cutConnections(): Promise<void> {
    this.server.faults.dropAll();
    const deadlineMs = performance.now() + CLOSED_WITHIN_MS;
    while (this.#settling.openConnections > 0 && performance.now() < deadlineMs) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (this.#settling.openConnections > 0) throw new Error('a connection that was cut is still open');
  }

  /** Leaves every line half open: nothing comes back, not even pongs. */
  freezeConnections(): void {
    this.#settling.giveUpOpenConnections();
    this.server.faults.freezeAll();
  }

  /** What the interpreter's events are listened to by. */
  get events(): Interpreter['events'] {
    return this.#interpreter!.events;
  }

  /** Every session is ready. */
  get allReady(): boolean {
    return [...this.sessions].every(({ state }) => state.kind === 'ready' || state.kind === 'draining');
  }

  /** What all sessions have counted. */
  totals(): CounterTotals {
    const totals = { ...this.#ended };
    for (const { counters } of this.sessions) addCounters(totals, counters);
    return totals;
  }

  #inVoice(language: string, phraseId: string, pitch: number): Int16Array {
    const { pcm24k } = this.book.get(phraseId)!.get(language)!;
    if (pitch === 1) return pcm24k;
    const key = `${language} ${phraseId} ${pitch}`;
    const pcm = this.#voiced.get(key) ?? playAtSpeed(pcm24k, pitch);
    this.#voiced.set(key, pcm);
    return pcm;
  }

  #listen(events: Interpreter['events']): void {
    events.on('caption', (caption) => {
      this.onCaption(caption);
    });
    events.on('notice', (notice) => {
      this.onNotice(notice);
    });
    events.on('playback', ({ to, what }) => {
      if (what === 'finished') for (const listener of this.#listenersFor(to)) listener.translationEnds();
    });
  }

  #watch(session: InterpretingSession): InterpretingSession {
    this.sessionsOpened++;
    this.sessions.add(session);
    session.events.on('state', ({ kind }) => {
      if (kind !== 'ended' || !this.sessions.delete(session)) return;
      addCounters(this.#ended, session.counters);
    });
    return session;
  }

  #listenerOf(id: string): PhraseListener {
    const known = this.#audioInput.get(id);
    if (known !== undefined) return known;
    const listener = new PhraseListener(this.#recogniser, (heard) => {
      this.onHeard(heard);
    });
    this.#audioInput.set(id, listener);
    return listener;
  }

  #listenersFor(language: LanguageTag): PhraseListener[] {
    const ids = [...this.#languages].filter(([, spoken]) => spoken === undefined || spoken === language);
    return ids.flatMap(([id]) => this.#audioInput.get(id) ?? []);
  }
}

function addCounters(totals: CounterTotals, counters: Readonly<SessionCounters>): void {
  for (const [name, count] of Object.entries(counters) as [keyof SessionCounters, number][]) {
    totals[name] = (totals[name] ?? 0) + count;
  }
}
