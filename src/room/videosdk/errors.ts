/**
 * VideoSDK's errors by number, in the terms of this project. Numbers are those of the SDK's enum (1.1.1); its names
 * carry misspellings. 3xxx happens on this machine, 4xxx is a refusal by the server, 5xxx something that stopped.
 */
import { ParleyError, type ParleyErrorCode } from '../../errors.js';
import type { LeaveReason } from '../room.js';
import type { InitConfigFailure } from './https-fetch.js';
import type { SdkReason } from './sdk-types.js';
import { oneLine } from '../../text.js';
import { errorOfLeaving, type JoinFailure, lostJoin } from '../sdk/join-failure.js';

/** What can be done about an error: try again, nothing, or wait until an account or a room has room again. */
type ErrorClass = 'retry' | 'fatal' | 'quota';

/** 4009 and 4010: participants and speakers at once; 4026, 4027, 4041: limits of the organisation. */
const QUOTA = new Set([4009, 4010, 4026, 4027, 4041]);

const ADVICE: ReadonlyMap<number, readonly [code: ParleyErrorCode, advice: string]> = new Map([
  [4001, ['key_refused', 'VideoSDK does not know the API key; check VIDEOSDK_API_KEY and its secret']],
  [4002, ['key_refused', 'VideoSDK refused the token: it is wrong or has expired; make a new one']],
  [4003, ['usage', 'VideoSDK knows no such meeting; check the meeting id, or create a room first']],
  [4004, ['usage', 'VideoSDK refused the participant id']],
  [4005, ['usage', 'somebody is in the meeting with the same participant id']],
  [4006, ['key_refused', 'the VideoSDK account is blocked']],
  [4007, ['key_refused', 'the VideoSDK account is discontinued']],
  [4008, ['key_refused', "the token's permissions do not fit together; it needs allow_join alone"]],
  [4022, ['key_refused', 'the token is for another meeting; make one for this meeting id']],
  [4023, ['key_refused', 'the token is for another participant; make one for this participant id']],
  [4024, ['key_refused', 'the token has no role to join with; it needs the role rtc']],
  [4025, ['key_refused', 'VideoSDK refused the request']],
  [4052, ['usage', 'the meeting is disabled']],
  [4053, ['key_refused', 'the API key is deactivated']],
]);

/** What can be done about `code`. A code that is not known is judged by its range. */
export function classify(code: number): ErrorClass {
  if (QUOTA.has(code)) return 'quota';
  return code >= 4000 && code < 5000 ? 'fatal' : 'retry';
}

/** A join that was refused with one of VideoSDK's codes. */
export function refusedJoin(code: number, message: string | undefined): JoinFailure {
  const kind = classify(code);
  if (kind === 'retry') {
    return lostJoin(`the meeting could not be joined (VideoSDK ${code}${said(message)}); try again`, code);
  }
  if (kind === 'quota') {
    const text = `a limit of the VideoSDK account or room is reached (${code}${said(message)}); free a place or try later`;
    return {
      reason: { kind: 'refused', code, message: text },
      error: new ParleyError('service_unavailable', text, { retryable: true }),
    };
  }
  const [errorCode, advice] = ADVICE.get(code) ?? ['service_unavailable', 'VideoSDK refused to let us join'];
  const text = `${advice} (${code}${said(message)})`;
  return { reason: { kind: 'refused', code, message: text }, error: new ParleyError(errorCode, text) };
}

/** What the first request of a join met, each with its own advice. */
export function initConfigFailed(failure: InitConfigFailure): JoinFailure {
  const { host } = failure;
  switch (failure.kind) {
    case 'unreachable':
      return lostJoin(
        failure.proxyProblem === undefined
          ? `${host} cannot be reached (${failure.code}); check the network and the signalling address`
          : `${host} cannot be reached: ${failure.proxyProblem}`,
        undefined,
        failure,
      );
    case 'distrusted': {
      const text = `the certificate of ${host} is not trusted (${failure.code}); check the address, or give its CA`;
      return {
        reason: { kind: 'refused', message: text },
        error: new ParleyError('service_unavailable', text, { cause: failure }),
      };
    }
    case 'garbled': {
      const text = `the answer of ${host} ${failure.problem}; is it a VideoSDK signalling server?`;
      return {
        reason: { kind: 'refused', message: text },
        error: new ParleyError('protocol', text, { cause: failure }),
      };
    }
    case 'refused': {
      if (failure.code !== undefined) return refusedJoin(failure.code, failure.message);
      const text = `${host} answered with status ${failure.status}${said(failure.message)}`;
      if (failure.status === 401 || failure.status === 403) {
        return {
          reason: { kind: 'refused', message: text },
          error: new ParleyError('key_refused', `${text}; check the token`),
        };
      }
      const retryable = failure.status === 429 || failure.status >= 500;
      return retryable
        ? lostJoin(`${text}; try again`)
        : {
            reason: { kind: 'refused', message: text },
            error: new ParleyError('service_unavailable', text),
          };
    }
  }
}

/** Leave codes of the SDK (videosdk.js line 3313). */
const LEAVE_KINDS: ReadonlyMap<number, LeaveReason['kind']> = new Map([
  [1002, 'removed'],
  [1003, 'removed'], // the viewer mode was changed
  [1004, 'removed'], // the media relay was stopped
  [1005, 'asked'], // went to another room
  [1006, 'room_closed'],
  [1008, 'removed'], // all were removed
  [1009, 'room_closed'], // ended by the API
  [1010, 'removed'], // by the API
  [1011, 'duplicate'],
  [1101, 'asked'],
  [4005, 'duplicate'],
]);

/** Why somebody, or we, are not in the room any more. Undefined when nothing was said. */
export function leaveReasonOf(reason: SdkReason | undefined): LeaveReason | undefined {
  if (reason === undefined) return undefined;
  const message = typeof reason.message === 'string' ? oneLine(reason.message, 200) : '';
  if (typeof reason.code !== 'number') return message === '' ? undefined : { kind: 'lost', message };
  const code = reason.code;
  // The client says this on its way out; the server may pass it on under the code of a closed socket.
  const asked = message === 'MANUAL_LEAVE_CALLED';
  const kind = asked ? 'asked' : (LEAVE_KINDS.get(code) ?? (classify(code) === 'retry' ? 'lost' : 'refused'));
  return { kind, code, message: message === '' ? `VideoSDK ${code}` : message };
}

/** A stay that ended before it began. */
export function failureOfLeaving(reason: LeaveReason): JoinFailure {
  const { code, message } = reason;
  if (reason.kind === 'refused' && code !== undefined) return refusedJoin(code, message);
  if (reason.kind === 'lost') return lostJoin(`the meeting could not be joined: ${message}; try again`, code);
  return {
    reason,
    error:
      errorOfLeaving(reason, 'VideoSDK') ??
      new ParleyError('service_unavailable', `the meeting did not take us: ${message}`),
  };
}

function said(message: string | undefined): string {
  return message === undefined || message === '' ? '' : `: ${oneLine(message, 200)}`;
}
