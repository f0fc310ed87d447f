/**
 * Turns and their translations on one line: what the server hears becomes turns, each committed turn is asked to be
 * translated, strictly in order and one at a time, and what comes back is handed on by item.
 */
import type { Clock, TimerHandle } from '../clock.js';
import type { EventEmitter } from '../events.js';
import type { ResponseMode } from './conversation-config.js';
import { decodeAudioDelta, PlaybackLedger, type SpokenItem } from './playback-ledger.js';
import type { RealtimeClientEvent } from './protocol/client-events.js';
import type { RealtimeServerEvent, ServerEventOf } from './protocol/server-events.js';
import type { CutItem, SessionCounters, SessionEvents, SessionNotice, TurnOutcome } from './session.js';
import type { SampleTimeline } from './timeline.js';
import { type ActiveResponse, partOf, type Turn, TurnLedger, translationOf } from './turn-ledger.js';

/** A response that shows no sign of life for this long is given up, so that the turns behind it are not lost. */
const RESPONSE_TIMEOUT_MS = 30_000;
/** How long to wait for another response to end that the server says is running, when its end is never announced. */
const BLOCKED_RETRY_MS = 1_000;

const CONTINUE_INSTRUCTIONS =
  'Your last translation was cut off by the output limit. Say only its missing rest, starting exactly where it stopped.';

/** What turn taking needs of its line. */
export type TurnTakingOptions = {
  /** Makes ids of this line unique among all lines of the process. */
  keyPrefix: string;
  responses: ResponseMode;
  vad: { prefixPaddingMs: number; silenceDurationMs: number };
  timeline: SampleTimeline;
  clock: Clock;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
  /** The instructions in force. */
  instructions: () => string;
  /** Sends an event and returns the id that it was given. */
  send: (event: RealtimeClientEvent) => string;
};

type RunningResponse = { readonly turn: Turn; readonly items: SpokenItem[] };

/** The turns of one line; see the file's comment. */
export class TurnTaking {
  readonly #options: TurnTakingOptions;
  readonly #turns = new TurnLedger();
  readonly #spoken = new PlaybackLedger();
  readonly #running = new Map<string, RunningResponse>();
  #held = false;
  #blocked: TimerHandle | undefined;
  #lastActivityMs = 0;
  #watchdog: TimerHandle | undefined;
  #unansweredBehind = false;
  #closed = false;

  constructor(options: TurnTakingOptions) {
    this.#options = options;
  }

  /** The server hears speech that it has not committed. */
  get turnOpen(): boolean {
    return this.#turns.openTurn !== undefined;
  }

  /** No turn is open, waiting or being translated. */
  get idle(): boolean {
    return this.#turns.idle && this.#running.size === 0;
  }

  /** Something has been spoken on this line. */
  get hasSpoken(): boolean {
    return this.#spoken.size > 0;
  }

  /** While held, no further turn is asked to be translated. */
  hold(held: boolean): void {
    this.#held = held;
    this.#askNext();
  }

  /** Playback of `item` was cleared. */
  cut(item: CutItem): void {
    const known = this.#spoken.byOutputId(item.outputId);
    if (known === undefined) return;
    const atOnce = this.#options.responses === 'server';
    this.#truncate(known, this.#spoken.cut(item.outputId, item.playedMs, item.heardToEnd, atOnce));
  }

  /** The line is gone: nothing is sent any more, and every open turn has failed. */
  close(): void {
    this.#closed = true;
    this.#watchdog?.cancel();
    this.#blocked?.cancel();
  }

  /** Takes one event of the server; those that do not concern turns are ignored. */
  handle(event: RealtimeServerEvent): void {
    switch (event.type) {
      case 'input_audio_buffer.speech_started':
        return this.#onSpeechStarted(event);
      case 'input_audio_buffer.speech_stopped':
        return this.#onSpeechStopped(event);
      case 'input_audio_buffer.committed':
        return this.#onCommitted(event.item_id);
      case 'conversation.item.input_audio_transcription.delta':
        return this.#onSourceText(event.item_id, event.delta ?? '', false);
      case 'conversation.item.input_audio_transcription.completed':
        return this.#onSourceText(event.item_id, event.transcript, true);
      case 'conversation.item.input_audio_transcription.failed':
        return this.#notice({
          kind: 'transcription_failed',
          message: `what was said could not be transcribed: ${event.error.message ?? 'no reason given'}`,
          ...(this.#turns.get(event.item_id) === undefined ? {} : { turnId: this.#key(event.item_id) }),
        });
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

  /**
   * The server refused the `response.create` with this id (undefined: it did not say which one). Returns whether it was
   * one of ours.
   */
  responseRefused(eventId: string | undefined, code: string | undefined, message: string): boolean {
    const active = this.#turns.active;
    if (active?.responseId !== undefined || active?.createEventId === undefined) return false;
    if (eventId !== undefined && eventId !== active.createEventId) return false;
    this.#turns.active = undefined;
    if (code === 'conversation_already_has_active_response') {
      this.#turns.putBack(active.turn);
      this.#blocked ??= this.#options.clock.setTimer(() => {
        this.#unblock();
      }, BLOCKED_RETRY_MS);
    } else {
      this.#finish(active.turn, 'failed', message);
      this.#askNext();
    }
    return true;
  }

  #onSpeechStarted(event: ServerEventOf<'input_audio_buffer.speech_started'>): void {
    if (this.#turns.get(event.item_id) !== undefined) return;
    const { timeline, vad, counters, events } = this.#options;
    const startMs = timeline.toMeetingMs(event.audio_start_ms + vad.prefixPaddingMs);
    const turn = this.#turns.open(event.item_id, this.#key(event.item_id), startMs);
    counters.turns++;
    events.emit('speechStarted', { turnId: turn.turnId, startMs });
  }

  #onSpeechStopped(event: ServerEventOf<'input_audio_buffer.speech_stopped'>): void {
    const turn = this.#turns.get(event.item_id);
    if (turn?.phase !== 'speaking') return;
    const { timeline, vad, events } = this.#options;
    turn.endMs = Math.max(turn.startMs, timeline.toMeetingMs(event.audio_end_ms - vad.silenceDurationMs));
    turn.phase = 'stopped';
    events.emit('speechStopped', { turnId: turn.turnId, startMs: turn.startMs, endMs: turn.endMs });
  }

  #onCommitted(itemId: string): void {
    const { timeline, counters, events } = this.#options;
    const nowMs = timeline.toMeetingMs(timeline.bufferMs);
    let turn = this.#turns.get(itemId);
    if (turn === undefined) {
      turn = this.#turns.open(itemId, this.#key(itemId), nowMs);
      counters.turns++;
    } else if (turn.phase === 'speaking') {
      turn.endMs = Math.max(turn.startMs, nowMs);
    } else if (turn.phase !== 'stopped') {
      return;
    }
    this.#turns.commit(turn);
    events.emit('turnCommitted', { turnId: turn.turnId, startMs: turn.startMs, endMs: turn.endMs });
    this.#askNext();
  }

  #onSourceText(itemId: string, text: string, final: boolean): void {
    const turn = this.#turns.get(itemId);
    if (turn === undefined) return;
    turn.sourceText = final ? text : turn.sourceText + text;
    this.#options.events.emit('sourceTranscript', { turnId: turn.turnId, text: turn.sourceText, final });
  }

  #onResponseCreated(event: ServerEventOf<'response.created'>): void {
    const id = event.response.id;
    if (this.#running.has(id)) return;
    let turn: Turn | undefined;
    if (this.#options.responses === 'server') {
      turn = this.#takeNewest();
      if (turn !== undefined) {
        turn.phase = 'responding';
        this.#turns.active = { turn, createEventId: undefined, responseId: id };
      }
    } else {
      const active = this.#turns.active;
      const asked = event.response.metadata?.['turn'];
      if (active?.responseId === undefined && (asked === undefined || asked === active?.turn.itemId)) {
        turn = active?.turn;
        if (active !== undefined) active.responseId = id;
      }
    }
    if (turn === undefined) return; // not asked for by us
    this.#options.counters.responses++;
    this.#running.set(id, { turn, items: [] });
    this.#alive();
  }

  #onAudio(event: ServerEventOf<'response.output_audio.delta'>): void {
    const { counters, events } = this.#options;
    const running = this.#running.get(event.response_id);
    if (running === undefined) {
      counters.lateDeltas++;
      return;
    }
    this.#alive();
    const { turn } = running;
    const item = this.#spoken.open(event.item_id, this.#key(event.item_id), turn.turnId);
    if (!running.items.includes(item)) running.items.push(item);
    const pcm = decodeAudioDelta(item, event.delta);
    item.receivedSamples += pcm.length;
    if (item.cut || item.ended) {
      counters.lateDeltas++;
      return;
    }
    turn.spoke = true;
    events.emit('audio', { turnId: turn.turnId, outputId: item.outputId, pcm });
  }

  #onTranslatedText(
    event: { response_id: string; item_id: string; content_index: number },
    text: string,
    final: boolean,
  ): void {
    const turn = this.#running.get(event.response_id)?.turn;
    if (turn === undefined) return;
    this.#alive();
    const part = partOf(turn, `${event.item_id}/${event.content_index}`);
    part.text = final ? text : part.text + text;
    this.#options.events.emit('translationTranscript', {
      turnId: turn.turnId,
      text: translationOf(turn),
      final: false,
    });
  }

  #onResponseDone(event: ServerEventOf<'response.done'>): void {
    const { response } = event;
    const running = this.#running.get(response.id);
    this.#running.delete(response.id);
    if (running !== undefined) {
      for (const item of running.items) {
        this.#endItem(item);
        this.#truncate(item, this.#spoken.responseDone(item));
      }
      if (this.#turns.active?.responseId === response.id) this.#turns.active = undefined;
      this.#conclude(running.turn, response);
    }
    this.#unblock();
  }

  /** Decides what the end of a response means for its turn. */
  #conclude(turn: Turn, response: ServerEventOf<'response.done'>['response']): void {
    const reason = response.status_details?.reason ?? undefined;
    if (response.status === 'incomplete' && reason === 'max_output_tokens' && !turn.continued) {
      turn.continued = true;
      this.#options.counters.continuations++;
      this.#notice({
        kind: 'response_incomplete',
        message: 'a translation reached the output limit and is being continued',
        code: reason,
        turnId: turn.turnId,
      });
      if (this.#options.responses === 'client') {
        this.#turns.putBack(turn);
        return;
      }
    }
    switch (response.status) {
      case 'failed': {
        const error = response.status_details?.error;
        const code = error?.code ?? error?.type ?? undefined;
        const detail = error?.message ?? code ?? 'no reason given';
        this.#notice({
          kind: 'response_failed',
          message: `a translation failed: ${detail}`,
          ...(code === undefined ? {} : { code }),
          turnId: turn.turnId,
        });
        return this.#finish(turn, 'failed', detail);
      }
      case 'cancelled':
        return this.#finish(turn, 'cancelled', reason);
      case 'incomplete':
        this.#notice({
          kind: 'response_incomplete',
          message: `a translation was cut off by the server: ${reason ?? 'no reason given'}`,
          ...(reason === undefined ? {} : { code: reason }),
          turnId: turn.turnId,
        });
        return this.#finish(turn, 'incomplete', reason);
      default:
        return this.#finish(turn, turn.spoke || translationOf(turn) !== '' ? 'completed' : 'empty');
    }
  }

  #finish(turn: Turn, outcome: TurnOutcome, detail?: string): void {
    const { events } = this.#options;
    if (outcome === 'failed') this.#unansweredBehind = true;
    this.#turns.finish(turn);
    const text = translationOf(turn);
    if (text !== '') events.emit('translationTranscript', { turnId: turn.turnId, text, final: true });
    events.emit('turnDone', {
      turnId: turn.turnId,
      outcome,
      ...(detail === undefined ? {} : { detail }),
    });
  }

  /** Asks for the translation of the turn that was committed first, unless one is running. */
  #askNext(): void {
    const { responses, send, instructions } = this.#options;
    if (responses === 'server' || this.#held || this.#closed || this.#blocked !== undefined) return;
    if (this.#turns.active !== undefined) return;
    const turn = this.#turns.next();
    if (turn === undefined) return;
    turn.phase = 'responding';
    // A plain response answers the end of the conversation. Where other turns are unanswered too, this one is named.
    const named = this.#turns.waitingCount > 0 || this.#unansweredBehind;
    const spokenItems = turn.parts.map((part) => part.key.slice(0, part.key.lastIndexOf('/')));
    const createEventId = send({
      type: 'response.create',
      response: {
        metadata: { turn: turn.itemId },
        ...(turn.continued ? { instructions: `${instructions()}\n\n${CONTINUE_INSTRUCTIONS}` } : {}),
        ...(named
          ? {
              input: [turn.itemId, ...new Set(spokenItems)].map((id) => ({
                type: 'item_reference' as const,
                id,
              })),
            }
          : {}),
      },
    });
    this.#turns.active = { turn, createEventId, responseId: undefined };
    this.#alive();
  }

  /** The server answers the newest turn; older ones that still wait will get no answer of their own. */
  #takeNewest(): Turn | undefined {
    let newest: Turn | undefined;
    for (let turn = this.#turns.next(); turn !== undefined; turn = this.#turns.next()) {
      if (newest !== undefined) this.#finish(newest, 'failed', 'the server made no response for it');
      newest = turn;
    }
    return newest;
  }

  #endItem(item: SpokenItem): void {
    if (item.ended) return;
    item.ended = true;
    if (!item.cut) {
      this.#options.events.emit('audioEnded', { turnId: item.turnId, outputId: item.outputId });
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

  #unblock(): void {
    this.#blocked?.cancel();
    this.#blocked = undefined;
    this.#askNext();
  }

  /** The running response showed a sign of life. */
  #alive(): void {
    this.#lastActivityMs = this.#options.clock.nowMs();
    this.#watchdog ??= this.#options.clock.setTimer(() => {
      this.#watch();
    }, RESPONSE_TIMEOUT_MS);
  }

  #watch(): void {
    this.#watchdog = undefined;
    const active = this.#turns.active;
    if (active === undefined) return;
    const idleMs = this.#options.clock.nowMs() - this.#lastActivityMs;
    if (idleMs >= RESPONSE_TIMEOUT_MS) return this.#abandon(active);
    this.#watchdog = this.#options.clock.setTimer(() => {
      this.#watch();
    }, RESPONSE_TIMEOUT_MS - idleMs);
  }

  #abandon(active: ActiveResponse): void {
    this.#turns.active = undefined;
    if (active.responseId !== undefined) {
      const running = this.#running.get(active.responseId);
      this.#running.delete(active.responseId);
      for (const item of running?.items ?? []) this.#endItem(item);
      this.#options.send({ type: 'response.cancel', response_id: active.responseId });
    }
    this.#notice({
      kind: 'turn_abandoned',
      message: `no translation came within ${RESPONSE_TIMEOUT_MS / 1000} s`,
      turnId: active.turn.turnId,
    });
    this.#finish(active.turn, 'failed', 'no answer');
    this.#askNext();
  }

  #notice(notice: SessionNotice): void {
    this.#options.events.emit('notice', notice);
  }

  #key(itemId: string): string {
    return `${this.#options.keyPrefix}/${itemId}`;
  }
}
