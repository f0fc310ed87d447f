/** What becomes of the calls of a response: pure decisions on a turn. */
import type { RealtimeResponse } from '../../protocol/responses.js';
import type { GatheredCall } from './gathered-calls.js';
import type { MadeCall, Turn } from './turn-ledger.js';

/** Responses of one turn that may make calls; the one after them may not. */
export const MAX_STEPS = 5;
/** Calls of one response that are made. */
const MAX_CALLS = 16;

const CUT_OFF = 'The call was not made: it was cut off by the output limit.';
const TOO_MANY_CALLS = `The call was not made: at most ${MAX_CALLS} are made at a time.`;
const TOO_MANY_STEPS =
  'The call was not made: too many calls were made before it. Answer with what is known.';
const INTERRUPTED = 'The call was not made: the answer was interrupted.';

/** How the response ended that made them. `completed`: they are made. */
export type CallingEnd = 'completed' | 'cut off' | 'interrupted';

/** How a response with this status ended, as far as its calls go. */
export function callingEnd(status: RealtimeResponse['status']): CallingEnd {
  if (status === 'incomplete') return 'cut off';
  return status === 'cancelled' || status === 'failed' ? 'interrupted' : 'completed';
}

/** The calls as they are to be remembered with their turn: those that are not made have their output already. */
export function madeCalls(turn: Turn, calls: readonly GatheredCall[], end: CallingEnd): readonly MadeCall[] {
  return calls.map((call, index) => ({
    turnId: turn.turnId,
    callId: call.callId,
    name: call.name,
    arguments: call.arguments,
    output: refusal(turn, call, index, end),
    sent: false,
  }));
}

function refusal(turn: Turn, call: GatheredCall, index: number, end: CallingEnd): string | undefined {
  if (end === 'interrupted') return INTERRUPTED;
  if (end === 'cut off' || !call.complete) return CUT_OFF;
  if (turn.steps > MAX_STEPS) return TOO_MANY_STEPS;
  return index >= MAX_CALLS ? TOO_MANY_CALLS : undefined;
}
