import type { Clock } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import type { EngineDecision, EngineNeed } from '../../interpreter/plan/engine.js';
import { type EngineName, ENGINES } from '../../realtime/engines.js';
import type { GuardFinding } from '../../interpreter/guard/guard.js';
import type { CutCause, PlaybackFate } from '../../interpreter/route/route.js';
import type { TurnRecord } from '../../interpreter/route/turn-record.js';
import { earVoiceSpan } from '../../interpreter/span/ear-voice-span.js';
import { foundLanguage } from '../../interpreter/plan/recognised-languages.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { OutputChannel } from '../../interpreter/playback/output-channel.js';
import type { SessionNotice } from '../../realtime/session.js';
import type { AudioChunk } from '../../realtime/uplink/audio-chunk.js';
import { Attributions } from './attributions.js';
import type { MeetingPerson, RouteState, TurnPlayback, TurnSpan } from '../meeting-events.js';
import type { RouteSessionView, RouteSnapshot, SaidSpeech } from '../meeting-part.js';
import type { OpenSession } from '../open-session.js';
import { CONVERSATION_ONLY, RouteEngine, type EngineSettings } from './route-engine.js';
import { patienceMs, RouteRetries } from './route-retries.js';
import { RouteSession } from './route-session.js';
import type { SpeechStyle } from '../speaking/speech-style.js';

/** What a route tells of itself. */
export type LiveRouteHandlers = {
  /**
   * A session was opened, became ready, was closed, or failed: `retryInMs` from now it may be opened again, and never where
   * that is infinite, since trying again cannot help.
   */
  state(route: LiveRoute, state: 'opening' | 'open' | 'closed'): void;
  failed(route: LiveRoute, error: ParleyError, retryInMs: number): void;
  /** The session lost its connection, for this reason, and opens another: `open` follows, or `failed`, or `closed`. */
  reconnecting(route: LiveRoute, error: ParleyError): void;
  /** A session was made, and is about to connect: for whoever follows what is said on it. */
  session(route: LiveRoute, session: RouteSessionView): void;
  /** A translation is none, and is about to be taken back. */
  doubted(route: LiveRoute, turnId: string, finding: GuardFinding): void;
  /** A turn is no contribution, and is about to be dropped. */
  dropped(route: LiveRoute, turnId: string): void;
  /** A session is opened with this engine: told at first, and whenever that changes. */
  engine(route: LiveRoute, decision: EngineDecision): void;
  /** A session was opened with these instructions, or was sent them in place of others. */
  instructed(route: LiveRoute, instructions: string): void;
  /** What the speaker said in one turn, where this route transcribes. */
  said(route: LiveRoute, said: SaidSpeech): void;
  /** A turn was in this language, as its transcription found by itself. */
  languageHeard(route: LiveRoute, language: string): void;
  notice(route: LiveRoute, notice: SessionNotice): void;
  playback(route: LiveRoute, playback: TurnPlayback, turn: TurnRecord): void;
  /** A translation was heard to its end, and was so far behind. */
  span(span: TurnSpan): void;
};

/** What a route is made of. */
export type LiveRouteOptions = {
  spec: RouteSpec;
  speakerName: string;
  clock: Clock;
  /** The voice that speaks a language; undefined where it is read only. */
  voiceFor: (to: LanguageTag) => OutputChannel | undefined;
  /** Absent: as the sessions are configured. */
  styleOf?: (to: LanguageTag) => SpeechStyle;
  /** Whose speech has just begun, as far as our own speech detectors know; asked by routes that hear everybody. */
  whoSpeaks?: () => MeetingPerson | undefined;
  openSession: OpenSession;
  /** What a route's session with this engine is to be told, as things are now. */
  instructionsFor: (spec: RouteSpec, engine: EngineName) => string;
  /** Conversation sessions only by default. */
  engines?: EngineSettings;
  /** Translations are to cost little, and are read only. */
  writesOnly?: () => boolean;
  /** What of that takes an engine that follows instructions. */
  needsOf?: (spec: RouteSpec) => readonly EngineNeed[];
  /** A name for the next session, unique in the process. */
  nextName: () => string;
  handlers: LiveRouteHandlers;
};

/**
 * One route of a meeting while it lives: a session that opens when its speaker speaks, closes when it is not needed, and is
 * opened again after it failed. What a session hears and says goes through a {@link RouteSession} of its own.
 */
export class LiveRoute {
  readonly #options: LiveRouteOptions;
  #spec: RouteSpec;
  #speakerName: string;
  #live: RouteSession | undefined;
  /** Sessions that finish what was said on them. */
  readonly #finishing = new Set<RouteSession>();
  readonly #attributions: Attributions;
  readonly #engine: RouteEngine;
  /** What was told of the engine last. */
  #notifiedEngine: string | undefined;
  readonly #retries: RouteRetries;
  #state: RouteState['state'] = 'closed';
  #lastEngine: EngineName | undefined;
  #failures = 0;

  constructor(options: LiveRouteOptions) {
    this.#options = options;
    this.#spec = options.spec;
    this.#speakerName = options.speakerName;
    this.#attributions = new Attributions(options.whoSpeaks);
    this.#engine = new RouteEngine(options.clock, options.engines ?? CONVERSATION_ONLY);
    this.#retries = new RouteRetries(options.clock);
  }

  get spec(): RouteSpec {
    return this.#spec;
  }

  get speakerName(): string {
    return this.#speakerName;
  }

  /** As it is now; with `state`, as it was when that was so. */
  snapshot(state?: RouteState['state']): RouteSnapshot {
    const { key, speakerId, to, back, written, listenerIds, transcribes } = this.#spec;
    const ended = this.failed ? 'failed' : 'closed';
    return {
      ...{ key, speakerId, speakerName: this.#speakerName, to, listenerIds, transcribes },
      ...(back === undefined ? {} : { back }),
      ...(written === undefined ? {} : { written }),
      state: state ?? (this.#live === undefined ? ended : this.#state),
      engine: this.#lastEngine,
    };
  }

  /** How often its sessions failed. */
  get failures(): number {
    return this.#failures;
  }

  /** A session is open, or opening. */
  get isOpen(): boolean {
    return this.#live !== undefined;
  }

  /** Its session follows instructions; without a session, the next one would. */
  get isInstructed(): boolean {
    return ENGINES[this.#live?.engine ?? this.#decide().engine].instructions;
  }

  /** The engine of its session; undefined where there is none. */
  get engine(): EngineName | undefined {
    return this.#live?.engine;
  }

  /** A session may be opened now: there is none, and the wait after a failure is over. */
  get mayOpen(): boolean {
    return this.#live === undefined && this.#retries.due;
  }

  /** Its last session failed, and none was opened since. */
  get failed(): boolean {
    return this.#retries.pending;
  }

  /** Nothing that was said is still to be translated. */
  get idle(): boolean {
    return this.#live?.interpreter.idle ?? true;
  }

  /** Its session is of another engine than the next one would be. */
  get outdated(): boolean {
    return this.#live !== undefined && this.#live.engine !== this.#decide().engine;
  }

  /** The route stays, with another target tag, other listeners, or another name of its speaker. */
  update(spec: RouteSpec, speakerName: string): void {
    this.#spec = spec;
    this.#speakerName = speakerName;
    this.#live?.follow(spec, this.#voice());
    this.refresh();
  }

  /** Engines for sessions to come. See {@link LiveRoute.outdated}. */
  configureEngine(settings: EngineSettings): void {
    this.#engine.configure(settings);
  }

  /** The session speaks as `styleOf` says now. Returns false where its engine has a voice of its own. */
  restyle(): boolean {
    const live = this.#live;
    if (live === undefined) return true;
    if (!ENGINES[live.engine].voice) return false;
    const { to } = this.#spec;
    const style = to === undefined ? undefined : this.#options.styleOf?.(to);
    if (style !== undefined) live.speakAs(style);
    return true;
  }

  /** Sends the session what it is to be told, where that has changed. */
  refresh(): void {
    const live = this.#live;
    if (live === undefined || !ENGINES[live.engine].instructions) return;
    const instructions = this.#options.instructionsFor(this.#spec, live.engine);
    if (live.instruct(instructions)) this.#options.handlers.instructed(this, instructions);
  }

  /** Opens a session. Does nothing while there is one. */
  open(): void {
    if (this.#live !== undefined) return;
    this.#retries.opened();
    const { clock, handlers } = this.#options;
    const decision = this.#decide();
    const { engine } = decision;
    const instructions = ENGINES[engine].instructions
      ? this.#options.instructionsFor(this.#spec, engine)
      : '';
    const session = this.#options.openSession({
      name: this.#options.nextName(),
      route: this.#spec,
      instructions,
      engine,
      patienceMs: patienceMs(this.#otherWouldTakeOver(engine)),
    });
    const { to } = this.#spec;
    const live = new RouteSession({
      clock,
      session,
      engine,
      instructions,
      spec: this.#spec,
      voice: this.#voice(),
      style: to === undefined ? undefined : this.#options.styleOf?.(to),
      onPlayback: (turn, what, why) => {
        this.#onPlayback(turn, what, why);
        if (what === 'finished' && turn.outcome !== undefined) this.#measure(turn, engine);
      },
    });
    this.#live = live;
    this.#lastEngine = engine;
    this.#state = 'opening';
    this.#listen(live);
    this.#emitEngine(decision);
    handlers.state(this, 'opening');
    if (instructions !== '') handlers.instructed(this, instructions);
    live.connect();
  }

  /** The speaker's next chunk; dropped while no session is open. */
  push(chunk: AudioChunk): void {
    this.#live?.interpreter.push(chunk);
  }

  /** The speaker's frames stop here. */
  endOfSpeech(): void {
    this.#live?.interpreter.endOfSpeech();
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
    await live.close(drainMs);
    this.#finishing.delete(live);
    this.#options.handlers.state(this, 'closed');
  }

  /** Of what was said until now nothing more is heard, sessions that finish included. */
  silence(): void {
    this.#live?.interpreter.silence();
    for (const live of this.#finishing) live.interpreter.silence();
  }

  /** Ends at once what {@link LiveRoute.close} is still finishing. */
  abandon(): void {
    for (const live of this.#finishing) live.abandon();
  }

  #voice(): OutputChannel | undefined {
    const { to, written } = this.#spec;
    return to === undefined || written === true ? undefined : this.#options.voiceFor(to);
  }

  /** Listens behind the records of its turns, as whoever follows them does. */
  #listen(live: RouteSession): void {
    const { handlers, clock } = this.#options;
    const { events } = live.interpreter;
    events.on('state', (state) => {
      if (state.kind === 'ready') {
        this.#state = 'open';
        handlers.state(this, 'open');
      } else if (state.kind === 'reconnecting') {
        this.#state = 'reconnecting';
        handlers.reconnecting(this, state.error);
      } else if (state.kind === 'ended' && this.#live === live) {
        this.#onEnded(live, state.error);
      }
    });
    const view = this.#view(live);
    events.on('speechStarted', ({ turnId }) => {
      view.attributionOf(turnId); // now is when one can tell who speaks
    });
    handlers.session(this, view);
    events.on('sourceTranscript', ({ turnId, text, final, language }) => {
      const turn = live.interpreter.turn(turnId);
      if (!final || text === '' || turn?.withheld === true || turn?.dropped === true) return;
      const { startMs, endMs } = turn ?? { startMs: clock.nowMs(), endMs: clock.nowMs() };
      handlers.said(this, {
        ...{ turnId, text, startMs, endMs },
        speakerId: view.attributionOf(turnId)?.speakerId ?? this.#spec.speakerId,
        ...(language === undefined ? {} : { language }),
        ...(this.#spec.back === undefined ? {} : { isMixed: true }),
      });
      const found = foundLanguage(this.#spec, language);
      if (found !== undefined) handlers.languageHeard(this, found);
    });
    events.on('turnDone', ({ turnId, outcome }) => {
      const turn = live.interpreter.turn(turnId);
      if (turn?.playedToMs !== undefined) this.#measure(turn, live.engine);
      if (outcome === 'failed') {
        this.#engine.failed(live.engine);
      } else {
        this.#retries.worked();
        this.#engine.worked(live.engine);
      }
    });
    events.on('notice', (notice) => {
      handlers.notice(this, notice);
    });
  }

  #view({ interpreter, engine }: RouteSession): RouteSessionView {
    const spec = (): RouteSpec => this.#spec;
    const speakerName = (): string => this.#speakerName;
    return {
      engine,
      get spec() {
        return spec();
      },
      get speakerName() {
        return speakerName();
      },
      events: interpreter.events,
      turn: (turnId) => interpreter.turn(turnId),
      turnOver: (speech) => interpreter.turnOver(speech),
      attributionOf: (turnId) => {
        const turn = interpreter.turn(turnId);
        return turn && this.#attributions.of(turn, spec(), speakerName());
      },
      withhold: (turnId, finding) => {
        this.#options.handlers.doubted(this, turnId, finding);
        interpreter.withhold(turnId);
      },
      hold: (turnId) => {
        interpreter.hold(turnId);
      },
      release: (turnId) => {
        interpreter.release(turnId);
      },
      drop: (turnId) => {
        this.#options.handlers.dropped(this, turnId);
        interpreter.drop(turnId);
      },
    };
  }

  /** @param without an engine that is taken for unfit */
  #decide(without?: EngineName): EngineDecision {
    const { needsOf, writesOnly } = this.#options;
    const writes = this.#spec.written === true || writesOnly?.() === true;
    return this.#engine.decide(this.#spec, needsOf?.(this.#spec) ?? [], writes, without);
  }

  #otherWouldTakeOver(engine: EngineName): boolean {
    return this.#decide(engine).engine !== engine;
  }

  #emitEngine(decision: EngineDecision): void {
    const notified = `${decision.engine} ${decision.reason}`;
    if (notified === this.#notifiedEngine) return;
    this.#notifiedEngine = notified;
    this.#options.handlers.engine(this, decision);
  }

  #onPlayback(turn: TurnRecord, what: PlaybackFate, why: CutCause | undefined): void {
    const { turnId, firstAudioDelayMs, playedToMs } = turn;
    const spoken = this.#attributions.spoken(turn, this.#spec);
    if (spoken === undefined) return;
    const cause = why === undefined ? {} : { why };
    const isPast =
      what === 'finished' && playedToMs !== undefined && playedToMs < this.#options.clock.nowMs();
    const silent = playedToMs !== undefined && (what === 'cut' || isPast) ? { silentAtMs: playedToMs } : {};
    this.#options.handlers.playback(
      this,
      { turnId, ...spoken, what, ...cause, firstAudioDelayMs, ...silent },
      turn,
    );
  }

  /** A translation is complete, and was heard: at its end, or what was heard last of it. */
  #measure(turn: TurnRecord, engine: EngineName): void {
    const spoken = this.#attributions.spoken(turn, this.#spec);
    if (spoken === undefined || turn.interrupted || turn.withheld === true || turn.dropped === true) return;
    const span = earVoiceSpan(turn);
    if (span !== undefined) this.#options.handlers.span({ turnId: turn.turnId, ...spoken, engine, ...span });
  }

  #onEnded(live: RouteSession, error: ParleyError | undefined): void {
    this.#live = undefined;
    live.abandon();
    const { handlers } = this.#options;
    if (error === undefined) {
      handlers.state(this, 'closed');
      return;
    }
    const { engine, lastedMs } = live;
    this.#failures++;
    this.#engine.failed(engine, error, lastedMs === undefined);
    const next = this.#decide().engine;
    const otherTakesOver = next !== engine && !this.#engine.isLeftAlone(next);
    handlers.failed(this, error, this.#retries.failed(error, lastedMs ?? 0, otherTakesOver));
  }
}
