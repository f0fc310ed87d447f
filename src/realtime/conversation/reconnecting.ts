import type { Clock, TimerHandle } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import type { EventEmitter } from '../../events.js';
import type { ConversationConnection } from './conversation-connection.js';
import type { RecentAudio } from '../uplink/recent-audio.js';
import { ReconnectSchedule } from '../connection/reconnect-schedule.js';
import { asParleyError } from '../connection/session-failures.js';
import type { SessionCounters, SessionEvents } from '../session.js';
import type { CarryOver } from './turns/turn-taking.js';
import { MAX_HELD_MS } from '../uplink/uplink.js';

const SAMPLES_PER_MS = 24;

/** What a new connection is to be told of the time without one. */
export type Outage = {
  readonly left: CarryOver;
  /** Hands over what was said and not answered, oldest first, to be read at once. */
  readonly replay: (take: (pcm: Int16Array, atMs: number) => void) => void;
};

/** What bringing back a connection takes. */
export type ReconnectingOptions = {
  clock: Clock;
  /** What the speaker said last. */
  recent: RecentAudio;
  newLine: () => ConversationConnection;
  onLine: (connection: ConversationConnection, outage: Outage) => void;
  onGivenUp: (error: ParleyError) => void;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
};

type Attempts = {
  readonly left: CarryOver;
  /** Why the connection was lost. */
  readonly error: ParleyError;
  readonly sinceMs: number;
  /** From here on it counts what could not be handed over. */
  countedFromMs: number;
  /** Audio since then. */
  unheardMs: number;
  connection: ConversationConnection | undefined;
  timer: TimerHandle | undefined;
};

/**
 * Bringing back a connection that was lost: one attempt after another, with longer and longer waits, until there is a connection, until
 * trying again cannot help, or until it has taken too long. What was said meanwhile is handed over with the connection.
 */
export class Reconnecting {
  readonly #options: ReconnectingOptions;
  readonly #reopening: ReconnectSchedule;
  #attempts: Attempts | undefined;
  #readySinceMs = -Infinity;

  constructor(options: ReconnectingOptions) {
    this.#options = options;
    this.#reopening = new ReconnectSchedule(options.clock);
  }

  /** There is no connection at present. */
  get active(): boolean {
    return this.#attempts !== undefined;
  }

  /** The speaker said this; it counts where there is no connection. */
  note(pcm: Int16Array, atMs: number): void {
    const attempts = this.#attempts;
    if (attempts === undefined) return;
    attempts.unheardMs += pcm.length / SAMPLES_PER_MS;
    attempts.countedFromMs = Math.min(attempts.countedFromMs, atMs);
  }

  /** A connection was lost, leaving this behind. `ready`: another one that is open already. */
  begin(left: CarryOver, error: ParleyError, ready: ConversationConnection | undefined): void {
    const sinceMs = this.#options.clock.nowMs();
    this.#reopening.lostAfter(sinceMs - this.#readySinceMs);
    // What was sent before, and was not taken for speech, was heard.
    const attempts = this.#begin(left, error, Math.min(left.unansweredFromMs, sinceMs));
    if (ready === undefined) this.#tryAfter(error);
    else this.#succeed(attempts, ready);
  }

  /** The first connection could not be opened: nothing was heard yet, and others are tried for so long. */
  beginFirst(left: CarryOver, error: ParleyError, patienceMs: number): void {
    this.#reopening.neverOpened(patienceMs);
    this.#begin(left, error, -Infinity);
    this.#tryAfter(error);
  }

  /** Ends all of it. */
  stop(): void {
    const attempts = this.#attempts;
    this.#attempts = undefined;
    attempts?.timer?.cancel();
    attempts?.connection?.close();
  }

  #begin(left: CarryOver, error: ParleyError, countedFromMs: number): Attempts {
    const { clock, recent } = this.#options;
    let unheardMs = 0;
    recent.replay(countedFromMs, (pcm) => {
      unheardMs += pcm.length / SAMPLES_PER_MS;
    });
    const sinceMs = clock.nowMs();
    const attempts: Attempts = {
      left,
      error,
      sinceMs,
      countedFromMs,
      unheardMs,
      connection: undefined,
      timer: undefined,
    };
    this.#attempts = attempts;
    return attempts;
  }

  #tryAfter(error: ParleyError): void {
    const { clock, onGivenUp } = this.#options;
    const attempts = this.#attempts;
    if (attempts === undefined) return;
    const waitMs = this.#reopening.nextWaitMs(error);
    if (waitMs === undefined) {
      this.stop();
      onGivenUp(error);
      return;
    }
    attempts.timer = clock.setTimer(() => {
      void this.#try(attempts);
    }, waitMs);
  }

  async #try(attempts: Attempts): Promise<void> {
    const connection = this.#options.newLine();
    attempts.connection = connection;
    const refusal = await connection.connect().then(() => undefined, asParleyError);
    const error = refusal ?? connection.failure; // it may be gone again
    if (this.#attempts !== attempts) return;
    if (error === undefined) {
      this.#succeed(attempts, connection);
      return;
    }
    attempts.connection = undefined;
    this.#tryAfter(error);
  }

  #succeed(attempts: Attempts, connection: ConversationConnection): void {
    const { clock, recent, onLine, events, counters } = this.#options;
    const { left, error, sinceMs, countedFromMs, unheardMs } = attempts;
    const nowMs = clock.nowMs();
    this.#attempts = undefined;
    this.#readySinceMs = nowMs;
    let handedOverMs = 0;
    const fromMs = Math.max(left.answeredUntilMs, nowMs - MAX_HELD_MS);
    onLine(connection, {
      left,
      replay: (take) => {
        recent.replay(fromMs, (pcm, atMs) => {
          const uncountedMs = Math.max(0, countedFromMs - atMs);
          handedOverMs += Math.max(0, pcm.length / SAMPLES_PER_MS - uncountedMs);
          take(pcm, atMs);
        });
      },
    });
    const staleMs = Math.max(0, Math.round(unheardMs - handedOverMs));
    counters.reconnects++;
    counters.staleAudioDroppedMs += staleMs;
    const lost = staleMs === 0 ? '' : `; ${staleMs} ms of audio were too old to be interpreted`;
    const goneMs = Math.round(nowMs - sinceMs);
    const message = `the line was gone for ${goneMs} ms (${error.message})${lost}`;
    events.emit('notice', { kind: 'reconnected', message });
  }
}
