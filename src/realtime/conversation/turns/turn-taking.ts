import { ResponseReceiver } from './response-receiver.js';
import { ConversationHistory, type PastTurn } from './conversation-history.js';
import { InputTurns } from './input-turns.js';
import type { RealtimeServerEvent } from '../../protocol/server-events.js';
import type { CutItem } from '../../session.js';
import type { AsideCall, AskedAside, UserMessage } from '../../session-tools.js';
import { Asides } from './asides.js';
import { messageItem } from './message-item.js';
import { type CallingTurn, type Turn, TurnLedger } from './turn-ledger.js';
import type { TurnTakingOptions } from './turn-taking-options.js';

/** In place of what somebody said whose turn made calls, where the connection was lost before it was transcribed. */
const NOT_TRANSCRIBED = '(speech that was not transcribed)';

/** What a connection leaves behind for the one that follows it. */
export type CarryOver = {
  /** The turns that are over, oldest first. */
  readonly past: readonly PastTurn[];
  /**
   * The meeting's time up to which all that was said is answered, or was being answered aloud; what was said later has had
   * no answer. `-Infinity` before the first answer.
   */
  readonly answeredUntilMs: number;
  /** Where the first speech began that has had no answer; `Infinity` without one. */
  readonly unansweredFromMs: number;
  /** Texts of ours that were to be spoken, and were not. */
  readonly unspoken: readonly string[];
  /** What was written to us, and was not answered. */
  readonly unread: readonly UserMessage[];
  /** Turns that made calls, and whose answer was not heard. */
  readonly calling: readonly CallingTurn[];
};

/**
 * Turns and their translations on one connection: what the server hears becomes turns (input-turns.ts), each committed turn is asked
 * to be translated, strictly in order and one at a time, and what comes back is handed on by item (response-receiver.ts).
 */
export class TurnTaking {
  readonly #turns = new TurnLedger();
  readonly #inputTurns: InputTurns;
  readonly #responseReceiver: ResponseReceiver;
  readonly #context: ConversationHistory;
  readonly #asides: Asides;
  readonly #options: TurnTakingOptions;
  #textNumber = 0;
  #messageNumber = 0;

  constructor(options: TurnTakingOptions) {
    this.#context = new ConversationHistory({
      transcribes: options.transcribes,
      send: options.send,
      onDeleted: () => {
        options.counters.itemsDeleted++;
      },
      onUnsupported: (message) => {
        options.events.emit('notice', { kind: 'server_error', message });
      },
    });
    const responseReceiver = new ResponseReceiver(options, this.#turns, this.#context);
    this.#responseReceiver = responseReceiver;
    this.#options = options;
    this.#asides = new Asides(options);
    this.#inputTurns = new InputTurns(options, this.#turns, {
      committed: () => {
        responseReceiver.turnCommitted();
      },
      lost: (turn, why) => {
        responseReceiver.finish(turn, 'failed', why);
      },
    });
  }

  /** The server hears speech that it has not committed. */
  get turnOpen(): boolean {
    return this.#turns.openCount > 0 || this.#turns.goesOn;
  }

  /** A response is asked for or running. */
  get responding(): boolean {
    return this.#turns.active !== undefined || this.#responseReceiver.running;
  }

  /** What was said in the last turn is still to come. */
  get awaitsTranscript(): boolean {
    return this.#inputTurns.awaitsTranscript;
  }

  /** No turn is open, waiting or being translated. */
  get idle(): boolean {
    return this.#turns.idle && !this.#responseReceiver.running;
  }

  /** Something has been spoken on this connection. */
  get hasSpoken(): boolean {
    return this.#responseReceiver.hasSpoken;
  }

  /** The client commits, with this event, what was written so far of speech that goes on. */
  committedByHand(eventId: string): void {
    this.#inputTurns.committedByHand(eventId);
  }

  /** The server refused an event; ignored unless it is a commit by hand. */
  commitRefused(eventId: string): void {
    this.#inputTurns.commitRefused(eventId);
  }

  /** See InterpretingSession.speak. */
  speak(text: string): void {
    const { keyPrefix, clock, events } = this.#options;
    const id = `text_${++this.#textNumber}`;
    const atMs = clock.nowMs();
    const turn = this.#turns.open(id, `${keyPrefix}/${id}`, atMs, text);
    this.#turns.commit(turn);
    events.emit('turnCommitted', { turnId: turn.turnId, startMs: atMs, endMs: atMs });
    this.#responseReceiver.turnCommitted();
  }

  /** See SessionTools.sendMessage. */
  sendMessage(message: UserMessage): void {
    this.#turns.commit(this.#openMessage(message));
    this.#responseReceiver.turnCommitted();
  }

  /** See SessionTools.callsFor. Undefined where the turn was no message, or is over. */
  callsFor(turnId: string, aside: AskedAside): Promise<readonly AsideCall[] | undefined> | undefined {
    const turn = this.#turns.byTurnId(turnId);
    if (turn?.message === undefined || turn.unsent || turn.phase === 'done') return undefined;
    return this.#asides.ask(turn.itemId, aside);
  }

  /** See SessionTools.answerCall. */
  answerCall(turnId: string, callId: string, output: string): boolean {
    return this.#responseReceiver.calls.answer(turnId, callId, output);
  }

  /** Goes on with turns that made calls on another connection. */
  resume(calling: readonly CallingTurn[]): void {
    for (const { sourceText, steps, calls } of calling) {
      const message = { text: sourceText === '' ? NOT_TRANSCRIBED : sourceText };
      const turn = this.#openMessage(message);
      this.#options.send({ type: 'conversation.item.create', item: messageItem(turn.itemId, message) });
      turn.unsent = false;
      turn.steps = steps;
      this.#responseReceiver.calls.resume(turn, calls);
    }
  }

  /** A call was made that is not answered. */
  get awaitsOutputs(): boolean {
    return this.#turns.calling.length > 0;
  }

  /** While held, no further turn is asked to be translated. */
  hold(held: boolean): void {
    this.#responseReceiver.hold(held);
  }

  /** Playback of `item` was cleared. */
  cut(item: CutItem): void {
    this.#responseReceiver.cut(item);
  }

  /** See InterpretingSession.cancelTurn. */
  cancelTurn(turnId: string): void {
    this.#responseReceiver.cancelTurn(turnId);
  }

  /** The server never committed what it heard: gives it up. */
  abandonOpen(): void {
    this.#inputTurns.abandonOpen();
  }

  /** The connection is gone: nothing is sent any more, every item has ended, and every unfinished turn has failed. */
  close(): void {
    this.#asides.close();
    this.#responseReceiver.close();
  }

  /** To be asked before the connection is closed. */
  get leftBehind(): CarryOver {
    return { past: this.#context.past, ...this.#turns.unanswered };
  }

  /** Tells the server what was said on another connection before. */
  seed(past: readonly PastTurn[]): void {
    this.#context.seed(past);
  }

  /** The server refused an event. Returns false unless it was about the past of the conversation. */
  contextRefused(eventId: string): boolean {
    return this.#context.refused(eventId);
  }

  /** Takes one event of the server; those that do not concern turns are ignored. */
  handle(event: RealtimeServerEvent): void {
    if (this.#asides.handle(event)) return;
    if (event.type === 'conversation.item.deleted') this.#context.deleted();
    // A server that answers by itself does so at the end of this speech: the time to tidy up is now.
    if (event.type === 'input_audio_buffer.speech_started' && this.#options.responses === 'server') {
      this.#responseReceiver.tidyUp();
    }
    this.#inputTurns.handle(event);
    this.#responseReceiver.handle(event);
  }

  #openMessage(message: UserMessage): Turn {
    const { keyPrefix, clock, events } = this.#options;
    const id = `message_${++this.#messageNumber}`;
    const atMs = clock.nowMs();
    const turn = this.#turns.open(id, `${keyPrefix}/${id}`, atMs, undefined, message);
    events.emit('turnCommitted', { turnId: turn.turnId, startMs: atMs, endMs: atMs });
    return turn;
  }

  /** The server refused an event. Returns false unless it asked for something beside the conversation. */
  asideRefused(eventId: string): boolean {
    return this.#asides.refused(eventId);
  }

  /** The server refused an event. Returns false unless it was a message with sound: it is sent without. */
  soundRefused(eventId: string): boolean {
    return this.#responseReceiver.soundRefused(eventId);
  }

  /** The server refused the `response.create` with this id (undefined: it did not say which one). Others are ignored. */
  responseRefused(eventId: string | undefined, code: string | undefined, message: string): void {
    this.#responseReceiver.responseRefused(eventId, code, message);
  }
}
