import type { Clock, TimerHandle } from '../../../clock.js';
import type { JsonObject } from '../config/checks.js';
import type { FaultState } from './faults.js';
import { newId } from './ids.js';
import { type ServerForm, shownType } from './server-form.js';

/** What may wait in this process for a client that does not read; beyond it the connection is dropped. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/** What a session needs of its client's socket; a WebSocket of `ws` is one. */
export interface ClientSocket {
  readonly readyState: number;
  /** The value of `readyState` while messages may be sent. */
  readonly OPEN: number;
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
  terminate(): void;
  /** Reads nothing any more. */
  pause(): void;
}

/** One client's connection as the session sees it: events out, with the faults in force. */
export class ClientConnection {
  readonly #socket: ClientSocket;
  readonly #clock: Clock;
  readonly #faults: FaultState;
  readonly #form: ServerForm;
  readonly #onSent: () => void;
  readonly #delayed = new Set<TimerHandle>();
  #frozen = false;

  /** `onSent` is called for each text message handed to the socket while it is open. */
  constructor(socket: ClientSocket, clock: Clock, faults: FaultState, form: ServerForm, onSent: () => void) {
    this.#socket = socket;
    this.#clock = clock;
    this.#faults = faults;
    this.#form = form;
    this.#onSent = onSent;
  }

  /** Messages held back by a delay. */
  get pending(): boolean {
    return this.#delayed.size > 0;
  }

  /** Sends one event, under the name that the server's form gives it; a fresh `event_id` is added, unless it has none. */
  send(apiType: string, fields: JsonObject, hasId = true): void {
    const type = shownType(apiType, this.#form);
    if (type === undefined) return;
    const event = { type, ...(hasId ? { event_id: newId(this.#clock, 'event') } : {}), ...fields };
    if (this.#faults.stalled) {
      this.#faults.counts.stall++;
      return;
    }
    if (this.#faults.strike('unknownEvents') !== undefined) {
      const event_id = newId(this.#clock, 'event');
      this.#deliver(JSON.stringify({ type: 'parley.unknown', event_id, detail: { reason: 'fault' } }));
    }
    const malformed = this.#faults.strike('malformedEvents', type);
    if (malformed !== undefined) {
      const text = JSON.stringify(event);
      this.#deliver(malformed.kind === 'broken_json' ? text.slice(0, -2) : JSON.stringify({ type }));
      return;
    }
    const text = JSON.stringify(event);
    this.#deliver(text);
    if (this.#faults.strike('duplicateEvents', type) !== undefined) this.#deliver(text);
  }

  /** Closes the connection after what is still held back. */
  close(code: number, reason: string): void {
    this.#later(() => {
      if (this.#frozen) this.#socket.terminate();
      else this.#socket.close(code, reason);
    });
  }

  /** Drops the connection without a close frame. */
  drop(): void {
    this.stop();
    this.#socket.terminate();
  }

  /** From now on nothing is read or sent; the client is told of nothing until the session ends. */
  freeze(): void {
    this.stop();
    this.#frozen = true;
    this.#socket.pause();
  }

  /** Forgets what is held back. */
  stop(): void {
    for (const timer of this.#delayed) timer.cancel();
    this.#delayed.clear();
  }

  #deliver(text: string): void {
    this.#later(() => {
      this.#write(text);
    });
  }

  /** Runs `action` now, or after the delay in force; the order is kept either way. */
  #later(action: () => void): void {
    const { delayMs } = this.#faults;
    if (delayMs === 0 && this.#delayed.size === 0) {
      action();
      return;
    }
    if (delayMs > 0) this.#faults.counts.delayMs++;
    const dueMs = Math.max(this.#lastDueMs, this.#clock.nowMs() + delayMs);
    this.#lastDueMs = dueMs;
    const timer = this.#clock.setTimer(() => {
      this.#delayed.delete(timer);
      action();
    }, dueMs - this.#clock.nowMs());
    this.#delayed.add(timer);
  }

  #lastDueMs = 0;

  #write(text: string): void {
    if (this.#frozen || this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_UNREAD_BYTES) {
      this.drop();
      return;
    }
    this.#onSent();
    this.#socket.send(text);
  }
}
