import type { Clock, TimerHandle } from '../../clock.js';
import { ParleyError } from '../../errors.js';
import { EventEmitter } from '../../events.js';
import { newSessionCounters } from '../session-counters.js';
import { asParleyError, closedWhileConnecting } from './session-failures.js';
import type { SessionEvents, SessionState } from '../session.js';
import type { OpenTransport } from '../transport.js';

/** What a session of either engine is made of, beside its configuration. */
export type SessionOptions = {
  open: OpenTransport;
  clock: Clock;
  /** Names this session among all of the process; part of every turn and output id. */
  name: string;
  /**
   * For how long the first connection is tried again where that may help, a minute at most; what is said meanwhile is kept as after a
   * loss. By default `connect` rejects at once.
   */
  patienceMs?: number;
  /** Called when a listener of this session throws; the session goes on. */
  onListenerError?: (error: unknown, eventName: string) => void;
};

/** What the sessions of both engines have in common: events, counters and states, connecting once, and draining. */
export class SessionLifecycle {
  readonly events: EventEmitter<SessionEvents>;
  readonly counters = newSessionCounters();
  #state: SessionState = { kind: 'idle' };
  #draining: { readonly done: Promise<void>; readonly resolve: () => void } | undefined;
  readonly #deadlines: TimerHandle[] = [];

  constructor(onListenerError: SessionOptions['onListenerError']) {
    this.events = new EventEmitter<SessionEvents>((error, eventName) => {
      this.counters.listenerErrors++;
      onListenerError?.(error, eventName);
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  /** What is said now is to be translated. */
  get takesSpeech(): boolean {
    return this.#state.kind === 'ready' || this.#state.kind === 'reconnecting';
  }

  /** Emits the next state. */
  become(state: SessionState): void {
    this.#state = state;
    this.events.emit('state', state);
  }

  /**
   * Connects by `open`, once; where that fails the session is ended by `end`, and this rejects with a ParleyError. Resolves to
   * whether the session is still connecting, and so is to become ready: it may have come further by itself.
   */
  async connect(open: () => Promise<void>, end: (error: ParleyError) => void): Promise<boolean> {
    if (this.#state.kind !== 'idle') throw new ParleyError('internal', 'a session connects once');
    this.become({ kind: 'connecting' });
    try {
      await open();
    } catch (error) {
      const failure = asParleyError(error);
      end(failure);
      throw failure;
    }
    const { state } = this; // it may have ended between two turns of the event loop
    if (state.kind === 'ended') throw state.error ?? closedWhileConnecting();
    return state.kind === 'connecting';
  }

  /**
   * Begins to drain by `finish`, where the session takes speech and there is time for it. Resolves with
   * {@link SessionLifecycle.drained}, or after `drainMs`; called again, the earlier deadline counts.
   */
  async drain(clock: Clock, drainMs: number, finish: () => void): Promise<void> {
    const begins = this.takesSpeech && drainMs > 0;
    if (begins) {
      let resolve = (): void => undefined;
      const done = new Promise<void>((settle) => {
        resolve = settle;
      });
      this.#draining = { done, resolve };
    }
    const draining = this.#draining;
    if (draining === undefined || this.#state.kind === 'ended') return;
    if (drainMs > 0) this.#deadlines.push(clock.setTimer(draining.resolve, drainMs));
    else draining.resolve();
    if (begins) {
      this.become({ kind: 'draining' });
      finish();
    }
    await draining.done;
  }

  /** Nothing more comes: a session that drains may end. */
  drained(): void {
    this.#draining?.resolve();
  }

  /** Emits the last state. */
  end(error: ParleyError | undefined): void {
    for (const deadline of this.#deadlines) deadline.cancel();
    this.drained();
    this.become(error === undefined ? { kind: 'ended' } : { kind: 'ended', error });
  }
}
