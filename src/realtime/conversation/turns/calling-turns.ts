import type { RealtimeResponse } from '../../protocol/responses.js';
import type { TurnOutcome } from '../../session.js';
import { callingEnd, madeCalls, MAX_STEPS } from './call-answers.js';
import type { ConversationHistory } from './conversation-history.js';
import type { GatheredCall } from './gathered-calls.js';
import type { MadeCall, Turn, TurnLedger } from './turn-ledger.js';
import type { TurnTakingOptions } from './turn-taking-options.js';

/** Whom they tell. */
type CallingTurnsHandlers = {
  /** A turn is over. */
  finish(turn: Turn, outcome: TurnOutcome, detail?: string): void;
  /** The rest of an answer may be asked for. */
  askNext(): void;
};

/**
 * The turns of one connection whose responses made calls: the calls are told, each output is sent once, and the turn goes on when all
 * of them are there.
 */
export class CallingTurns {
  readonly #options: TurnTakingOptions;
  readonly #turns: TurnLedger;
  readonly #context: ConversationHistory;
  readonly #handlers: CallingTurnsHandlers;
  #outputNumber = 0;

  constructor(
    options: TurnTakingOptions,
    turns: TurnLedger,
    context: ConversationHistory,
    handlers: CallingTurnsHandlers,
  ) {
    this.#options = options;
    this.#turns = turns;
    this.#context = context;
    this.#handlers = handlers;
  }

  /**
   * Takes the calls of a response that is done. Returns false where they are not made, and the response is to be judged as any
   * other: those that were written to their end have their output then.
   */
  take(turn: Turn, gathered: readonly GatheredCall[], status: RealtimeResponse['status']): boolean {
    if (gathered.length === 0) return false;
    const end = turn.unwanted ? 'interrupted' : callingEnd(status);
    if (end === 'interrupted') {
      const written = gathered.filter(({ complete }) => complete);
      this.#sendOutputs(turn, madeCalls(turn, written, end));
      return false;
    }
    turn.steps++;
    const calls = madeCalls(turn, gathered, end);
    this.#turns.waitForCalls(turn, calls);
    const open = calls.filter(({ output }) => output === undefined);
    if (open.length > 0) {
      this.#options.events.emit('toolCalls', {
        turnId: turn.turnId,
        step: turn.steps,
        calls: open.map(({ callId, name, arguments: text }) => ({ callId, name, arguments: text })),
      });
    } else {
      this.#goOn(turn);
    }
    return true;
  }

  /** See SessionTools.answerCall. */
  answer(turnId: string, callId: string, output: string): boolean {
    for (const turn of this.#turns.calling) {
      const call = turn.calls.find((made) => made.turnId === turnId && made.callId === callId);
      if (call === undefined || call.output !== undefined) continue;
      call.output = output;
      this.#goOn(turn);
      return true;
    }
    return false;
  }

  /** A turn goes on here whose calls were made on a connection that is gone: the server is told of them. */
  resume(turn: Turn, calls: readonly MadeCall[]): void {
    this.#turns.waitForCalls(turn, []);
    for (const [index, call] of calls.entries()) {
      const { callId: call_id, name, arguments: text } = call;
      const id = `${turn.itemId}_${index + 1}`;
      const item = { id, type: 'function_call', call_id, name, arguments: text } as const;
      this.#options.send({ type: 'conversation.item.create', item });
      this.#context.made(turn, id);
      turn.calls.push({ ...call, sent: false });
    }
    this.#goOn(turn);
  }

  /** Goes on with a turn once all that it called is answered. */
  #goOn(turn: Turn): void {
    if (turn.phase !== 'calling' || turn.calls.some(({ output }) => output === undefined)) return;
    this.#sendOutputs(turn, turn.calls);
    if (turn.unwanted) this.#handlers.finish(turn, 'cancelled');
    else if (turn.steps > MAX_STEPS) this.#handlers.finish(turn, 'incomplete', 'too many calls');
    else this.#turns.callsAnswered(turn);
    this.#handlers.askNext();
  }

  #sendOutputs(turn: Turn, calls: readonly MadeCall[]): void {
    for (const call of calls) {
      if (call.sent || call.output === undefined) continue;
      call.sent = true;
      const id = `output_${++this.#outputNumber}`;
      const item = { id, type: 'function_call_output', call_id: call.callId, output: call.output } as const;
      this.#options.send({ type: 'conversation.item.create', item });
      this.#context.made(turn, id);
    }
  }
}
