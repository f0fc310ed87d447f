/** What the end of a response means for its turn: a pure decision on `response.done`. */
import type { ParleyError } from '../../../errors.js';
import { oneLine } from '../../../text.js';
import type { RealtimeResponse } from '../../protocol/responses.js';
import { isPassing, judgeServerError, waitAskedForMs } from '../../connection/server-errors.js';
import type { SessionNotice, TurnOutcome } from '../../session.js';
import { type Turn, translationOf } from './turn-ledger.js';

/**
 * `continue`: the rest of the translation is to be asked for. `retry`: all of it, once more, after so long. `unusable`: no
 * response will succeed on this connection any more.
 */
type ResponseEnd = { notice?: Omit<SessionNotice, 'turnId'> } & (
  | { outcome: TurnOutcome | 'continue'; detail?: string }
  | { outcome: 'retry'; afterMs: number }
  | { outcome: 'unusable'; error: ParleyError }
);

const MAX_DETAIL_CHARS = 300;
/** Before a failed response is asked for again, unless the server says how long. */
const RETRY_AFTER_MS = 1_000;
/** A translation that is later than this is of no use any more. */
const LONGEST_RETRY_MS = 10_000;

/** Judges a finished response. `mayAsk`: what is missing is ours to ask for. */
export function conclude(turn: Turn, response: RealtimeResponse, mayAsk: boolean): ResponseEnd {
  const reason = response.status_details?.reason ?? undefined;
  switch (response.status) {
    case 'failed':
      return concludeFailed(turn, response, mayAsk);
    case 'cancelled':
      return { outcome: 'cancelled', ...(reason === undefined ? {} : { detail: reason }) };
    case 'incomplete': {
      const continued = mayAsk && reason === 'max_output_tokens' && !turn.continued;
      const message = continued
        ? 'a translation reached the output limit and is being continued'
        : `a translation was cut off by the server: ${reason ?? 'no reason given'}`;
      return {
        outcome: continued ? 'continue' : 'incomplete',
        ...(reason === undefined ? {} : { detail: reason }),
        notice: {
          kind: 'response_incomplete',
          message: oneLine(message, MAX_DETAIL_CHARS),
          ...(reason === undefined ? {} : { code: reason }),
        },
      };
    }
    default:
      return { outcome: turn.spoke || translationOf(turn) !== '' ? 'completed' : 'empty' };
  }
}

/** A failure that passes is tried again once, where nothing was heard of it: nothing is said twice. */
function concludeFailed(turn: Turn, response: RealtimeResponse, mayAsk: boolean): ResponseEnd {
  const error = response.status_details?.error;
  const code = error?.code ?? error?.type ?? undefined;
  const detail = oneLine(error?.message ?? code ?? 'no reason given', MAX_DETAIL_CHARS);
  const ofCode = code === undefined ? {} : { code };
  const judged = { type: error?.type ?? '', code: error?.code ?? undefined };
  const verdict = judgeServerError({ ...judged, message: detail });
  if (verdict.kind === 'fatal') return { outcome: 'unusable', error: verdict.error };
  const waitMs = waitAskedForMs(detail) ?? RETRY_AFTER_MS;
  const passing = code === undefined || isPassing(judged);
  if (mayAsk && passing && waitMs <= LONGEST_RETRY_MS && !turn.retried && !turn.continued && !turn.spoke) {
    const afterMs = Math.max(waitMs, RETRY_AFTER_MS);
    const message = `a translation failed and is asked for again: ${detail}`;
    return { outcome: 'retry', afterMs, notice: { kind: 'response_retried', message, ...ofCode } };
  }
  const message = `a translation failed: ${detail}`;
  return { outcome: 'failed', detail, notice: { kind: 'response_failed', message, ...ofCode } };
}
