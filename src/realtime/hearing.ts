/** What the server hears becomes turns: their bounds on the meeting's clock, their commits, and what was said in them. */
import { oneLine } from './protocol/one-line.js';
import type { RealtimeServerEvent, ServerEventOf } from './protocol/server-events.js';
import { addSource, MAX_OPEN_TURNS, MAX_WAITING_TURNS, type Turn, type TurnLedger } from './turn-ledger.js';
import type { TurnTakingOptions } from './turn-taking.js';

/** Whom hearing tells. */
export type HearingHandlers = {
  /** One more turn waits for its translation. */
  committed(): void;
  /** A turn will get no translation. */
  lost(turn: Turn, why: string): void;
};

/** The input side of turn taking; see the file's comment. */
export class Hearing {
  readonly #options: TurnTakingOptions;
  readonly #turns: TurnLedger;
  readonly #handlers: HearingHandlers;
  /** The turn committed last, until what was said in it is known. */
  #untranscribed: Turn | undefined;

  constructor(options: TurnTakingOptions, turns: TurnLedger, handlers: HearingHandlers) {
    this.#options = options;
    this.#turns = turns;
    this.#handlers = handlers;
  }

  /** What was said in the last turn is still to come. */
  get awaitsTranscript(): boolean {
    return this.#untranscribed !== undefined;
  }

  /** Takes one event of the server; those that do not concern the input are ignored. */
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
        return this.#onTranscriptionFailed(event);
      default:
        return;
    }
  }

  /** These turns will never be committed. */
  abandon(turns: readonly Turn[]): void {
    for (const turn of turns) {
      this.#options.events.emit('notice', {
        kind: 'turn_abandoned',
        message: 'the server heard speech and never took it as a turn',
        turnId: turn.turnId,
      });
      this.#handlers.lost(turn, 'not committed');
    }
  }

  #onSpeechStarted(event: ServerEventOf<'input_audio_buffer.speech_started'>): void {
    if (this.#turns.get(event.item_id) !== undefined) return;
    const { timeline, vad, events } = this.#options;
    const startMs = timeline.toMeetingMs(event.audio_start_ms + vad.prefixPaddingMs);
    const turn = this.#open(event.item_id, startMs);
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
    const { timeline, audioEndMs, events } = this.#options;
    const endMs = Math.min(timeline.toMeetingMs(timeline.bufferMs), audioEndMs());
    let turn = this.#turns.get(itemId);
    if (turn === undefined) turn = this.#open(itemId, endMs);
    else if (turn.phase === 'speaking') turn.endMs = Math.max(turn.startMs, endMs);
    else if (turn.phase !== 'stopped') return;
    // A commit takes all of the buffer: what was heard before and not committed is part of it.
    this.abandon(this.#turns.openTurns(turn));
    this.#turns.commit(turn);
    this.#untranscribed = turn.sourceFinal || !this.#options.transcribes() ? undefined : turn;
    events.emit('turnCommitted', { turnId: turn.turnId, startMs: turn.startMs, endMs: turn.endMs });
    if (this.#turns.waitingCount > MAX_WAITING_TURNS) {
      this.#handlers.lost(this.#turns.next()!, 'too many turns wait for their translation');
    }
    this.#handlers.committed();
  }

  #onSourceText(itemId: string, text: string, final: boolean): void {
    const turn = this.#turns.get(itemId);
    if (turn === undefined || !addSource(turn, text, final)) return;
    if (final && turn === this.#untranscribed) this.#untranscribed = undefined;
    this.#options.events.emit('sourceTranscript', { turnId: turn.turnId, text: turn.sourceText, final });
  }

  #onTranscriptionFailed(event: ServerEventOf<'conversation.item.input_audio_transcription.failed'>): void {
    const turn = this.#turns.get(event.item_id);
    if (turn === this.#untranscribed) this.#untranscribed = undefined;
    const reason = oneLine(event.error.message ?? 'no reason given', 300);
    this.#options.events.emit('notice', {
      kind: 'transcription_failed',
      message: `what was said could not be transcribed: ${reason}`,
      ...(turn === undefined ? {} : { turnId: turn.turnId }),
    });
  }

  #open(itemId: string, startMs: number): Turn {
    const turn = this.#turns.open(itemId, `${this.#options.keyPrefix}/${itemId}`, startMs);
    this.#options.counters.turns++;
    if (this.#turns.openCount > MAX_OPEN_TURNS) this.abandon(this.#turns.openTurns().slice(0, 1));
    return turn;
  }
}
