/** What the end of a response means for its turn: a pure decision on `response.done`. */
import { oneLine } from './protocol/one-line.js';
import type { RealtimeResponse } from './protocol/responses.js';
import type { SessionNotice, TurnOutcome } from './session.js';
import { type Turn, translationOf } from './turn-ledger.js';

/** `continue`: the rest of the translation is to be asked for. */
export type ResponseEnd = {
  outcome: TurnOutcome | 'continue';
  detail?: string;
  notice?: Omit<SessionNotice, 'turnId'>;
};

const MAX_DETAIL_CHARS = 300;

/** Judges a finished response. A translation that hit the output limit is continued once, where that is ours to ask for. */
export function conclude(turn: Turn, response: RealtimeResponse, mayContinue: boolean): ResponseEnd {
  const reason = response.status_details?.reason ?? undefined;
  switch (response.status) {
    case 'failed': {
      const error = response.status_details?.error;
      const code = error?.code ?? error?.type ?? undefined;
      const detail = oneLine(error?.message ?? code ?? 'no reason given', MAX_DETAIL_CHARS);
      return {
        outcome: 'failed',
        detail,
        notice: {
          kind: 'response_failed',
          message: `a translation failed: ${detail}`,
          ...(code === undefined ? {} : { code }),
        },
      };
    }
    case 'cancelled':
      return { outcome: 'cancelled', ...(reason === undefined ? {} : { detail: reason }) };
    case 'incomplete': {
      const continued = mayContinue && reason === 'max_output_tokens' && !turn.continued;
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
