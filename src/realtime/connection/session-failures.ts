/** Why a connection to a Realtime server cannot be used, in one line each. */
import { messageOf, ParleyError } from '../../errors.js';
import { oneLine } from '../../text.js';

/** It was closed by us before it was ready. */
export function closedWhileConnecting(): ParleyError {
  return new ParleyError('service_unavailable', 'the session was closed while it was connecting');
}

/** It did not open in time. */
export function tooSlow(timeoutMs: number): ParleyError {
  const message = `the Realtime server did not answer within ${timeoutMs / 1_000} s; try again later`;
  return new ParleyError('service_unavailable', message, { retryable: true });
}

/** It gives nothing back any more for the audio that it is sent. */
export function silentConnection(silentMs: number): ParleyError {
  const message = `the translation server has said nothing for ${Math.round(silentMs / 1_000)} s; connect again`;
  return new ParleyError('service_unavailable', message, { retryable: true });
}

/** The server ended the session, and was not asked to. */
export function endedByServer(): ParleyError {
  const message = 'the translation server ended the session unasked; connect again';
  return new ParleyError('service_unavailable', message, { retryable: true });
}

/** Its session goes on, and is dead. `how`: what tells so. */
export function stalledSession(how: string): ParleyError {
  const message = `the live session has stalled (${how}); connect again`;
  return new ParleyError('service_unavailable', message, { retryable: true });
}

/** The server ended a session long before its time: it was not sent audio without end. */
export function endedEarly(): ParleyError {
  const message =
    'the server ended the session as if nothing had been sent to it: this process was held up; connect again';
  return new ParleyError('service_unavailable', message, { retryable: true });
}

/** The service does not want what is said. `again`: the session before ended so, too. */
export function contentRefused(again: boolean): ParleyError {
  const message = `the service ended the session for what is said in it${again ? ', twice in a row: this speaker is not interpreted by it' : '; connect again'}`;
  return new ParleyError('service_unavailable', message, { retryable: !again });
}

/** The service has no such model, or none for this account. */
export function unknownModel(model: string): ParleyError {
  const message = `the service does not know the model ${oneLine(model, 80)}, or it is not there for this account: check --live-model`;
  return new UnknownModelError('service_unavailable', message);
}

/** See {@link unknownModel}. */
export class UnknownModelError extends ParleyError {}

/** It was open, and does not answer any more. */
export function deadConnection(): ParleyError {
  const message = 'the Realtime server says nothing any more; connect again';
  return new ParleyError('service_unavailable', message, { retryable: true });
}

/** It was accepted, and the session on it never configured. */
export function neverConfigured(): ParleyError {
  const message =
    'the server accepted the connection but never confirmed the session settings; is it a Realtime server?';
  return new ParleyError('service_unavailable', message, { retryable: true });
}

/** What the server sends cannot be handled: another connection would do no better. */
export function cannotRead(cause: unknown): ParleyError {
  const message = `what the Realtime server sends cannot be handled in this process (${oneLine(messageOf(cause), 200)}): this is no fault of the server or the network; start Parley again, and report it`;
  return new ParleyError('internal', message, { cause });
}

/** Anything thrown while opening. */
export function asParleyError(error: unknown): ParleyError {
  return error instanceof ParleyError
    ? error
    : new ParleyError('internal', `the session could not be opened: ${messageOf(error)}`, { cause: error });
}
