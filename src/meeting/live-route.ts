/**
 * One route of a meeting while it lives: a session that opens when its speaker speaks, closes when it is not needed, and is
 * opened again after it failed. What a session hears and says goes through an {@link InterpreterRoute} of its own.
 */
import type { AudioFrame } from '../../audio/index.js';
import type { CaptionMark } from '../captions/caption.js';
import type { LiveCaptions } from '../captions/live-captions.js';
import type { Clock } from '../clock.js';
import type { ParleyError } from '../errors.js';
import { type EngineDecision, type EngineName, type EngineNeed, ENGINES } from '../interpreter/engine.js';
import type { GuardFinding } from '../interpreter/guard.js';
import { InterpreterRoute, type PlaybackFate, type TurnRecord } from '../interpreter/route.js';
import type { RouteSpec } from '../interpreter/routes.js';
import { type LanguageTag, spokenLanguage } from '../languages/languages.js';
import type { Voice } from '../interpreter/voice.js';
import { Backoff, type BackoffOptions } from '../realtime/backoff.js';
import type { InterpretingSession, SessionNotice, TurnOutcome } from '../realtime/session.js';
import { Attributions } from './attributions.js';
import type { MeetingPerson, TurnPlayback } from './meeting-events.js';
import type { OpenSession } from './open-session.js';
import { CONVERSATION_ONLY, RouteEngine, type EngineSettings } from './route-engine.js';
import type { TranslationGuard } from './translation-guard.js';

/** Between the failure of a session and the next one: its own attempts to go on are behind it. */
const SESSION_BACKOFF: BackoffOptions = { firstMs: 1_000, longestMs: 60_000, jitter: 0.2 };
/** A session that lasted this long ended in good order: the next one opens without waiting. */
const PROVEN_MS = 60_000;
/** A session that cannot be opened is left to its own attempts, as after a loss. */
const PATIENCE_MS = 60_000;
/** Where the other engine would take over: longer than what is said may wait, so that an outage that costs nothing does not change engines. */
const PATIENCE_BEFORE_OTHER_MS = 12_000;

/** What readers are told of a translation that did not end well. */
const MARK_OF: Readonly<Record<TurnOutcome, CaptionMark | undefined>> = {
  completed: undefined,
  empty: undefined,
  cancelled: 'cut',
  incomplete: 'failed',
  failed: 'failed',
};

/** What a route tells of itself. */
export type LiveRouteHandlers = {
  /**
   * A session was opened, became ready, was closed, or failed: `retryInMs` from now it may be opened again, and never where
   * that is infinite, since trying again cannot help.
   */
  state(route: LiveRoute, state: 'opening' | 'open' | 'closed'): void;
  failed(route: LiveRoute, error: ParleyError, retryInMs: number): void;
  /** The session lost its line, for this reason, and opens another: `open` follows, or `failed`, or `closed`. */
  reconnecting(route: LiveRoute, error: ParleyError): void;
  /** A translation was none, and was taken back. */
  doubted(route: LiveRoute, finding: GuardFinding): void;
  /** A session is opened with this engine: told at first, and whenever that changes. */
  engine(route: LiveRoute, decision: EngineDecision): void;
  /** A session was opened with these instructions, or was sent them in place of others. */
  instructed(route: LiveRoute, instructions: string): void;
  /** What the speaker said in one turn, where this route transcribes. */
  said(route: LiveRoute, text: string): void;
  /** A turn was in this language, as its transcription found by itself. */
  languageHeard(route: LiveRoute, language: string): void;
  notice(route: LiveRoute, notice: SessionNotice): void;
  playback(route: LiveRoute, playback: TurnPlayback): void;
};

/** How a language is spoken: the model's voice, and its speed, 0.25 to 1.5. */
export type SpeechStyle = { readonly voice: string; readonly speed: number };

/** What a route is made of. */
export type LiveRouteOptions = {
  spec: RouteSpec;
  speakerName: string;
  clock: Clock;
  /** The voice that speaks a language; undefined where it is read only. */
  voiceFor: (to: LanguageTag) => Voice | undefined;
  /** Absent: as the sessions are configured. */
  styleOf?: (to: LanguageTag) => SpeechStyle;
  captions: LiveCaptions;
  /** Absent: translations are not looked at. */
  guard?: TranslationGuard;
  /** Whose speech has just begun, as far as our own ears tell; asked by routes that hear everybody. */
  whoSpeaks?: () => MeetingPerson | undefined;
  openSession: OpenSession;
  /** What a route's session is to be told, as things are now. */
  instructionsFor: (spec: RouteSpec) => string;
  /** Conversation sessions only by default. */
  engines?: EngineSettings;
  /** Translations are to cost little, and are read only. */
  writesOnly?: () => boolean;
  /** What of that takes an engine that follows instructions. */
  needsOf?: (spec: RouteSpec) => readonly EngineNeed[];
  /** A name for the next session, unique in the process. */
  nextName: () => string;
  /** The time of captions, from the clock's. */
  toMeetingMs: (atMs: number) => number;
  handlers: LiveRouteHandlers;
};

type Live = {
  readonly session: InterpretingSession;
  readonly route: InterpreterRoute;
  readonly engine: EngineName;
  /** Settles when the session is ready or has failed. */
  connected: Promise<void>;
  readyAtMs: number | undefined;
  instructions: string;
};

/** See the file's comment. */
export class LiveRoute {
  readonly #options: LiveRouteOptions;
  #spec: RouteSpec;
  #speakerName: string;
  #live: Live | undefined;
  /** Sessions that finish what was said on them. */
  readonly #finishing = new Set<Live>();
  readonly #backoff: Backoff;
  #failed = false;
  #notBeforeMs = -Infinity;
  readonly #attributions: Attributions;
  readonly #engine: RouteEngine;
  /** What was told of the engine last. */
  #toldEngine: string | undefined;

  constructor(options: LiveRouteOptions) {
    this.#options = options;
    this.#spec = options.spec;
    this.#speakerName = options.speakerName;
    this.#attributions = new Attributions(options.whoSpeaks);
    this.#backoff = new Backoff(() => options.clock.random(), SESSION_BACKOFF);
    this.#engine = new RouteEngine(options.clock, options.engines ?? CONVERSATION_ONLY);
  }

  get spec(): RouteSpec {
    return this.#spec;
  }

  /** A session is open, or opening. */
  get isOpen(): boolean {
    return this.#live !== undefined;
  }

  /** A session may be opened now: there is none, and the wait after a failure is over. */
  get mayOpen(): boolean {
    return this.#live === undefined && this.#options.clock.nowMs() >= this.#notBeforeMs;
  }

  /** Its last session failed, and none was opened since. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Nothing that was said is still to be translated. */
  get idle(): boolean {
    return this.#live?.route.idle ?? true;
  }

  /** Its session is of another engine than the next one would be. */
  get outdated(): boolean {
    return this.#live !== undefined && this.#live.engine !== this.#decide().engine;
  }

  /** The route stays, with another target tag, other listeners, or another name of its speaker. */
  update(spec: RouteSpec, speakerName: string): void {
    this.#spec = spec;
    this.#speakerName = speakerName;
    const live = this.#live;
    if (live === undefined) return;
    live.route.useVoice(this.#voice());
    live.session.setTranscription(transcriptionOf(spec));
    live.session.setSpoken(this.#voice() !== undefined);
    this.refresh();
  }

  /** Sends the session what it is to be told, where that has changed. */
  refresh(): void {
    const live = this.#live;
    if (live === undefined || !ENGINES[live.engine].instructions) return;
    const instructions = this.#options.instructionsFor(this.#spec);
    if (instructions === live.instructions) return;
    live.instructions = instructions;
    live.session.setInstructions(instructions);
    this.#options.handlers.instructed(this, instructions);
  }

  /** Opens a session. Does nothing while there is one. */
  open(): void {
    if (this.#live !== undefined) return;
    this.#failed = false;
    const { openSession, instructionsFor, nextName, handlers, captions, guard } = this.#options;
    const decision = this.#decide();
    const { engine } = decision;
    const instructions = ENGINES[engine].instructions ? instructionsFor(this.#spec) : '';
    const session = openSession({
      name: nextName(),
      route: this.#spec,
      instructions,
      engine,
      patienceMs: this.#otherWouldTakeOver(engine) ? PATIENCE_BEFORE_OTHER_MS : PATIENCE_MS,
    });
    session.setTranscription(transcriptionOf(this.#spec));
    const { to } = this.#spec;
    const style = to === undefined ? undefined : this.#options.styleOf?.(to);
    if (style !== undefined) {
      session.setVoice(style.voice);
      session.setSpeed(style.speed);
    }
    const voice = this.#voice();
    session.setSpoken(voice !== undefined);
    const route = new InterpreterRoute({
      speakerId: this.#spec.speakerId,
      session,
      voice,
      ...(style === undefined ? {} : { speed: style.speed }),
      onPlayback: (turn, what) => {
        if (what === 'cut' || what === 'captions_only') captions.mark(turn.turnId, what);
        if (what === 'heard') guard?.spoke(turn);
        this.#tellPlayback(turn, what);
      },
    });
    const live: Live = {
      session,
      route,
      engine,
      connected: Promise.resolve(),
      readyAtMs: undefined,
      instructions,
    };
    this.#live = live;
    this.#listen(live);
    this.#tellEngine(decision);
    handlers.state(this, 'opening');
    if (instructions !== '') handlers.instructed(this, instructions);
    live.connected = session.connect().catch(() => undefined); // told by its state
  }

  /** See {@link InterpreterRoute.pushFrame}; dropped while no session is open. */
  push(frame: AudioFrame, atMs: number, pauseMs?: number): void {
    this.#live?.route.pushFrame(frame, atMs, pauseMs);
  }

  /** The speaker's frames stop here. */
  endOfSpeech(): void {
    this.#live?.route.endOfSpeech();
  }

  /**
   * Ends the session, if there is one: takes no more audio, and translates what was said, for `drainMs` at most. The
   * route may be opened again at once.
   */
  async close(drainMs: number): Promise<void> {
    const live = this.#live;
    if (live === undefined) return;
    this.#live = undefined;
    this.#finishing.add(live);
    live.route.endOfSpeech();
    const { clock, handlers } = this.#options;
    const startedMs = clock.nowMs();
    // A session that closes while it connects forgets what it was told: the first words would be lost.
    if (live.readyAtMs === undefined && drainMs > 0) await settledWithin(live.connected, drainMs, clock);
    await live.route.close(Math.max(0, drainMs - (clock.nowMs() - startedMs)));
    this.#finishing.delete(live);
    handlers.state(this, 'closed');
  }

  /** Ends at once what {@link LiveRoute.close} is still finishing. */
  abandon(): void {
    for (const { route } of this.#finishing) void route.close(0);
  }

  #voice(): Voice | undefined {
    const { to } = this.#spec;
    return to === undefined ? undefined : this.#options.voiceFor(to);
  }

  #listen(live: Live): void {
    const { captions, handlers, clock, toMeetingMs } = this.#options;
    const { events } = live.session;
    events.on('state', (state) => {
      if (state.kind === 'ready') {
        live.readyAtMs ??= clock.nowMs();
        handlers.state(this, 'open');
      } else if (state.kind === 'reconnecting') {
        handlers.reconnecting(this, state.error);
      } else if (state.kind === 'ended' && this.#live === live) {
        this.#fail(live, state.error);
      }
    });
    events.on('speechStarted', ({ turnId, startMs }) => {
      captions.started({
        turnId,
        ...this.#attributions.started(turnId, this.#spec, this.#speakerName),
        transcribed: this.#spec.transcribes,
        startMs: toMeetingMs(startMs),
      });
    });
    for (const name of ['speechStopped', 'turnCommitted'] as const) {
      events.on(name, ({ turnId, startMs, endMs }) => {
        captions.bounds(turnId, toMeetingMs(startMs), toMeetingMs(endMs));
      });
    }
    events.on('sourceTranscript', ({ turnId, text, final, language }) => {
      const told = this.#spec.transcriptionLanguage !== undefined;
      captions.source(turnId, text, final, told ? undefined : language);
    });
    events.on('translationTranscript', ({ turnId, text }) => {
      captions.translation(turnId, text);
    });
    if (ENGINES[live.engine].instructions) this.#guard(live);
    events.on('sourceTranscript', ({ turnId, text, final, language }) => {
      if (!final || text === '' || live.route.turn(turnId)?.withheld === true) return;
      handlers.said(this, text);
      const told = this.#spec.transcriptionLanguage !== undefined;
      if (language !== undefined && !told) handlers.languageHeard(this, language);
    });
    events.on('turnDone', ({ turnId, outcome }) => {
      if (outcome === 'failed') {
        this.#engine.failed(live.engine);
      } else {
        this.#backoff.succeeded();
        this.#engine.worked(live.engine);
      }
      captions.done(turnId, MARK_OF[outcome]);
    });
    events.on('notice', (notice) => {
      handlers.notice(this, notice);
    });
  }

  /** Takes back what is no translation, and what translates our own voice. */
  #guard({ session, route }: Live): void {
    const { captions, guard, handlers } = this.#options;
    const spec = (): RouteSpec => this.#spec;
    guard?.watch(session.events, {
      speakerId: spec().speakerId,
      get from() {
        return spec().from;
      },
      get targets() {
        const { to, back } = spec();
        return [to, back].filter((tag) => tag !== undefined);
      },
      turn: (turnId) => route.turn(turnId),
      sourceOf: (turnId) => captions.sourceOf(turnId),
      found: (turnId, finding) => {
        captions.mark(turnId, 'doubtful');
        route.withhold(turnId);
        handlers.doubted(this, finding);
      },
    });
  }

  /** @param without an engine that is taken for unfit */
  #decide(without?: EngineName): EngineDecision {
    const { needsOf, writesOnly } = this.#options;
    return this.#engine.decide(this.#spec, needsOf?.(this.#spec) ?? [], writesOnly?.(), without);
  }

  #otherWouldTakeOver(engine: EngineName): boolean {
    return this.#decide(engine).engine !== engine;
  }

  #tellEngine(decision: EngineDecision): void {
    const told = `${decision.engine} ${decision.reason}`;
    if (told === this.#toldEngine) return;
    this.#toldEngine = told;
    this.#options.handlers.engine(this, decision);
  }

  #tellPlayback({ turnId, firstAudioDelayMs }: TurnRecord, what: PlaybackFate): void {
    const spoken = this.#attributions.spoken(turnId, this.#spec);
    if (spoken !== undefined)
      this.#options.handlers.playback(this, { turnId, ...spoken, what, firstAudioDelayMs });
  }

  #fail(live: Live, error: ParleyError | undefined): void {
    this.#live = undefined;
    void live.route.close(0);
    const { clock, handlers } = this.#options;
    if (error === undefined) {
      handlers.state(this, 'closed');
      return;
    }
    this.#failed = true;
    const lastedMs = live.readyAtMs === undefined ? 0 : clock.nowMs() - live.readyAtMs;
    const proven = error.retryable && error.retryAfterMs === undefined && lastedMs >= PROVEN_MS;
    this.#engine.failed(live.engine, error, live.readyAtMs === undefined);
    const next = this.#decide().engine;
    const otherTakesOver = next !== live.engine && !this.#engine.isLeftAlone(next);
    const retryInMs = proven || otherTakesOver ? 0 : this.#nextRetryMs(error);
    this.#notBeforeMs = clock.nowMs() + retryInMs;
    handlers.failed(this, error, retryInMs);
  }

  #nextRetryMs({ retryable, retryAfterMs }: ParleyError): number {
    return retryable ? this.#backoff.failed(retryAfterMs) : Infinity;
  }
}

/** Only one of a speaker's routes transcribes, with the language where it may count on one. */
function transcriptionOf({
  transcribes,
  transcriptionLanguage: language,
}: RouteSpec): { language?: string } | undefined {
  if (!transcribes) return undefined;
  return language === undefined ? {} : { language: spokenLanguage(language) };
}

/** Resolves when `promise` does, or after `timeoutMs`. */
export async function settledWithin(
  promise: Promise<unknown>,
  timeoutMs: number,
  clock: Clock,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = clock.setTimer(resolve, timeoutMs);
    void promise.finally(() => {
      timer.cancel();
      resolve();
    });
  });
}
