/** How a meeting's end is told to whoever asked for the bot. Pure. */
import type { StayEnd } from '../bot/stay-watch.js';
import { EXIT_CODES, type ParleyError } from '../errors.js';
import type { LeaveReason } from '../room/room.js';
import { EXIT_FENCED, type EndReason, type MeetingEnd } from './protocol.js';

/** VideoSDK's: there is no such meeting; somebody is there under our id. */
const NO_SUCH_MEETING = 4003;
const ID_IN_USE = 4005;

/** How a stay went. */
export type Stay = {
  /** Why the room was left, where there was one. */
  readonly reason: LeaveReason | undefined;
  readonly askedBy?: StayEnd['askedBy'];
  readonly error: ParleyError | undefined;
  /** The meeting was joined. */
  readonly wasActive: boolean;
  /** Somebody else than an interpreter was there. */
  readonly anybodyCame: boolean;
};

/** What a stay comes to. With `retry` the meeting is not over: another process may try. */
export function endOf(stay: Stay): MeetingEnd {
  const { reason, error, wasActive } = stay;
  if (reason?.kind === 'duplicate')
    return { reason: 'fenced', exitCode: EXIT_FENCED, message: reason.message };
  const message = error?.message ?? reason?.message;
  const said = message === undefined ? {} : { message };
  if (error === undefined) return { reason: goodEnd(stay), exitCode: 0, ...said };
  const mayHelp = error.retryable || reason?.code === ID_IN_USE;
  return {
    reason: failureOf(stay, error),
    exitCode: EXIT_CODES[error.code],
    failure: { code: error.code, message: error.message },
    ...said,
    ...(mayHelp && !wasActive ? { retry: true as const } : {}),
  };
}

function goodEnd({ reason, askedBy = 'asked', anybodyCame }: Stay): EndReason {
  if (reason?.kind === 'removed') return 'removed';
  if (reason?.kind === 'room_closed') return 'meeting_ended';
  return askedBy === 'empty' && !anybodyCame ? 'no_one_joined' : askedBy;
}

function failureOf({ reason, wasActive }: Stay, { code }: ParleyError): EndReason {
  if (reason?.code === NO_SUCH_MEETING) return 'meeting_not_found';
  if (code === 'key_refused') return 'key_refused';
  if (reason?.kind === 'denied') return 'denied';
  if (code === 'usage' || code === 'config') return 'misconfigured';
  if (reason?.kind === 'refused') return 'denied';
  return wasActive || reason === undefined ? 'line_lost' : 'join_timeout';
}
