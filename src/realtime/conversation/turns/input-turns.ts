import { oneLine } from '../../../text.js';
import type { RealtimeServerEvent, ServerEventOf } from '../../protocol/server-events.js';
import { addSource, MAX_OPEN_TURNS, MAX_WAITING_TURNS, type Turn, type TurnLedger } from './turn-ledger.js';
import type { TurnTakingOptions } from './turn-taking-options.js';
import { transcriptionUsage } from '../../usage.js';

/** Who is notified of what was heard. */
type InputTurnsHandlers = {
  /** One more turn waits for its translation. */
  committed(): void;
  /** A turn will get no translation. */
  lost(turn: Turn, why: string): void;
};

/** Longer than any language code. */
const MAX_LANGUAGE_CHARS = 35;

/** A commit of speech that went on: the event, and the place in the meeting's time. */
type HandCommit = { readonly eventId: string; readonly atMs: number };

/**
 * What the server hears becomes turns: their bounds on the meeting's clock, their commits, and what was said in them.
 * The input side of turn taking.
 */
export class InputTurns {
  readonly #options: TurnTakingOptions;
  readonly #turns: TurnLedger;
  readonly #handlers: InputTurnsHandlers;
  /** The turn committed last, until what was said in it is known. */
  #untranscribed: Turn | undefined;
  /** Commits by hand that the server has not confirmed, oldest first. */
  readonly #handCommits: HandCommit[] = [];
  /** Where the last of them was, until the server tells of another boundary. */
  #goesOnFromMs: number | undefined;
  /** Committed by the server after a commit by hand behind which nothing more was said. */
  #silentItemId: string | undefined;

  constructor(options: TurnTakingOptions, turns: TurnLedger, handlers: InputTurnsHandlers) {
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
        this.#onTranscriptionBilled(event);
        return this.#onSourceText(event.item_id, event.transcript, true, event.languages ?? undefined);
      case 'conversation.item.input_audio_transcription.failed':
        return this.#onTranscriptionFailed(event);
      default:
        return;
    }
  }

  /** The server never committed what it heard: gives it up. */
  abandonOpen(): void {
    this.#goesOn(undefined);
    this.#abandon(this.#turns.openTurns());
  }

  /** These turns will never be committed. */
  #abandon(turns: readonly Turn[]): void {
    for (const turn of turns) {
      this.#options.events.emit('notice', {
        kind: 'turn_abandoned',
        message: 'the server heard speech and never took it as a turn',
        turnId: turn.turnId,
      });
      this.#handlers.lost(turn, 'not committed');
    }
  }

  /** See TurnTaking.committedByHand. */
  committedByHand(eventId: string): void {
    const { timeline, audioEndMs } = this.#options;
    const atMs = Math.min(timeline.toMeetingMs(timeline.bufferMs), audioEndMs());
    this.#handCommits.push({ eventId, atMs });
    if (this.#handCommits.length > MAX_OPEN_TURNS) this.#handCommits.shift();
  }

  /** See TurnTaking.commitRefused. */
  commitRefused(eventId: string): void {
    const index = this.#handCommits.findIndex((commit) => commit.eventId === eventId);
    if (index !== -1) this.#handCommits.splice(index, 1);
  }

  #onSpeechStarted(event: ServerEventOf<'input_audio_buffer.speech_started'>): void {
    if (this.#turns.get(event.item_id) !== undefined) return;
    const { timeline, vad } = this.#options;
    this.#goesOn(undefined);
    this.#start(event.item_id, timeline.toMeetingMs(event.audio_start_ms + vad.prefixPaddingMs));
  }

  #onSpeechStopped(event: ServerEventOf<'input_audio_buffer.speech_stopped'>): void {
    const { timeline, vad, events } = this.#options;
    const endMs = timeline.toMeetingMs(event.audio_end_ms - vad.silenceDurationMs);
    let turn = this.#turns.get(event.item_id);
    const fromMs = this.#goesOnFromMs;
    if (turn === undefined && fromMs !== undefined) {
      this.#goesOn(undefined);
      if (endMs > fromMs) turn = this.#start(event.item_id, fromMs);
      else this.#silentItemId = event.item_id;
    }
    if (turn?.phase !== 'speaking') return;
    turn.endMs = Math.max(turn.startMs, endMs);
    turn.consumedToMs = turn.endMs + vad.silenceDurationMs / 2; // in the midst of the silence that ended it
    turn.phase = 'stopped';
    events.emit('speechStopped', { turnId: turn.turnId, startMs: turn.startMs, endMs: turn.endMs });
  }

  #onCommitted(itemId: string): void {
    if (itemId === this.#silentItemId) {
      this.#silentItemId = undefined;
      this.#options.send({ type: 'conversation.item.delete', item_id: itemId });
      return;
    }
    const known = this.#turns.get(itemId);
    if (known?.phase === 'stopped') this.#commit(known);
    else if (known === undefined || known.phase === 'speaking') this.#commitUnstopped(itemId, known);
  }

  /** By hand: by ours of speech that goes on, or by one that ends what silence did not. */
  #commitUnstopped(itemId: string, known: Turn | undefined): void {
    const { timeline, audioEndMs } = this.#options;
    const hand = this.#handCommits.shift();
    const endMs = hand?.atMs ?? Math.min(timeline.toMeetingMs(timeline.bufferMs), audioEndMs());
    // A server may give what is committed by hand an id of its own: the turn that it had announced is then the rest.
    const rest = known === undefined && hand !== undefined ? this.#turns.openTurns().at(-1) : undefined;
    const turn = known ?? this.#start(itemId, rest?.startMs ?? this.#goesOnFromMs ?? endMs);
    turn.endMs = Math.max(turn.startMs, endMs);
    // Where nothing was open, the server's own commit was first, and it will tell when speech begins again.
    const goesOn = hand !== undefined && (known !== undefined || this.#goesOnFromMs !== undefined);
    this.#goesOn(goesOn ? turn.endMs : undefined);
    turn.consumedToMs = turn.endMs;
    if (rest !== undefined) rest.startMs = turn.endMs;
    this.#commit(turn, rest);
  }

  /** A commit takes all of the buffer: what was heard before and not committed is part of it, but for its `rest`. */
  #commit(turn: Turn, rest?: Turn): void {
    this.#abandon(this.#turns.openTurns(turn).filter((open) => open !== rest));
    this.#turns.commit(turn);
    this.#untranscribed = turn.sourceFinal || !this.#options.transcribes() ? undefined : turn;
    const { turnId, startMs, endMs } = turn;
    this.#options.events.emit('turnCommitted', { turnId, startMs, endMs });
    if (this.#turns.waitingCount > MAX_WAITING_TURNS) {
      this.#handlers.lost(this.#turns.next()!, 'too many turns wait for their translation');
    }
    this.#handlers.committed();
  }

  #goesOn(fromMs: number | undefined): void {
    this.#goesOnFromMs = fromMs;
    this.#turns.goesOn = fromMs !== undefined;
  }

  #start(itemId: string, startMs: number): Turn {
    const turn = this.#open(itemId, startMs);
    this.#options.events.emit('speechStarted', { turnId: turn.turnId, startMs });
    return turn;
  }

  #onSourceText(
    itemId: string,
    text: string,
    final: boolean,
    languages: readonly { code: string }[] = [],
  ): void {
    const turn = this.#turns.get(itemId);
    if (turn === undefined || !addSource(turn, text, final)) return;
    if (final && turn === this.#untranscribed) this.#untranscribed = undefined;
    const [only, ...others] = languages;
    this.#options.events.emit('sourceTranscript', {
      turnId: turn.turnId,
      text: turn.sourceText,
      final,
      ...(only === undefined || others.length > 0
        ? {}
        : { language: only.code.slice(0, MAX_LANGUAGE_CHARS) }),
    });
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

  #onTranscriptionBilled(
    event: ServerEventOf<'conversation.item.input_audio_transcription.completed'>,
  ): void {
    if (this.#turns.get(event.item_id)?.sourceFinal === true) return; // told before
    const { transcriptionModel, events } = this.#options;
    const model = transcriptionModel();
    if (model !== undefined) events.emit('usage', transcriptionUsage(model, event.usage));
  }

  #open(itemId: string, startMs: number): Turn {
    const turn = this.#turns.open(itemId, `${this.#options.keyPrefix}/${itemId}`, startMs);
    this.#options.counters.turns++;
    if (this.#turns.openCount > MAX_OPEN_TURNS) this.#abandon(this.#turns.openTurns().slice(0, 1));
    return turn;
  }
}
