/** What connections of either engine, and the engine itself, are to a `ConnectionFailover`. */
import type { ParleyError } from '../../errors.js';
import type { ConnectionLifetime } from './session-lifetime.js';

/** A connection that `ConnectionFailover` can replace by another one of its kind. */
export interface FailoverConnection {
  /** When its session expires; undefined before the server has said so. */
  readonly lifetime: ConnectionLifetime | undefined;
  /** Why it ended by itself; undefined while it has not. */
  readonly failure: ParleyError | undefined;
  /** Opens and configures it. Rejects with a ParleyError; the connection is closed then. */
  connect(): Promise<void>;
  /**
   * Takes no more speech and completes what was said on it; {@link ConnectionEvents.finished} follows, at once where
   * nothing is open. `last`: no other connection follows, so that late transcripts are waited for, too.
   */
  finish(last: boolean): void;
  /** Ends it at once. */
  close(): void;
}

/** What a connection reports to its failover. */
export type ConnectionEvents = {
  /** It was ready and ended by itself. Called once, and not after `close`; before it was ready, `connect` rejects. */
  lost(error: ParleyError): void;
  /** After `finish`: nothing more comes. */
  finished(): void;
  /** Whether it may be left now could be answered differently than before. */
  changed(): void;
};

/** The time without a connection. */
export type Outage = { readonly error: ParleyError; readonly goneMs: number };

/** What an engine decides and does when its connections change. */
export interface FailoverPolicy<Connection extends FailoverConnection> {
  /** Makes a connection, not opened yet. `replaces`: another one led to this server before. */
  create(events: ConnectionEvents, replaces: boolean): Connection;
  /**
   * How many milliseconds it takes, as things stand, until `current` can be left for another connection that has been
   * ready for `readyForMs`; 0: now. It is asked again then, and whenever something changes. `pauseMs`: how long a pause
   * should be, from long to short as the current session nears its end; `Infinity` where it does not expire soon.
   */
  moveInMs(current: Connection, situation: { readyForMs: number; pauseMs: number }): number;
  /** `to` takes what is said from now on; `from` completes what was said before. `expired`: in the middle of speech. */
  moved(from: Connection, to: Connection, how: { expired: boolean }): void;
  /** What was said before the move on `from` is complete, or was lost with it. */
  retired(error: ParleyError | undefined, from: Connection): void;
  /** The current connection is lost. Called before anything is decided. */
  lost(connection: Connection, error: ParleyError): void;
  /** It is being replaced, or the first one is tried again. */
  reconnecting(error: ParleyError): void;
  /** There is a connection again. */
  recovered(connection: Connection, outage: Outage): void;
  /** A connection that was to take over could not be opened; the current one goes on. */
  notReplaced(error: ParleyError): void;
  /** Something that was said would be lost if no connection came any more. */
  readonly awaitsConnection: boolean;
  /** The session is finishing, and its last connection was lost. */
  abandoned(error: ParleyError): void;
  /** No connection is left, and trying again does not help. */
  failed(error: ParleyError): void;
  /** After `ConnectionFailover.finish`: nothing more comes. */
  finished(): void;
}
