import { BoundedMap } from '../../../bounded-map.js';
import type { TimerHandle } from '../../../clock.js';
import { MAX_STEPS } from './call-answers.js';
import type { UserMessage } from '../../session-tools.js';
import { messageItem, userMessage } from './message-item.js';
import type { Turn, TurnLedger } from './turn-ledger.js';
import type { TurnTakingOptions } from './turn-taking-options.js';

/** How long to wait for another response to end that the server says is running, when its end is never announced. */
const BLOCKED_RETRY_MS = 1_000;
/** A request that is refused for that reason for this long is given up. */
const BLOCKED_TIMEOUT_MS = 30_000;

const CONTINUE_INSTRUCTIONS =
  'Your last translation was cut off by the output limit. Say only its missing rest, starting exactly where it stopped.';

/** Messages with sound that the server may still refuse. */
const REMEMBERED_MESSAGES = 16;

/** Whom asking tells. */
type ResponseRequesterHandlers = {
  /** A request is about to go out. Returns whether the conversation holds nothing of turns that are over but texts. */
  responseRequester(): boolean;
  /** The items of a turn that made calls, oldest first. */
  itemsOf(turn: Turn): readonly string[];
  /** A request went out. */
  asked(): void;
  /** The server will not translate this turn. */
  refused(turn: Turn, why: string): void;
};

/**
 * Which turn is asked to be translated next, and how: one request at a time, in the order of the commits. Asks for nothing
 * where the server responds by itself.
 */
export class ResponseRequester {
  readonly #options: TurnTakingOptions;
  readonly #turns: TurnLedger;
  readonly #handlers: ResponseRequesterHandlers;
  #held = false;
  #blocked: TimerHandle | undefined;
  #paused: TimerHandle | undefined;
  #unansweredBehind = false;
  /** Messages that were sent with their sound, by the event that did. */
  readonly #withSound = new BoundedMap<Turn>(REMEMBERED_MESSAGES);
  #takesSound = true;
  #closed = false;

  constructor(options: TurnTakingOptions, turns: TurnLedger, handlers: ResponseRequesterHandlers) {
    this.#options = options;
    this.#turns = turns;
    this.#handlers = handlers;
  }

  /** While held, nothing further is asked for. */
  hold(held: boolean): void {
    this.#held = held;
    this.askNext();
  }

  /** A turn of this conversation stays without an answer. */
  noteUnanswered(): void {
    this.#unansweredBehind = true;
  }

  /** A response has ended: if it was in the way, it is no more. */
  unblock(): void {
    this.#blocked?.cancel();
    this.#blocked = undefined;
    this.askNext();
  }

  /** Asks for nothing for so long: the server wants to be left alone. */
  pause(durationMs: number): void {
    this.#paused?.cancel();
    this.#paused = this.#options.clock.setTimer(() => {
      this.#paused = undefined;
      this.askNext();
    }, durationMs);
  }

  close(): void {
    this.#closed = true;
    this.#blocked?.cancel();
    this.#paused?.cancel();
  }

  /** Asks for the translation of the turn that was committed first, unless one is running. */
  askNext(): void {
    const { responses, send, instructions, clock, betweenResponses } = this.#options;
    if (this.#closed || this.#turns.active !== undefined) return;
    betweenResponses();
    if (responses === 'server' || this.#held) return;
    if (this.#blocked !== undefined || this.#paused !== undefined) return;
    const turn = this.#turns.next();
    if (turn === undefined) return;
    turn.phase = 'responding';
    if (this.#handlers.responseRequester()) this.#unansweredBehind = false;
    turn.askedSinceMs ??= clock.nowMs();
    if (turn.unsent && turn.message !== undefined) this.#sendMessage(turn, turn.message);
    const createEventId = send({
      type: 'response.create',
      response: {
        metadata: { turn: turn.itemId },
        ...(turn.continued ? { instructions: `${instructions()}\n\n${CONTINUE_INSTRUCTIONS}` } : {}),
        ...(turn.steps >= MAX_STEPS ? { tool_choice: 'none' } : {}),
        ...(turn.text !== undefined || turn.retried || this.#mustBeNamed()
          ? { input: inputOf(turn, this.#handlers.itemsOf(turn)) }
          : {}),
      },
    });
    this.#turns.active = { turn, createEventId, responseId: undefined };
    this.#handlers.asked();
  }

  /**
   * See TurnTaking.soundRefused. Returns the turn, where it was that: what is answered meanwhile is not its answer, and it is asked for
   * anew.
   */
  soundRefused(eventId: string): Turn | undefined {
    const turn = this.#withSound.get(eventId);
    if (turn === undefined) return undefined;
    this.#takesSound = false;
    if (turn.phase !== 'responding') return undefined;
    turn.refusedSound = true;
    return turn;
  }

  /** What was answered was not this turn: its message is sent without sound, and it is asked for once more. */
  again(turn: Turn): void {
    turn.refusedSound = false;
    turn.unsent = true;
    turn.parts.length = 0;
    this.#turns.putBack(turn);
  }

  /** See TurnTaking.responseRefused. */
  refused(eventId: string | undefined, code: string | undefined, message: string): void {
    const { clock } = this.#options;
    const { active } = this.#turns;
    if (active?.responseId !== undefined || active?.createEventId === undefined) return;
    if (eventId !== undefined && eventId !== active.createEventId) return;
    const { turn } = active;
    this.#turns.active = undefined;
    if (turn.refusedSound) {
      this.again(turn);
      this.askNext();
      return;
    }
    const askedForMs = clock.nowMs() - (turn.askedSinceMs ?? clock.nowMs());
    if (code === 'conversation_already_has_active_response' && askedForMs < BLOCKED_TIMEOUT_MS) {
      this.#turns.putBack(turn);
      this.#blocked ??= clock.setTimer(() => {
        this.unblock();
      }, BLOCKED_RETRY_MS);
    } else {
      this.#handlers.refused(turn, message);
      this.askNext();
    }
  }

  #sendMessage(turn: Turn, message: UserMessage): void {
    const { send } = this.#options;
    const sound = this.#takesSound ? message.sound : undefined;
    turn.unsent = false;
    const item = messageItem(turn.itemId, { text: message.text, sound });
    const eventId = send({ type: 'conversation.item.create', item });
    if (sound !== undefined) this.#withSound.set(eventId, turn);
  }

  /**
   * A plain response answers the end of the conversation. Where other turns are unanswered too, or one may be committed
   * before the request arrives, the turn is named.
   */
  #mustBeNamed(): boolean {
    const { waitingCount, openCount, goesOn } = this.#turns;
    return waitingCount > 0 || openCount > 0 || goesOn || this.#unansweredBehind;
  }
}

/** The turn, and what was said of its translation before, and called. */
function inputOf(turn: Turn, made: readonly string[]) {
  const reference = (id: string) => ({ type: 'item_reference' as const, id });
  const ids = turn.calls.length > 0 ? made : new Set(turn.parts.map((part) => part.itemId));
  const spoken = [...ids].map(reference);
  return [turn.text === undefined ? reference(turn.itemId) : userMessage(turn.text), ...spoken];
}
