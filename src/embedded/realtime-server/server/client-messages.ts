/** How a session of either kind takes what its client sends, and what it tells the client of errors. */
import { messageOf } from '../../../errors.js';
import type { JsonObject } from '../config/checks.js';
import { ClientEventError } from './client-error.js';
import { parseMessage } from './client-events.js';
import type { ClientConnection } from './client-connection.js';
import type { ServerLog } from './server-log.js';

/** What an `error` tells. */
export type WireError = Pick<ClientEventError, 'type' | 'code' | 'message' | 'param'>;

const FAILED: WireError = {
  type: 'server_error',
  code: 'server_error',
  message: 'The server had an error while processing your request.',
  param: null,
};

/**
 * Hands a message to `handle`, and answers with an `error` what that, or the message itself, throws: as conversation sessions
 * word it, or by `refuse`. Never throws.
 */
export function takeMessage(
  message: string,
  connection: ClientConnection,
  log: ServerLog,
  handle: (event: JsonObject) => void,
  refuse: (connection: ClientConnection, error: WireError, eventId: string | null) => void = sendError,
): void {
  let eventId: string | null = null;
  try {
    const event = parseMessage(message);
    if (typeof event['event_id'] === 'string') eventId = event['event_id'].slice(0, 512);
    handle(event);
  } catch (error) {
    const isRefusal = error instanceof ClientEventError;
    if (!isRefusal) log.warn({ error: messageOf(error) }, 'An event could not be handled.');
    refuse(connection, isRefusal ? error : FAILED, eventId);
  }
}

/** Sends an `error`; `eventId` is the client's event that it answers. */
export function sendError(
  connection: ClientConnection,
  { type, code, message, param }: WireError,
  eventId: string | null = null,
): void {
  connection.send('error', { error: { type, code, message, param, event_id: eventId } });
}

/** Tells that the session has lasted too long, and closes its connection. */
export function expireConnection(connection: ClientConnection, sessionDurationMs: number): void {
  const seconds = Math.round(sessionDurationMs / 1_000);
  const duration = seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
  const message = `Your session hit the maximum duration of ${duration}.`;
  sendError(connection, { type: 'invalid_request_error', code: 'session_expired', message, param: null });
  connection.close(1001, message);
}
