import type { ParleyError } from '../../errors.js';
import type { EventSource } from '../../events.js';
import { checkConversationConfig, checkSpeed, type ConversationConfig } from './conversation-config.js';
import { ConversationConnection } from './conversation-connection.js';
import type { SessionSettings, SettingsChange } from './connection-settings.js';
import { ENGINES } from '../engines.js';
import { SessionLifecycle, type SessionOptions } from '../connection/session-lifecycle.js';
import { ConversationConnections, type NewConnection } from './conversation-connections.js';
import type {
  CutItem,
  InterpretingSession,
  SessionControls,
  SessionCounters,
  SessionEvents,
  SessionState,
} from '../session.js';
import type { AsideCall, AskedAside, SessionTools, ToolDefinition, UserMessage } from '../session-tools.js';
import type { AudioChunk } from '../uplink/audio-chunk.js';

/** How long closing waits for the last translation, unless told otherwise. */
const DRAIN_MS = 10_000;

/** What a conversation session is made of. */
export type ConversationOptions = SessionOptions & { config: ConversationConfig; instructions: string };

/**
 * A `/v1/realtime` session: instruction-driven, with turns by server VAD. It outlives its connections: one that expires or
 * is lost is replaced, and so is one whose voice the API would not change.
 */
export class ConversationSession implements InterpretingSession, SessionControls, SessionTools {
  readonly capabilities = ENGINES.conversation;
  readonly controls: SessionControls = this;
  readonly tools: SessionTools | undefined;
  readonly #options: ConversationOptions;
  readonly #life: SessionLifecycle;
  readonly #settings: SessionSettings;
  readonly #connections: ConversationConnections;
  #connectionNumber = 0;
  #held = false;

  /** Throws ParleyError `config` for a configuration out of range. */
  constructor(options: ConversationOptions) {
    const { clock, config, instructions, patienceMs = 0 } = options;
    checkConversationConfig(config);
    this.#options = options;
    this.#life = new SessionLifecycle(options.onListenerError);
    const { voice, speed, spoken, transcription, tools } = config;
    this.#settings = { instructions, voice, speed, spoken, transcription, tools };
    this.tools = tools === undefined ? undefined : this;
    this.#connections = new ConversationConnections({
      clock,
      settings: this.#settings,
      newConnection: (connection) => this.#newConnection(connection),
      events: this.#life.events,
      counters: this.#life.counters,
      patienceMs,
      onReconnecting: (error) => {
        this.#life.become({ kind: 'reconnecting', error });
      },
      onReconnected: () => {
        if (this.state.kind === 'reconnecting') this.#life.become({ kind: 'ready' });
      },
      onFinished: () => {
        this.#life.drained();
      },
      onFailed: (error) => {
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
    return this.state.kind === 'ended' || this.#connections.idle;
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

  appendAudio(chunk: AudioChunk): void {
    if (this.state.kind === 'draining' || this.state.kind === 'ended') return;
    this.#connections.appendAudio(chunk);
  }

  endOfSpeech(): void {
    this.#connections.endOfSpeech();
  }

  commitTurn(): void {
    if (this.state.kind === 'ready') this.#connections.commitTurn();
  }

  speak(text: string): void {
    const { responses } = this.#options.config;
    if (this.state.kind === 'ready' && responses === 'client') this.#connections.speak(text);
  }

  setTools(tools: readonly ToolDefinition[]): void {
    this.#change({ tools });
  }

  sendMessage(message: UserMessage): void {
    if (this.state.kind === 'ready') this.#connections.sendMessage(message);
  }

  callsFor(turnId: string, aside: AskedAside): Promise<readonly AsideCall[] | undefined> {
    return this.#connections.callsFor(turnId, aside);
  }

  speakMeanwhile(text: string): boolean {
    return this.state.kind === 'ready' && this.#connections.speakMeanwhile(text);
  }

  answerCall(turnId: string, callId: string, output: string): boolean {
    return this.state.kind !== 'ended' && this.#connections.answerCall(turnId, callId, output);
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
    await this.#life.drain(this.#options.clock, drainMs, () => {
      this.#connections.finish();
    });
    this.#end();
  }

  #end(error?: ParleyError): void {
    if (this.state.kind === 'ended') return;
    this.#connections.close();
    this.#life.end(error);
  }

  #change(changes: SettingsChange): void {
    Object.assign(this.#settings, changes);
    this.#connections.change(changes);
  }

  #newConnection(own: Parameters<NewConnection>[0]): ConversationConnection {
    const { open, clock, config, name } = this.#options;
    const { instructions, voice, speed, spoken, transcription, tools } = this.#settings;
    return new ConversationConnection({
      ...own,
      open,
      clock,
      config: { ...config, voice, speed, spoken, transcription, tools },
      instructions,
      keyPrefix: `${name}.${++this.#connectionNumber}`,
      events: this.#life.events,
      counters: this.#life.counters,
    });
  }
}
