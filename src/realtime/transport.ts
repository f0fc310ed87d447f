/** How Realtime events travel: one line of JSON text messages to a server, real (a WebSocket) or recorded (a cassette). */

/** Why a connection closed. `code` is a WebSocket close code (RFC 6455 section 7.4). */
export type TransportClose = { code: number; reason: string };

/** What a transport tells its owner. Both are called synchronously, in the order of arrival; nothing after `closed`. */
export type TransportHandlers = {
  message(text: string): void;
  closed(close: TransportClose): void;
};

/** One open connection. */
export interface RealtimeTransport {
  /** Bytes accepted by {@link RealtimeTransport.send} that have not left this process yet. */
  readonly bufferedAmountBytes: number;
  /** Text messages sent since the connection opened. */
  readonly sentCount: number;
  /** Text messages handed to `message` (its handler has returned) since the connection opened. */
  readonly receivedCount: number;
  /** Sends one event as JSON text. After the connection closed, does nothing. */
  send(text: string): void;
  /** Closes the connection; `closed` follows. Safe to call twice. */
  close(code?: number, reason?: string): void;
}

/**
 * Opens a connection. Resolves once it is open; no message is delivered before that. Rejects with a ParleyError:
 * `key_refused` (HTTP 401, 403), `service_unavailable` (anything else that kept it from opening).
 */
export type OpenTransport = (handlers: TransportHandlers) => Promise<RealtimeTransport>;

/**
 * Wraps `open` so that `onWire` sees every message in both directions, in order, as the text that travelled.
 */
export function tapTransport(
  open: OpenTransport,
  onWire: (direction: 'client' | 'server', text: string) => void,
): OpenTransport {
  return async (handlers) => {
    const inner = await open({
      message: (text) => {
        onWire('server', text);
        handlers.message(text);
      },
      closed: (close) => {
        handlers.closed(close);
      },
    });
    return {
      get bufferedAmountBytes() {
        return inner.bufferedAmountBytes;
      },
      get sentCount() {
        return inner.sentCount;
      },
      get receivedCount() {
        return inner.receivedCount;
      },
      send: (text) => {
        onWire('client', text);
        inner.send(text);
      },
      close: (code, reason) => {
        inner.close(code, reason);
      },
    };
  };
}
