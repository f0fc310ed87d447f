/**
 * A `/v1/realtime` session behind the port of session.ts: instruction-driven, with turns by server VAD. It outlives its
 * line where the API demands a new one.
 */
import type { Clock, TimerHandle } from '../clock.js';
import { messageOf, ParleyError } from '../errors.js';
import { EventEmitter, type EventSource } from '../events.js';
import {
  checkConversationConfig,
  checkSpeed,
  type ConversationConfig,
  type Transcription,
} from './conversation-config.js';
import { closedWhileConnecting, Line } from './line.js';
import type {
  CutItem,
  InterpretingSession,
  SessionCounters,
  SessionEvents,
  SessionState,
} from './session.js';
import type { OpenTransport } from './transport.js';

/** How long closing waits for the last translation, unless told otherwise. */
const DRAIN_MS = 10_000;
/** How long closing then waits for the last words of the speaker: transcription runs beside translation. */
const TRANSCRIPT_WAIT_MS = 2_000;
const IDLE_POLL_MS = 20;

/** Someone waits for a condition; see {@link ConversationSession}. */
type Wait = { timer: TimerHandle; then: () => void };

/** What a conversation session is made of. */
export type ConversationOptions = {
  open: OpenTransport;
  clock: Clock;
  /** Names this session among all of the process; part of every turn and output id. */
  name: string;
  config: ConversationConfig;
  instructions: string;
  /** Told when a listener of this session throws; the session goes on. */
  onListenerError?: (error: unknown, eventName: string) => void;
};

/** See the file's comment. */
export class ConversationSession implements InterpretingSession {
  readonly #options: ConversationOptions;
  readonly #events: EventEmitter<SessionEvents>;
  readonly #counters: SessionCounters = {
    audioSentMs: 0,
    audioDroppedMs: 0,
    silenceFedMs: 0,
    turns: 0,
    responses: 0,
    continuations: 0,
    truncations: 0,
    lateDeltas: 0,
    unknownEvents: 0,
    malformedEvents: 0,
    benignErrors: 0,
  };
  #state: SessionState = { kind: 'idle' };
  #instructions: string;
  #voice: string;
  #speed: number;
  #transcription: Transcription | undefined;
  #line: Line;
  /** The line before, while it finishes what was said on it. */
  #previous: Line | undefined;
  /** The line to come, while it opens and until nobody is speaking. */
  #next: Line | undefined;
  #lineNumber = 0;
  #held = false;
  readonly #waits = new Set<Wait>();

  /** Throws ParleyError `config` for a configuration out of range. */
  constructor(options: ConversationOptions) {
    checkConversationConfig(options.config);
    this.#options = options;
    this.#events = new EventEmitter<SessionEvents>(options.onListenerError);
    this.#instructions = options.instructions;
    this.#voice = options.config.voice;
    this.#speed = options.config.speed;
    this.#transcription = options.config.transcription;
    this.#line = this.#newLine();
  }

  get events(): EventSource<SessionEvents> {
    return this.#events;
  }

  get state(): SessionState {
    return this.#state;
  }

  get counters(): Readonly<SessionCounters> {
    return this.#counters;
  }

  get idle(): boolean {
    return this.#line.idle && (this.#previous?.idle ?? true);
  }

  async connect(): Promise<void> {
    if (this.#state.kind !== 'idle') throw new ParleyError('internal', 'a session connects once');
    this.#setState({ kind: 'connecting' });
    try {
      await this.#line.connect();
    } catch (error) {
      const failure = asParleyError(error);
      this.#end(failure);
      throw failure;
    }
    const { state } = this; // it may have ended between two turns of the event loop
    if (state.kind === 'ended') throw state.error ?? closedWhileConnecting();
    this.#setState({ kind: 'ready' });
  }

  appendAudio(pcm: Int16Array, atMs: number): void {
    if (this.#state.kind === 'draining' || this.#state.kind === 'ended') return;
    this.#line.appendAudio(pcm, atMs);
  }

  endOfSpeech(): void {
    this.#line.endOfSpeech();
  }

  commitTurn(): void {
    if (this.#state.kind === 'ready') this.#line.commitTurn();
  }

  speak(text: string): void {
    if (this.#state.kind === 'ready' && this.#options.config.responses === 'client') this.#line.speak(text);
  }

  setInstructions(instructions: string): void {
    this.#instructions = instructions;
    this.#line.setInstructions(instructions);
  }

  setTranscription(transcription: { language?: string } | undefined): void {
    const configured = this.#options.config.transcription;
    this.#transcription = transcription && configured && { ...transcription, ...configured };
    this.#line.setTranscription(this.#transcription);
  }

  setVoice(voice: string): void {
    if (voice === this.#voice) return;
    this.#voice = voice;
    this.#applyVoice();
  }

  setSpeed(speed: number): void {
    checkSpeed(speed);
    this.#speed = speed;
    this.#line.setSpeed(speed);
  }

  holdTurns(hold: boolean): void {
    if (hold === this.#held) return;
    this.#held = hold;
    this.#line.hold(hold || this.#previous !== undefined);
    this.#previous?.hold(hold);
  }

  cut(items: readonly CutItem[]): void {
    for (const item of items) {
      this.#previous?.cut(item);
      this.#line.cut(item);
    }
  }

  async close(drainMs: number = DRAIN_MS): Promise<void> {
    if (this.#state.kind === 'ready') {
      this.#setState({ kind: 'draining' });
      this.#dropNext();
      this.#line.endOfSpeech();
    }
    if (this.#state.kind === 'draining') {
      await new Promise<void>((resolve) => {
        this.#when(this.#drained(), drainMs, resolve);
      });
    }
    this.#end();
  }

  #end(error?: ParleyError): void {
    if (this.#state.kind === 'ended') return;
    this.#dropNext();
    this.#line.close();
    this.#previous?.close();
    this.#previous = undefined;
    this.#setState(error === undefined ? { kind: 'ended' } : { kind: 'ended', error });
    for (const wait of this.#waits) {
      wait.timer.cancel();
      wait.then();
    }
    this.#waits.clear();
  }

  #newLine(): Line {
    const { open, clock, config, name } = this.#options;
    const line: Line = new Line({
      open,
      clock,
      config: { ...config, voice: this.#voice, speed: this.#speed, transcription: this.#transcription },
      instructions: this.#instructions,
      keyPrefix: `${name}.${++this.#lineNumber}`,
      events: this.#events,
      counters: this.#counters,
      onVoiceRefused: () => {
        if (line === this.#line) this.#replaceLine();
      },
      onLost: (error) => {
        if (line === this.#line) this.#end(error);
        else if (line === this.#next) this.#giveUpNext(error);
      },
    });
    return line;
  }

  #applyVoice(): void {
    if (!this.#line.setVoice(this.#voice)) this.#replaceLine();
  }

  /** Opens a line with the new voice and moves to it between two turns; the old one finishes what was said on it. */
  #replaceLine(): void {
    if (this.#state.kind !== 'ready' || this.#next !== undefined || this.#previous !== undefined) return;
    const next = this.#newLine();
    this.#next = next;
    next.connect().then(
      () => {
        this.#when(
          () => !this.#line.turnOpen || this.#next !== next,
          Infinity,
          () => {
            if (this.#next === next) this.#moveTo(next);
          },
        );
      },
      (error: unknown) => {
        if (this.#next === next) this.#giveUpNext(error);
      },
    );
  }

  #moveTo(next: Line): void {
    const old = this.#line;
    this.#next = undefined;
    this.#line = next;
    this.#previous = old;
    next.hold(true); // what was said before is translated before
    next.setInstructions(this.#instructions);
    next.setTranscription(this.#transcription);
    next.setSpeed(this.#speed);
    old.endOfSpeech(); // words that are on their way to it get their silence
    this.#when(
      () => old.idle,
      Infinity,
      () => {
        old.close();
        if (this.#previous !== old) return;
        this.#previous = undefined;
        this.#applyVoice(); // before anything is spoken with the one before
        next.hold(this.#held);
      },
    );
  }

  #giveUpNext(error: unknown): void {
    this.#dropNext();
    this.#voice = this.#line.voice;
    this.#events.emit('notice', {
      kind: 'update_rejected',
      message: `the voice could not be changed: ${messageOf(error)}`,
    });
  }

  #dropNext(): void {
    const next = this.#next;
    this.#next = undefined;
    next?.close();
  }

  /** The condition that all is translated, and the speaker's last words known or waited for long enough. */
  #drained(): () => boolean {
    const { clock } = this.#options;
    let idleSinceMs: number | undefined;
    return () => {
      if (!this.idle) return false;
      idleSinceMs ??= clock.nowMs();
      return !this.#line.awaitsTranscript || clock.nowMs() - idleSinceMs >= TRANSCRIPT_WAIT_MS;
    };
  }

  /** Calls `then` once: when `condition` holds (seen at the next look), after `timeoutMs`, or when the session ends. */
  #when(condition: () => boolean, timeoutMs: number, then: () => void): void {
    const { clock } = this.#options;
    const deadlineMs = clock.nowMs() + timeoutMs;
    const look = (): void => {
      if (!condition() && clock.nowMs() < deadlineMs && this.#state.kind !== 'ended') {
        wait.timer = clock.setTimer(look, IDLE_POLL_MS);
        return;
      }
      this.#waits.delete(wait);
      then();
    };
    const wait: Wait = { timer: { cancel: () => undefined }, then };
    this.#waits.add(wait);
    look();
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#events.emit('state', state);
  }
}

function asParleyError(error: unknown): ParleyError {
  return error instanceof ParleyError
    ? error
    : new ParleyError('internal', `the session could not be opened: ${messageOf(error)}`, { cause: error });
}
