import type { Clock, TimerHandle } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import type { EventEmitter } from '../../events.js';
import type { SessionCounters, SessionEvents } from '../session.js';
import type { FailoverConnection, FailoverPolicy } from './failover-policy.js';
import { ReconnectSchedule } from './reconnect-schedule.js';
import { Rotation } from './rotation.js';
import { asParleyError, closedWhileConnecting } from './session-failures.js';

/** What a failover is made of. */
export type ConnectionFailoverOptions<Connection extends FailoverConnection> = {
  clock: Clock;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
  /** For how long the first connection is tried again, where that may help; 0: not at all. */
  patienceMs: number;
  policy: FailoverPolicy<Connection>;
};

type Next<Connection> = { readonly connection: Connection; readySinceMs: number | undefined };

/**
 * The connections of one session, one after the other, whatever its engine: the first one, tried again with patience; one
 * in place of a connection that was lost; and one that takes over before a session expires, or because its settings ask for
 * it. What is said goes to the current connection, and the previous one completes what was said before. What an engine
 * carries over from one connection to the next is its {@link FailoverPolicy}.
 */
export class ConnectionFailover<Connection extends FailoverConnection> {
  readonly #options: ConnectionFailoverOptions<Connection>;
  readonly #schedule: ReconnectSchedule;
  readonly #rotation: Rotation;
  #current: Connection | undefined;
  #readySinceMs = 0;
  /** Being opened, or waiting for the moment to take over. */
  #next: Next<Connection> | undefined;
  #previous: Connection | undefined;
  #outage: { readonly error: ParleyError; readonly sinceMs: number } | undefined;
  #retry: TimerHandle | undefined;
  #moveTimer: TimerHandle | undefined;
  /** Resolves {@link ConnectionFailover.connect} where the first connection could not be opened. */
  #settleFirst: (() => void) | undefined;
  #phase: 'idle' | 'connecting' | 'open' | 'finishing' | 'closed' = 'idle';

  constructor(options: ConnectionFailoverOptions<Connection>) {
    this.#options = options;
    this.#schedule = new ReconnectSchedule(options.clock);
    this.#rotation = new Rotation(options.clock, {
      onDue: () => {
        this.replace();
      },
      onOverdue: () => {
        this.considerMove();
      },
    });
    this.#current = this.#create(false);
  }

  /** Takes what is said, from the beginning, while it opens; undefined while there is none. */
  get current(): Connection | undefined {
    return this.#current;
  }

  /** Completes what was said before; undefined while there is none. */
  get previous(): Connection | undefined {
    return this.#previous;
  }

  /** A connection that is ready, and waits for the moment to take over. */
  get standby(): Connection | undefined {
    return this.#next?.readySinceMs === undefined ? undefined : this.#next.connection;
  }

  /** The connection was lost, and there is no other one yet. */
  get reconnecting(): boolean {
    return this.#outage !== undefined;
  }

  /** {@link ConnectionFailover.finish} was called, or all of it has ended. */
  get finishing(): boolean {
    return this.#phase === 'finishing' || this.#isClosed;
  }

  /**
   * Opens the first connection. Rejects with a ParleyError where that fails and is not tried again; otherwise resolves when there is
   * a connection, or when there will be none.
   */
  async connect(): Promise<void> {
    const { patienceMs } = this.#options;
    const first = this.#current!;
    this.#phase = 'connecting';
    const error = await opened(first);
    if (this.#isClosed) throw error ?? closedWhileConnecting();
    this.#phase = 'open';
    if (error === undefined) {
      this.#readySinceMs = this.#options.clock.nowMs();
      this.#rotation.begin(first.lifetime);
      return;
    }
    first.close();
    if (!error.retryable || patienceMs === 0) throw error;
    const settled = new Promise<void>((resolve) => {
      this.#settleFirst = resolve;
    });
    this.#schedule.neverOpened(patienceMs);
    this.#beginOutage(first, error);
    this.#retryAfter(error);
    await settled;
  }

  /** Opens another connection, and moves to it when that does least harm. Does nothing where one is on its way already. */
  replace(): void {
    const busy = this.#next !== undefined || this.#previous !== undefined || this.#outage !== undefined;
    if (this.#phase === 'open' && !busy) this.#openNext();
  }

  /** Moves to a connection that is ready, if this is the moment. To be called when the speaker or the connection has changed. */
  considerMove(): void {
    const { clock, policy } = this.#options;
    const current = this.#current;
    const readySinceMs = this.#next?.readySinceMs;
    if (current === undefined || readySinceMs === undefined || this.#phase !== 'open') return;
    const nowMs = clock.nowMs();
    const { pauseMs, isOverdue } = this.#rotation;
    const waitMs = isOverdue ? 0 : policy.moveInMs(current, { readyForMs: nowMs - readySinceMs, pauseMs });
    if (waitMs <= 0) this.move();
    else if (waitMs < Infinity) this.#considerMoveIn(waitMs);
  }

  /** Moves to the connection on standby now, if there is one. */
  move(): void {
    const { events, counters, policy } = this.#options;
    const from = this.#current;
    const to = this.standby;
    if (from === undefined || to === undefined || this.#phase !== 'open') return;
    const { isDue, isOverdue } = this.#rotation;
    this.#previous = from;
    this.#become(to);
    policy.moved(from, to, { expired: isOverdue });
    if (isDue) {
      counters.rotations++;
      const message = 'the session was about to expire: another one took over';
      events.emit('notice', { kind: 'rotated', message });
    }
    from.finish(false);
  }

  /** Takes no more speech, replaces no connection that works; {@link FailoverPolicy.finished} follows unless it is closed before. */
  finish(): void {
    if (this.finishing) return;
    this.#phase = 'finishing';
    this.#rotation.stop();
    if (this.#outage === undefined) {
      this.#dropNext();
      this.#current?.finish(true);
    } else {
      this.#considerFinished();
    }
  }

  /** Ends all connections at once. */
  close(): void {
    if (this.#isClosed) return;
    this.#phase = 'closed';
    this.#rotation.stop();
    this.#retry?.cancel();
    this.#dropNext();
    this.#settleFirst?.();
    this.#current?.close();
    this.#previous?.close();
    this.#previous = undefined;
  }

  get #isClosed(): boolean {
    return this.#phase === 'closed';
  }

  #create(replaces: boolean): Connection {
    const connection: Connection = this.#options.policy.create(
      {
        lost: (error) => {
          this.#onLost(connection, error);
        },
        finished: () => {
          this.#onFinished(connection);
        },
        changed: () => {
          if (connection === this.#current) this.considerMove();
        },
      },
      replaces,
    );
    return connection;
  }

  #openNext(): void {
    const { clock } = this.#options;
    const next: Next<Connection> = { connection: this.#create(true), readySinceMs: undefined };
    this.#next = next;
    void opened(next.connection).then((error) => {
      if (this.#next !== next) return;
      if (error !== undefined) {
        this.#onNotOpened(error);
        return;
      }
      next.readySinceMs = clock.nowMs();
      if (this.#outage === undefined) this.considerMove();
      else this.#recover(next.connection);
    });
  }

  #onNotOpened(error: ParleyError): void {
    const { events, policy } = this.#options;
    this.#dropNext();
    if (this.#outage !== undefined) {
      this.#retryAfter(error);
      return;
    }
    policy.notReplaced(error);
    if (!this.#rotation.isDue || !this.#rotation.failed(error)) return;
    const message = `the session will expire, and no other could be opened: ${error.message}`;
    events.emit('notice', { kind: 'server_error', message });
  }

  #onLost(connection: Connection, error: ParleyError): void {
    if (this.#isClosed) return;
    if (connection === this.#next?.connection) this.#onNotOpened(error);
    else if (connection === this.#previous) this.#retire(error);
    else if (connection === this.#current && this.#phase !== 'connecting')
      this.#onCurrentLost(connection, error);
  }

  #onCurrentLost(connection: Connection, error: ParleyError): void {
    const { clock, policy } = this.#options;
    this.#current = undefined;
    this.#rotation.stop();
    connection.close();
    this.#schedule.lostAfter(clock.nowMs() - this.#readySinceMs);
    if (this.#phase === 'finishing') {
      policy.lost(connection, error);
      policy.abandoned(error);
      this.#considerFinished();
    } else if (!error.retryable) {
      policy.lost(connection, error);
      policy.failed(error);
    } else {
      this.#beginOutage(connection, error);
      const standby = this.standby;
      if (standby !== undefined) this.#recover(standby);
      else if (this.#next === undefined) this.#retryAfter(error);
    }
  }

  #beginOutage(connection: Connection, error: ParleyError): void {
    const { clock, policy } = this.#options;
    this.#current = undefined;
    this.#outage = { error, sinceMs: clock.nowMs() };
    policy.lost(connection, error);
    policy.reconnecting(error);
  }

  #retryAfter(error: ParleyError): void {
    const { clock, policy } = this.#options;
    if (this.#isClosed) return;
    const waitMs = this.#schedule.nextWaitMs(error);
    if (waitMs === undefined) {
      policy.failed(error);
      return;
    }
    this.#retry = clock.setTimer(() => {
      this.#openNext();
    }, waitMs);
  }

  #recover(connection: Connection): void {
    const { clock, counters, policy } = this.#options;
    const outage = this.#outage;
    if (outage === undefined) return;
    this.#outage = undefined;
    this.#become(connection);
    counters.reconnects++;
    policy.recovered(connection, { error: outage.error, goneMs: clock.nowMs() - outage.sinceMs });
    this.#settleFirst?.();
    if (this.#phase === 'finishing') connection.finish(true);
  }

  #become(connection: Connection): void {
    this.#readySinceMs = this.#next?.readySinceMs ?? this.#options.clock.nowMs();
    this.#next = undefined;
    this.#moveTimer?.cancel();
    this.#current = connection;
    if (this.#phase === 'open') this.#rotation.begin(connection.lifetime);
  }

  #onFinished(connection: Connection): void {
    if (connection === this.#previous) {
      this.#retire(undefined);
    } else if (connection === this.#current && this.#phase === 'finishing') {
      this.#current = undefined;
      connection.close();
      this.#considerFinished();
    }
  }

  #retire(error: ParleyError | undefined): void {
    const previous = this.#previous;
    if (previous === undefined) return;
    this.#previous = undefined;
    previous.close();
    this.#options.policy.retired(error, previous);
    this.#considerFinished();
  }

  #considerFinished(): void {
    const { policy } = this.#options;
    if (this.#phase !== 'finishing' || this.#previous !== undefined || this.#current !== undefined) return;
    if (this.#outage === undefined || !policy.awaitsConnection) policy.finished();
  }

  #considerMoveIn(waitMs: number): void {
    this.#moveTimer?.cancel();
    this.#moveTimer = this.#options.clock.setTimer(() => {
      this.considerMove();
    }, waitMs);
  }

  #dropNext(): void {
    const next = this.#next;
    this.#next = undefined;
    this.#moveTimer?.cancel();
    next?.connection.close();
  }
}

/** Opens a connection. Resolves to why that failed, or why it has ended again already; undefined where it is ready. */
async function opened(connection: FailoverConnection): Promise<ParleyError | undefined> {
  try {
    await connection.connect();
  } catch (error) {
    return asParleyError(error);
  }
  return connection.failure;
}
