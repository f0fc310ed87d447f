/** Why we are not in a meeting, whatever the service. */
import { ParleyError } from '../../errors.js';
import type { LeaveReason } from '../room.js';

/** Why a join failed, as the room's last state and as the error that `join` rejects with. */
export type JoinFailure = { reason: LeaveReason; error: ParleyError };

/** A join that came to nothing for want of a connection. */
export function lostJoin(text: string, code?: number, cause?: unknown): JoinFailure {
  return {
    reason: { kind: 'lost', message: text, ...(code === undefined ? {} : { code }) },
    error: new ParleyError('service_unavailable', text, { retryable: true, cause }),
  };
}

/** A join that somebody turned down, or that nobody answered. */
export function deniedJoin(text: string, retryable: boolean): JoinFailure {
  return {
    reason: { kind: 'denied', message: text },
    error: new ParleyError('service_unavailable', text, { retryable }),
  };
}

/** The error that goes with being out of the meeting against our will; undefined where that is none. `service` is for people. */
export function errorOfLeaving(reason: LeaveReason, service: string): ParleyError | undefined {
  switch (reason.kind) {
    case 'asked':
    case 'removed':
    case 'room_closed':
      return undefined;
    case 'duplicate':
      return new ParleyError('usage', `another participant joined with our id (${reason.message})`);
    case 'denied':
    case 'refused':
      return new ParleyError('service_unavailable', `${service} ended our stay: ${reason.message}`);
    case 'lost':
      return new ParleyError(
        'service_unavailable',
        `the connection to the meeting was lost: ${reason.message}`,
        {
          retryable: true,
        },
      );
  }
}
