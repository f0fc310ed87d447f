import { EventHandlers } from './event-handlers.js';
import type { WireObject } from '../realtime/providers/wire-form.js';

/** An event of the wire, as it came or went. */
export type WireEvent = WireObject & { readonly type: string };

/**
 * Events of the wire by name: `server.response.done` for one kind, `server.*` for all that the server sends, `client.*` for all that
 * it is sent. `close`: the session is over; `error` says whether by a failure.
 */
export type RealtimeApiEvents = {
  [name: `server.${string}`]: WireEvent;
  [name: `client.${string}`]: WireEvent;
  close: { error: boolean };
};

/** The session on the wire: what no method of the client covers is sent and heard here, in the GA API's own words. */
export class RealtimeApi extends EventHandlers<RealtimeApiEvents> {
  readonly #send: (event: WireEvent) => void;
  readonly #isConnected: () => boolean;

  constructor(
    options: ConstructorParameters<typeof EventHandlers>[0] & {
      send: (event: WireEvent) => void;
      isConnected: () => boolean;
    },
  ) {
    super(options);
    this.#send = options.send;
    this.#isConnected = options.isConnected;
  }

  /** Whether events can be sent. */
  isConnected(): boolean {
    return this.#isConnected();
  }

  /** Sends an event of the GA API: its type, and its other fields. Returns true. Throws an Error once the session is over. */
  send(type: string, data: WireObject = {}): true {
    if (!this.isConnected()) throw new Error('RealtimeAPI is not connected');
    this.#send({ ...data, type });
    return true;
  }
}
