/**
 * A `/v1/realtime` session behind the port of session.ts: instruction-driven, with turns by server VAD. It outlives its
 * line where the API demands a new one.
 */
import type { Clock } from '../clock.js';
import { messageOf, ParleyError } from '../errors.js';
import { EventEmitter, type EventSource } from '../events.js';
import type { ConversationConfig } from './conversation-config.js';
import { Line } from './line.js';
import type {
  CutItem,
  InterpretingSession,
  SessionCounters,
  SessionEvents,
  SessionState,
} from './session.js';
import type { OpenTransport } from './transport.js';

/** How long closing waits for the last translation, unless told otherwise. */
export const DRAIN_MS = 10_000;
const IDLE_POLL_MS = 20;

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
  #line: Line;
  /** The line before, while it finishes what was said on it. */
  #previous: Line | undefined;
  #replacing = false;
  #lineNumber = 0;
  #held = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#events = new EventEmitter<SessionEvents>(options.onListenerError);
    this.#instructions = options.instructions;
    this.#voice = options.config.voice;
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
    return this.#line.idle && (this.#previous?.idle ?? true) && !this.#replacing;
  }

  async connect(): Promise<void> {
    if (this.#state.kind !== 'idle') throw new ParleyError('internal', 'a session connects once');
    this.#setState({ kind: 'connecting' });
    try {
      await this.#line.connect();
    } catch (error) {
      const failure = asParleyError(error);
      this.#line.close();
      this.#setState({ kind: 'ended', error: failure });
      throw failure;
    }
    this.#line.setInstructions(this.#instructions);
    this.#setState({ kind: 'ready' });
  }

  appendAudio(pcm: Int16Array, atMs: number): void {
    if (this.#state.kind === 'draining' || this.#state.kind === 'ended') return;
    this.#line.appendAudio(pcm, atMs);
  }

  endOfSpeech(): void {
    this.#line.endOfSpeech();
  }

  setInstructions(instructions: string): void {
    this.#instructions = instructions;
    this.#line.setInstructions(instructions);
  }

  setVoice(voice: string): void {
    if (voice === this.#voice) return;
    this.#voice = voice;
    if (this.#line.setVoice(voice) || this.#replacing || this.#state.kind !== 'ready') return;
    void this.#replaceLine();
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
    if (this.#state.kind === 'ended') return;
    if (this.#state.kind === 'ready') {
      this.#setState({ kind: 'draining' });
      this.#line.endOfSpeech();
      await this.#until(() => this.idle, drainMs);
    }
    this.#end();
  }

  #end(error?: ParleyError): void {
    if (this.#state.kind === 'ended') return;
    this.#line.close();
    this.#previous?.close();
    this.#previous = undefined;
    this.#setState(error === undefined ? { kind: 'ended' } : { kind: 'ended', error });
  }

  #newLine(): Line {
    const { open, clock, config, name } = this.#options;
    const line: Line = new Line({
      open,
      clock,
      config: { ...config, voice: this.#voice },
      instructions: this.#instructions,
      keyPrefix: `${name}.${++this.#lineNumber}`,
      events: this.#events,
      counters: this.#counters,
      onLost: (error) => {
        if (line === this.#previous) this.#previous = undefined;
        else if (line === this.#line) this.#end(error);
      },
    });
    return line;
  }

  /** Opens a line with the new voice and moves to it between two turns; the old one finishes what was said on it. */
  async #replaceLine(): Promise<void> {
    this.#replacing = true;
    const next = this.#newLine();
    try {
      await next.connect();
      await this.#until(() => !this.#line.turnOpen, Infinity);
    } catch (error) {
      next.close();
      this.#events.emit('notice', {
        kind: 'update_rejected',
        message: `the voice could not be changed: ${messageOf(error)}`,
      });
      return;
    } finally {
      this.#replacing = false;
    }
    if (!this.#running) {
      next.close();
      return;
    }
    const old = this.#line;
    next.hold(true); // what was said before is translated before
    next.setInstructions(this.#instructions);
    next.setVoice(this.#voice);
    this.#line = next;
    this.#previous = old;
    await this.#until(() => old.idle, Infinity);
    old.close();
    if (this.#previous === old) this.#previous = undefined;
    next.hold(this.#held);
  }

  get #running(): boolean {
    return this.#state.kind === 'ready' || this.#state.kind === 'draining';
  }

  /** Resolves when `condition` holds, when the session has ended, or after `timeoutMs`. */
  #until(condition: () => boolean, timeoutMs: number): Promise<void> {
    const { clock } = this.#options;
    const deadlineMs = clock.nowMs() + timeoutMs;
    return new Promise((resolve) => {
      const check = (): void => {
        if (condition() || !this.#running || clock.nowMs() >= deadlineMs) resolve();
        else clock.setTimer(check, IDLE_POLL_MS);
      };
      check();
    });
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
