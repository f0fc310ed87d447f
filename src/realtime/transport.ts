/** How Realtime events travel: one line of JSON text messages to a server, real (a WebSocket) or recorded (a cassette). */

import type { AudioMessage } from './uplink/audio-chunk.js';

/** Why a connection closed. `code` is a WebSocket close code (RFC 6455 section 7.4). */
export type TransportClose = { code: number; reason: string };

/** A message as it was parsed: a JSON object. */
export type ParsedMessage = Readonly<Record<string, unknown>>;

/** What a transport tells its owner. All are called synchronously, in the order of arrival; nothing after `closed`. */
export type TransportHandlers = {
  message(text: string): void;
  /**
   * In place of `message`, for a message that the transport had to parse, and reworded where its server has words of its own;
   * where this handler is missing, `message` is given the text of that. `text`: as it travelled, empty for one that was made up.
   */
  parsed?(message: ParsedMessage, text: string): void;
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
  /** Sends audio: the same as {@link RealtimeTransport.send} of its text, for less. */
  sendAudio(message: AudioMessage): void;
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
      sendAudio: (message) => {
        onWire('client', message.text);
        inner.sendAudio(message);
      },
      close: (code, reason) => {
        inner.close(code, reason);
      },
    };
  };
}
