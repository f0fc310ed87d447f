import type { ParleyError } from '../../errors.js';
import type { EventSource } from '../../events.js';
import { checkConversationConfig, checkSpeed, type ConversationConfig } from './conversation-config.js';
import { ConversationConnection } from './conversation-connection.js';
import type { SessionSettings, SettingsChange } from './connection-settings.js';
import { SessionLifecycle, type SessionOptions } from '../connection/session-lifecycle.js';
import { type NewConnection, ConnectionFailover } from './connection-failover.js';
import type {
  CutItem,
  InterpretingSession,
  SessionCounters,
  SessionEvents,
  SessionState,
} from '../session.js';
import { ConditionPoller } from '../connection/condition-poller.js';

/** How long closing waits for the last translation, unless told otherwise. */
const DRAIN_MS = 10_000;
/** How long closing then waits for the last words of the speaker: transcription runs beside translation. */
const TRANSCRIPT_WAIT_MS = 2_000;

/** What a conversation session is made of. */
export type ConversationOptions = SessionOptions & { config: ConversationConfig; instructions: string };

/**
 * A `/v1/realtime` session behind the port of session.ts: instruction-driven, with turns by server VAD. It outlives its
 * connections (session-connections.ts): one that expires or is lost is replaced, and so is one whose voice the API would not change.
 */
export class ConversationSession implements InterpretingSession {
  readonly #options: ConversationOptions;
  readonly #life: SessionLifecycle;
  readonly #settings: SessionSettings;
  readonly #waits: ConditionPoller;
  readonly #connections: ConnectionFailover;
  #lineNumber = 0;
  #held = false;
  #closing = false;

  /** Throws ParleyError `config` for a configuration out of range. */
  constructor(options: ConversationOptions) {
    const { clock, config, instructions, patienceMs = 0 } = options;
    checkConversationConfig(config);
    this.#options = options;
    this.#life = new SessionLifecycle(options.onListenerError);
    const { voice, speed, spoken, transcription } = config;
    this.#settings = { instructions, voice, speed, spoken, transcription };
    this.#waits = new ConditionPoller(clock);
    this.#connections = new ConnectionFailover({
      clock,
      waits: this.#waits,
      settings: this.#settings,
      newLine: (handlers) => this.#newLine(handlers),
      events: this.#life.events,
      counters: this.#life.counters,
      patienceMs,
      lasting: () => this.state.kind === 'ready',
      onReconnecting: (error) => {
        this.#life.become({ kind: 'reconnecting', error });
      },
      onReconnected: () => {
        this.#life.become({ kind: 'ready' });
      },
      onEnded: (error) => {
        this.#end(error);
      },
    });
  }

  get events(): EventSource<SessionEvents> {
    return this.#life.events;
  }

  get state(): SessionState {
    return this.#life.state;
  }

  get counters(): Readonly<SessionCounters> {
    return this.#life.counters;
  }

  get idle(): boolean {
    return this.#connections.idle;
  }

  async connect(): Promise<void> {
    const connecting = await this.#life.connect(
      () => this.#connections.connect(),
      (error) => {
        this.#end(error);
      },
    );
    if (connecting) this.#life.become({ kind: 'ready' });
  }

  appendAudio(pcm: Int16Array, atMs: number): void {
    if (this.#closing || this.state.kind === 'ended') return;
    this.#connections.appendAudio(pcm, atMs);
  }

  endOfSpeech(): void {
    this.#connections.current.endOfSpeech();
  }

  commitTurn(): void {
    if (this.state.kind === 'ready') this.#connections.commitTurn();
  }

  speak(text: string): void {
    const { responses } = this.#options.config;
    if (this.state.kind === 'ready' && responses === 'client') this.#connections.current.speak(text);
  }

  setInstructions(instructions: string): void {
    this.#change({ instructions });
  }

  setTranscription(transcription: { language?: string } | undefined): void {
    const configured = this.#options.config.transcription;
    this.#change({ transcription: transcription && configured && { ...transcription, ...configured } });
  }

  setVoice(voice: string): void {
    if (voice === this.#settings.voice) return;
    this.#settings.voice = voice;
    this.#connections.applyVoice();
  }

  setSpeed(speed: number): void {
    checkSpeed(speed);
    this.#change({ speed });
  }

  setSpoken(spoken: boolean): void {
    this.#change({ spoken });
  }

  holdTurns(hold: boolean): void {
    if (hold === this.#held) return;
    this.#held = hold;
    this.#connections.hold(hold);
  }

  cut(items: readonly CutItem[]): void {
    this.#connections.cut(items);
  }

  cancelTurn(turnId: string): void {
    this.#connections.cancelTurn(turnId);
  }

  async close(drainMs: number = DRAIN_MS): Promise<void> {
    const { clock } = this.#options;
    const deadlineMs = clock.nowMs() + drainMs;
    this.#closing ||= this.state.kind === 'ready' || this.state.kind === 'reconnecting';
    // What was said while the connection is gone is still to be interpreted.
    if (this.state.kind === 'reconnecting') {
      await this.#until(() => this.state.kind !== 'reconnecting', drainMs);
    }
    if (this.state.kind === 'ready') {
      this.#life.become({ kind: 'draining' });
      this.#connections.settle();
      this.#connections.current.endOfSpeech();
    }
    if (this.state.kind === 'draining') await this.#until(this.#drained(), deadlineMs - clock.nowMs());
    this.#end();
  }

  #end(error?: ParleyError): void {
    if (this.state.kind === 'ended') return;
    this.#connections.end();
    this.#life.end(error);
    this.#waits.end();
  }

  #change(changes: SettingsChange): void {
    Object.assign(this.#settings, changes);
    this.#connections.current.change(changes);
  }

  #newLine(handlers: Parameters<NewConnection>[0]): ConversationConnection {
    const { open, clock, config, name } = this.#options;
    const { instructions, voice, speed, spoken, transcription } = this.#settings;
    return new ConversationConnection({
      ...handlers,
      open,
      clock,
      config: { ...config, voice, speed, spoken, transcription },
      instructions,
      keyPrefix: `${name}.${++this.#lineNumber}`,
      events: this.#life.events,
      counters: this.#life.counters,
    });
  }

  /** The condition that all is translated, and the speaker's last words known or waited for long enough. */
  #drained(): () => boolean {
    const { clock } = this.#options;
    let idleSinceMs: number | undefined;
    return () => {
      if (!this.idle) return false;
      idleSinceMs ??= clock.nowMs();
      return !this.#connections.current.awaitsTranscript || clock.nowMs() - idleSinceMs >= TRANSCRIPT_WAIT_MS;
    };
  }

  #until(condition: () => boolean, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waits.until(condition, timeoutMs, resolve);
    });
  }
}
