/**
 * Translations of the turns of one line: what comes back for each request (asking.ts) is handed on by item, and every turn
 * comes to an end, whatever the server does or leaves out.
 */
import { InactivityTimer } from './inactivity-timer.js';
import { Asking } from './asking.js';
import { decodeAudioDelta, PlaybackLedger, type SpokenItem } from './playback-ledger.js';
import type { RealtimeServerEvent, ServerEventOf } from './protocol/server-events.js';
import { Recent } from './recent.js';
import { conclude } from './response-end.js';
import type { CutItem, TurnOutcome } from './session.js';
import { addTranslation, type Turn, type TurnLedger, translationOf } from './turn-ledger.js';
import type { TurnTakingOptions } from './turn-taking.js';

/** A response that shows no sign of life for this long is given up, so that the turns behind it are not lost. */
const RESPONSE_TIMEOUT_MS = 30_000;
/** Responses that are over, or never were ours, remembered to tell their late events from those of a new one. */
const REMEMBERED_RESPONSES = 64;
/** A server has one response of a conversation running; one that never ends its own is not followed beyond this. */
const MAX_RUNNING = 4;

/** Spoken items of one response; no sane one has more than a few. */
const MAX_ITEMS_OF_RESPONSE = 64;

type RunningResponse = { readonly id: string; readonly turn: Turn; readonly items: Set<SpokenItem> };

/** The output side of turn taking; see the file's comment. */
export class Answering {
  readonly #options: TurnTakingOptions;
  readonly #turns: TurnLedger;
  readonly #asking: Asking;
  readonly #watchdog: InactivityTimer;
  readonly #spoken = new PlaybackLedger();
  readonly #running = new Map<string, RunningResponse>();
  readonly #over = new Recent<true>(REMEMBERED_RESPONSES);
  #closed = false;

  constructor(options: TurnTakingOptions, turns: TurnLedger) {
    this.#options = options;
    this.#turns = turns;
    this.#watchdog = new InactivityTimer({
      clock: options.clock,
      timeoutMs: RESPONSE_TIMEOUT_MS,
      awaited: () => turns.active !== undefined || this.#passedOver,
      onExpired: () => {
        this.#giveUp();
      },
    });
    this.#asking = new Asking(options, turns, {
      asked: () => {
        this.#alive();
      },
      refused: (turn, why) => {
        this.finish(turn, 'failed', why);
      },
    });
  }

  /** A response is being received. */
  get running(): boolean {
    return this.#running.size > 0;
  }

  /** Something has been spoken on this line. */
  get hasSpoken(): boolean {
    return this.#spoken.size > 0;
  }

  /** See TurnTaking.hold. */
  hold(held: boolean): void {
    this.#asking.hold(held);
  }

  /** See TurnTaking.cut. */
  cut(item: CutItem): void {
    const known = this.#spoken.byOutputId(item.outputId);
    if (known === undefined) return;
    const atOnce = this.#options.responses === 'server';
    this.#truncate(known, this.#spoken.cut(item.outputId, item.playedMs, item.heardToEnd, atOnce));
  }

  /** See TurnTaking.close. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watchdog.stop();
    this.#asking.close();
    const unfinished = new Set<Turn>();
    for (const running of this.#running.values()) {
      this.#release(running);
      unfinished.add(running.turn);
    }
    if (this.#turns.active !== undefined) unfinished.add(this.#turns.active.turn);
    this.#turns.active = undefined;
    for (let turn = this.#turns.next(); turn !== undefined; turn = this.#turns.next()) unfinished.add(turn);
    for (const turn of this.#turns.openTurns()) unfinished.add(turn);
    for (const turn of unfinished) this.finish(turn, 'failed', 'the line ended before its translation did');
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
    this.#asking.askNext();
  }

  /** Takes one event of the server; those that do not concern responses are ignored. */
  handle(event: RealtimeServerEvent): void {
    switch (event.type) {
      case 'response.created':
        return this.#onResponseCreated(event);
      case 'response.output_audio.delta':
        return this.#onAudio(event);
      case 'response.output_audio.done': {
        const item = this.#spoken.get(event.item_id);
        if (item !== undefined) this.#endItem(item);
        return;
      }
      case 'response.output_audio_transcript.delta':
      case 'response.output_text.delta':
        return this.#onTranslatedText(event, event.delta, false);
      case 'response.output_audio_transcript.done':
        return this.#onTranslatedText(event, event.transcript, true);
      case 'response.output_text.done':
        return this.#onTranslatedText(event, event.text, true);
      case 'response.done':
        return this.#onResponseDone(event);
      default:
        return;
    }
  }

  /** See TurnTaking.responseRefused. */
  responseRefused(eventId: string | undefined, code: string | undefined, message: string): void {
    this.#asking.refused(eventId, code, message);
  }

  /** The turn is over. Tells its last words and how it ended. */
  finish(turn: Turn, outcome: TurnOutcome, detail?: string): void {
    const { events } = this.#options;
    if (outcome === 'failed') this.#asking.noteUnanswered();
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
    if (this.#running.has(id) || this.#over.has(id)) return;
    if (this.#options.responses === 'server') {
      const turn = this.#takeNewest();
      if (turn !== undefined) {
        turn.phase = 'responding';
        this.#turns.active = { turn, createEventId: undefined, responseId: id };
        this.#begin(id, turn);
        return;
      }
    } else {
      const { active } = this.#turns;
      const asked = metadata?.['turn'];
      if (active !== undefined && active.responseId === undefined) {
        if (asked === undefined || asked === active.turn.itemId) {
          active.responseId = id;
          this.#begin(id, active.turn);
          return;
        }
      }
    }
    this.#over.set(id, true); // not asked for by us
  }

  #onAudio(event: ServerEventOf<'response.output_audio.delta'>): void {
    const { counters, events, keyPrefix } = this.#options;
    const running = this.#runningOf(event.response_id);
    if (running === undefined || running.items.size > MAX_ITEMS_OF_RESPONSE) {
      counters.lateDeltas++;
      return;
    }
    this.#alive();
    const { turn } = running;
    const item = this.#spoken.open(event.item_id, `${keyPrefix}/${event.item_id}`, turn);
    running.items.add(item);
    const pcm = decodeAudioDelta(item, event.delta);
    if (item.cut || item.ended) {
      if (!item.ended) item.receivedSamples += pcm.length;
      counters.lateDeltas++;
      return;
    }
    item.receivedSamples += pcm.length;
    if (pcm.length === 0) return;
    turn.spoke = true;
    events.emit('audio', { turnId: turn.turnId, outputId: item.outputId, pcm });
  }

  #onTranslatedText(
    event: { response_id: string; item_id: string; content_index: number },
    text: string,
    final: boolean,
  ): void {
    const turn = this.#runningOf(event.response_id)?.turn;
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
    const running = this.#runningOf(response.id);
    this.#over.set(response.id, true);
    if (running !== undefined) {
      this.#release(running);
      if (this.#turns.active?.responseId === response.id) this.#turns.active = undefined;
      this.#conclude(running.turn, response);
    }
    this.#asking.unblock();
  }

  #conclude(turn: Turn, response: ServerEventOf<'response.done'>['response']): void {
    const { counters, events, responses } = this.#options;
    const end = conclude(turn, response, responses === 'client');
    if (end.notice !== undefined) events.emit('notice', { ...end.notice, turnId: turn.turnId });
    if (end.outcome === 'continue') {
      turn.continued = true;
      counters.continuations++;
      this.#turns.putBack(turn);
    } else {
      this.finish(turn, end.outcome, end.detail);
    }
  }

  /** The response with this id; one that its server never announced, if it can only be the one asked for. */
  #runningOf(responseId: string): RunningResponse | undefined {
    const running = this.#running.get(responseId);
    const { active } = this.#turns;
    if (running !== undefined || active === undefined || active.responseId !== undefined) return running;
    if (this.#over.has(responseId)) return undefined;
    active.responseId = responseId;
    return this.#begin(responseId, active.turn);
  }

  #begin(id: string, turn: Turn): RunningResponse {
    const running: RunningResponse = { id, turn, items: new Set() };
    this.#running.set(id, running);
    this.#options.counters.responses++;
    this.#alive();
    if (this.#running.size > MAX_RUNNING) {
      const oldest = this.#running.values().next().value!;
      this.#release(oldest);
      this.finish(oldest.turn, 'failed', 'the server never ended its response');
    }
    return running;
  }

  /** The response is over, or no longer followed: its items have ended, and what waited for that is sent. */
  #release(running: RunningResponse): void {
    this.#running.delete(running.id);
    this.#over.set(running.id, true);
    for (const item of running.items) {
      this.#endItem(item);
      this.#truncate(item, this.#spoken.responseDone(item));
    }
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

  #endItem(item: SpokenItem): void {
    if (item.ended) return;
    item.ended = true;
    if (!item.cut) {
      this.#options.events.emit('audioEnded', { turnId: item.turn.turnId, outputId: item.outputId });
    }
  }

  #truncate(item: SpokenItem, audioEndMs: number | undefined): void {
    if (audioEndMs === undefined || this.#closed) return;
    this.#options.counters.truncations++;
    this.#options.send({
      type: 'conversation.item.truncate',
      item_id: item.itemId,
      content_index: 0,
      audio_end_ms: audioEndMs,
    });
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
    this.#asking.askNext();
  }

  #abandon(turn: Turn, responseId: string | undefined): void {
    const running = responseId === undefined ? undefined : this.#running.get(responseId);
    if (running !== undefined) {
      this.#options.send({ type: 'response.cancel', response_id: running.id });
      this.#release(running);
    }
    this.#options.events.emit('notice', {
      kind: 'turn_abandoned',
      message: `no translation came within ${RESPONSE_TIMEOUT_MS / 1000} s`,
      turnId: turn.turnId,
    });
    this.finish(turn, 'failed', 'no answer');
  }
}
