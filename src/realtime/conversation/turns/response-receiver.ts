import { InactivityTimer } from '../../connection/inactivity-timer.js';
import { ResponseRequester } from './response-requester.js';
import type { ConversationHistory } from './conversation-history.js';
import type { RealtimeServerEvent, ServerEventOf } from '../../protocol/server-events.js';
import { BoundedMap } from '../../../bounded-map.js';
import { CallingTurns } from './calling-turns.js';
import { conclude } from './response-end.js';
import { RunningResponses } from './running-responses.js';
import type { CutItem, TurnOutcome } from '../../session.js';
import { OutputAudio } from './output-audio.js';
import { addTranslation, type Turn, type TurnLedger, translationOf } from './turn-ledger.js';
import type { TurnTakingOptions } from './turn-taking-options.js';
import { responseTokens } from '../../usage.js';

/** A response that shows no sign of life for this long is given up, so that the turns behind it are not lost. */
const RESPONSE_TIMEOUT_MS = 30_000;
/** Responses remembered as billed. */
const REMEMBERED_RESPONSES = 64;

type CallEvent = ServerEventOf<
  | 'response.output_item.added'
  | 'response.output_item.done'
  | 'response.function_call_arguments.delta'
  | 'response.function_call_arguments.done'
>;

/**
 * Translations of the turns of one connection: what comes back for each request (response-requester.ts) is handed on by item, and every turn
 * comes to an end, whatever the server does or leaves out.
 * The output side of turn taking.
 */
export class ResponseReceiver {
  readonly #options: TurnTakingOptions;
  readonly #turns: TurnLedger;
  readonly #context: ConversationHistory;
  readonly #responseRequester: ResponseRequester;
  readonly #watchdog: InactivityTimer;
  readonly #spoken: OutputAudio;
  readonly #running: RunningResponses;
  /** Turns that wait for their calls. */
  readonly calls: CallingTurns;
  /** Responses whose usage was told. */
  readonly #ended = new BoundedMap<true>(REMEMBERED_RESPONSES);
  #closed = false;

  constructor(options: TurnTakingOptions, turns: TurnLedger, context: ConversationHistory) {
    this.#options = options;
    this.#turns = turns;
    this.#context = context;
    this.#spoken = new OutputAudio(options);
    this.#running = new RunningResponses(turns, {
      begun: ({ id, turn }) => {
        options.counters.responses++;
        this.#alive();
        if (turn.unwanted) this.#cancel(id);
      },
      released: ({ turn, items }) => {
        for (const item of items) {
          context.made(turn, item.itemId);
          this.#spoken.responseDone(item);
        }
      },
      neverEnded: ({ turn }) => {
        this.finish(turn, 'failed', 'the server never ended its response');
      },
    });
    this.#watchdog = new InactivityTimer({
      clock: options.clock,
      timeoutMs: RESPONSE_TIMEOUT_MS,
      awaited: () => turns.active !== undefined || this.#passedOver,
      onExpired: () => {
        this.#giveUp();
      },
    });
    this.#responseRequester = new ResponseRequester(options, turns, {
      responseRequester: () => {
        this.tidyUp();
        return context.tidy;
      },
      itemsOf: (turn) => context.itemsOf(turn),
      asked: () => {
        this.#alive();
      },
      refused: (turn, why) => {
        this.finish(turn, 'failed', why);
      },
    });
    this.calls = new CallingTurns(options, turns, context, {
      finish: (turn, outcome, detail) => {
        this.finish(turn, outcome, detail);
      },
      askNext: () => {
        this.#responseRequester.askNext();
      },
    });
  }

  /** A response is being received. */
  get running(): boolean {
    return this.#running.size > 0;
  }

  /** Something has been spoken on this connection. */
  get hasSpoken(): boolean {
    return this.#spoken.hasSpoken;
  }

  /** See TurnTaking.hold. */
  hold(held: boolean): void {
    this.#responseRequester.hold(held);
  }

  /** See TurnTaking.cut. */
  cut(item: CutItem): void {
    this.#spoken.cut(item);
  }

  /** See InterpretingSession.cancelTurn. */
  cancelTurn(turnId: string): void {
    const turn = this.#turns.byTurnId(turnId);
    if (turn === undefined || turn.unwanted) return;
    turn.unwanted = true;
    turn.silenced = true;
    if (this.#turns.drop(turn)) this.finish(turn, 'cancelled');
    for (const running of this.#running.all) if (running.turn === turn) this.#cancel(running.id);
  }

  /** See TurnTaking.close. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watchdog.stop();
    this.#spoken.close();
    this.#responseRequester.close();
    const unfinished = new Set<Turn>();
    for (const running of this.#running.all) {
      this.#running.release(running);
      unfinished.add(running.turn);
    }
    if (this.#turns.active !== undefined) unfinished.add(this.#turns.active.turn);
    this.#turns.active = undefined;
    for (let turn = this.#turns.next(); turn !== undefined; turn = this.#turns.next()) unfinished.add(turn);
    for (const turn of [...this.#turns.openTurns(), ...this.#turns.calling]) unfinished.add(turn);
    for (const turn of unfinished)
      this.finish(turn, 'failed', 'the connection ended before its translation did');
  }

  /** Takes what is over out of the conversation. */
  tidyUp(): void {
    if (this.#closed) return;
    for (const itemId of this.#context.tidyUp()) this.#spoken.deleted(itemId);
  }

  /** One more turn waits. */
  turnCommitted(): void {
    const { responses } = this.#options;
    if (responses === 'none') {
      const turn = this.#turns.next();
      if (turn !== undefined) this.finish(turn, 'empty');
      return;
    }
    if (responses === 'server') this.#alive();
    this.#responseRequester.askNext();
  }

  /** Takes one event of the server; those that do not concern responses are ignored. */
  handle(event: RealtimeServerEvent): void {
    switch (event.type) {
      case 'response.created':
        return this.#onResponseCreated(event);
      case 'response.output_audio.delta':
        return this.#onAudio(event);
      case 'response.output_audio.done':
        return this.#spoken.itemDone(event.item_id);
      case 'response.output_audio_transcript.delta':
      case 'response.output_text.delta':
        return this.#onTranslatedText(event, event.delta, false);
      case 'response.output_audio_transcript.done':
        return this.#onTranslatedText(event, event.transcript, true);
      case 'response.output_text.done':
        return this.#onTranslatedText(event, event.text, true);
      case 'response.output_item.added':
      case 'response.output_item.done':
      case 'response.function_call_arguments.delta':
      case 'response.function_call_arguments.done':
        return this.#onCall(event);
      case 'response.done':
        return this.#onResponseDone(event);
      default:
        return;
    }
  }

  /** See TurnTaking.responseRefused. */
  responseRefused(eventId: string | undefined, code: string | undefined, message: string): void {
    this.#responseRequester.refused(eventId, code, message);
  }

  /** See TurnTaking.soundRefused. */
  soundRefused(eventId: string): boolean {
    const turn = this.#responseRequester.soundRefused(eventId);
    if (turn === undefined) return false;
    for (const running of this.#running.all) if (running.turn === turn) this.#cancel(running.id);
    return true;
  }

  /** The turn is over. Tells its last words and how it ended. */
  finish(turn: Turn, outcome: TurnOutcome, detail?: string): void {
    const { events } = this.#options;
    if (outcome === 'failed') this.#responseRequester.noteUnanswered();
    if (this.#options.responses !== 'none') this.#context.finished(turn);
    this.#turns.finish(turn);
    const text = translationOf(turn);
    if (text !== '') events.emit('translationTranscript', { turnId: turn.turnId, text, final: true });
    events.emit('turnDone', {
      turnId: turn.turnId,
      outcome,
      ...(detail === undefined ? {} : { detail }),
    });
  }

  #onResponseCreated(event: ServerEventOf<'response.created'>): void {
    const { id, metadata } = event.response;
    if (this.#running.isKnown(id)) return;
    const asked = metadata?.['turn'];
    if (this.#options.responses === 'server') {
      const turn = this.#takeNewest();
      if (turn !== undefined) {
        turn.phase = 'responding';
        this.#turns.active = { turn, createEventId: undefined, responseId: id };
        this.#running.begin(id, turn);
        return;
      }
    } else {
      const { active } = this.#turns;
      if (active !== undefined && active.responseId === undefined) {
        if (asked === undefined || asked === active.turn.itemId) {
          active.responseId = id;
          this.#running.begin(id, active.turn);
          if (active.turn.refusedSound) this.#cancel(id);
          return;
        }
      }
    }
    this.#running.ignore(id); // not asked for by us, or given up: it is in the way of the next one
    if (asked !== undefined && this.#turns.get(asked)?.phase === 'done') this.#cancel(id);
  }

  #onAudio(event: ServerEventOf<'response.output_audio.delta'>): void {
    const running = this.#running.of(event.response_id);
    if (running === undefined) {
      this.#options.counters.lateDeltas++;
      return;
    }
    this.#alive();
    this.#spoken.audio(event, running.turn, running.items);
  }

  #onTranslatedText(
    event: { response_id: string; item_id: string; content_index: number },
    text: string,
    final: boolean,
  ): void {
    const turn = this.#running.of(event.response_id)?.turn;
    if (turn === undefined) return;
    this.#alive();
    if (!addTranslation(turn, event, text, final)) return;
    this.#options.events.emit('translationTranscript', {
      turnId: turn.turnId,
      text: translationOf(turn),
      final: false,
    });
  }

  #onResponseDone(event: ServerEventOf<'response.done'>): void {
    const { response } = event;
    const running = this.#running.of(response.id);
    if (response.usage != null && !this.#ended.has(response.id)) {
      this.#ended.set(response.id, true);
      this.#options.events.emit('usage', { kind: 'response', tokens: responseTokens(response.usage) });
    }
    this.#running.ignore(response.id);
    if (running !== undefined) {
      for (const { id } of response.output ?? []) this.#context.made(running.turn, id);
      this.#running.release(running);
      if (this.#turns.active?.responseId === response.id) this.#turns.active = undefined;
      const calls = this.#options.hasTools ? running.calls.all(response.output) : [];
      if (running.turn.refusedSound) this.#responseRequester.again(running.turn);
      else if (!this.calls.take(running.turn, calls, response.status)) this.#conclude(running.turn, response);
    }
    this.#responseRequester.unblock();
  }

  #onCall(event: CallEvent): void {
    if (!this.#options.hasTools) return;
    const running = this.#running.of(event.response_id);
    if (running === undefined) return;
    this.#alive();
    running.calls.take(event);
  }

  #conclude(turn: Turn, response: ServerEventOf<'response.done'>['response']): void {
    const { counters, events, responses } = this.#options;
    if (turn.unwanted) {
      this.finish(turn, 'cancelled');
      return;
    }
    const end = conclude(turn, response, responses === 'client');
    if (end.notice !== undefined) events.emit('notice', { ...end.notice, turnId: turn.turnId });
    switch (end.outcome) {
      case 'continue':
        turn.continued = true;
        counters.continuations++;
        this.#turns.putBack(turn);
        return;
      case 'retry':
        turn.retried = true;
        turn.parts.length = 0;
        counters.responsesRetried++;
        this.#turns.putBack(turn);
        this.#responseRequester.pause(end.afterMs);
        return;
      case 'unusable':
        this.finish(turn, 'failed', end.error.message);
        this.#options.onUnusable(end.error);
        return;
      default:
        this.finish(turn, end.outcome, end.detail);
    }
  }

  #cancel(response_id: string): void {
    this.#options.send({ type: 'response.cancel', response_id });
  }

  /** The server answers the newest turn; older ones that still wait will get no answer of their own. */
  #takeNewest(): Turn | undefined {
    let newest: Turn | undefined;
    for (let turn = this.#turns.next(); turn !== undefined; turn = this.#turns.next()) {
      if (newest !== undefined) this.finish(newest, 'failed', 'the server made no response for it');
      newest = turn;
    }
    return newest;
  }

  /** Something that a response was waited for came: its request, or a sign of life. */
  #alive(): void {
    if (!this.#closed) this.#watchdog.noteActivity();
  }

  /** The server passes over a turn that it was to answer by itself. */
  get #passedOver(): boolean {
    return this.#options.responses === 'server' && this.#turns.waitingCount > 0;
  }

  #giveUp(): void {
    const { active } = this.#turns;
    this.#turns.active = undefined;
    if (active !== undefined) this.#abandon(active.turn, active.responseId);
    const passedOver = this.#passedOver ? this.#takeNewest() : undefined;
    if (passedOver !== undefined) this.#abandon(passedOver, undefined);
    this.#responseRequester.askNext();
  }

  #abandon(turn: Turn, responseId: string | undefined): void {
    const running = responseId === undefined ? undefined : this.#running.get(responseId);
    if (running !== undefined) {
      this.#cancel(running.id);
      this.#running.release(running);
    }
    this.#options.events.emit('notice', {
      kind: 'turn_abandoned',
      message: `no translation came within ${RESPONSE_TIMEOUT_MS / 1000} s`,
      turnId: turn.turnId,
    });
    this.finish(turn, 'failed', 'no answer');
  }
}
