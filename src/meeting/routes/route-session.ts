import type { Clock } from '../../clock.js';
import type { EngineName } from '../../realtime/engines.js';
import type { InterpreterRoute, OnPlayback } from '../../interpreter/route/route.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import type { OutputChannel } from '../../interpreter/playback/output-channel.js';
import { spokenLanguage } from '../../languages/languages.js';
import type { InterpretingSession } from '../../realtime/session.js';
import { settledWithin } from '../../settled-within.js';
import { type SpeechStyle, spokenRoute } from '../speaking/speech-style.js';

/** What a session of a route is made of. */
type RouteSessionOptions = {
  clock: Clock;
  /** Not connected yet. */
  session: InterpretingSession;
  engine: EngineName;
  /** What it was opened with. */
  instructions: string;
  spec: RouteSpec;
  /** Undefined: translations are read only. */
  voice: OutputChannel | undefined;
  style: SpeechStyle | undefined;
  onPlayback: OnPlayback;
};

/**
 * One session of a route: it is set up as its route is, follows the route's changes, and ends after what was said on it.
 */
export class RouteSession {
  readonly engine: EngineName;
  readonly session: InterpretingSession;
  /** Takes the speaker's frames. */
  readonly interpreter: InterpreterRoute;
  readonly #clock: Clock;
  #instructions: string;
  #style: SpeechStyle;
  /** Settles when the session is ready or has failed. */
  #connected: Promise<void> = Promise.resolve();
  #readyAtMs: number | undefined;

  constructor({ clock, session, engine, instructions, spec, ...spoken }: RouteSessionOptions) {
    this.#clock = clock;
    this.engine = engine;
    this.session = session;
    this.#instructions = instructions;
    this.#style = spoken.style ?? {};
    session.setTranscription(transcriptionOf(spec));
    this.interpreter = spokenRoute({ ...spoken, speakerId: spec.speakerId, session });
    session.events.on('state', ({ kind }) => {
      if (kind === 'ready') this.#readyAtMs ??= clock.nowMs();
    });
  }

  /** Since it was ready first; undefined where it never was. */
  get lastedMs(): number | undefined {
    return this.#readyAtMs === undefined ? undefined : this.#clock.nowMs() - this.#readyAtMs;
  }

  /** Opens it. How that goes is told by its state. */
  connect(): void {
    this.#connected = this.session.connect().catch(() => undefined);
  }

  /** Its route changed, or is spoken by another voice. */
  follow(spec: RouteSpec, voice: OutputChannel | undefined): void {
    this.interpreter.useVoice(voice);
    this.session.setTranscription(transcriptionOf(spec));
    this.session.controls?.setSpoken(voice !== undefined);
  }

  /**
   * Has it speak in this style from now on. A voice that the session has spoken in already is replaced by the session's own
   * rules: with a new connection, which nobody hears of.
   */
  speakAs({ voice, speed }: SpeechStyle): void {
    if (voice !== undefined && voice !== this.#style.voice) this.session.controls?.setVoice(voice);
    if (speed !== undefined && speed !== this.#style.speed) this.interpreter.setSpeed(speed);
    this.#style = { ...(voice === undefined ? {} : { voice }), ...(speed === undefined ? {} : { speed }) };
  }

  /** Sends it what it is to be told. Returns whether that is something else than before. */
  instruct(instructions: string): boolean {
    if (instructions === this.#instructions) return false;
    this.#instructions = instructions;
    this.session.controls?.setInstructions(instructions);
    return true;
  }

  /** Takes no more audio, translates what was said, for `drainMs` at most, and ends. */
  async close(drainMs: number): Promise<void> {
    this.interpreter.endOfSpeech();
    const startedMs = this.#clock.nowMs();
    // A session that closes while it connects forgets what it was told: the first words would be lost.
    if (this.#readyAtMs === undefined && drainMs > 0)
      await settledWithin(this.#connected, drainMs, this.#clock);
    await this.interpreter.close(Math.max(0, drainMs - (this.#clock.nowMs() - startedMs)));
  }

  /** Ends at once. */
  abandon(): void {
    void this.interpreter.close(0);
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
