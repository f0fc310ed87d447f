import type { EventEmitter } from '../../events.js';
import type { SessionCounters, SessionEvents, TimeWindow, TurnOutcome } from '../session.js';
import { newContinuousTurn, outcomeOf, type ContinuousTurn } from './continuous-turn.js';

/** Turns that wait at once; the oldest are ended beyond that. */
const MAX_OPEN_TURNS = 32;

/** What open turns need of their session. */
export type OpenTurnsOptions = {
  /** Turn ids begin with it. */
  keyPrefix: string;
  nowMs: () => number;
  /** The speaker is transcribed. */
  transcribes: () => boolean;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
  /** No more of its translation is to be said; called before it is told as done. */
  onEnding: (turn: ContinuousTurn) => void;
};

/**
 * The turns of a continuous session that are not done, oldest first, and what is told of them.
 * Only the last one may be being said.
 */
export class OpenTurns {
  readonly #options: OpenTurnsOptions;
  readonly #turns: ContinuousTurn[] = [];
  #turnNumber = 0;

  constructor(options: OpenTurnsOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  get all(): readonly ContinuousTurn[] {
    return this.#turns;
  }

  get first(): ContinuousTurn | undefined {
    return this.#turns[0];
  }

  get beingSaid(): ContinuousTurn | undefined {
    const last = this.#turns.at(-1);
    return last?.committedAtMs === undefined ? last : undefined;
  }

  /** Someone speaks. */
  begin(startMs: number): ContinuousTurn {
    const { keyPrefix, events, counters } = this.#options;
    const turn = newContinuousTurn(`${keyPrefix}.t${++this.#turnNumber}`, startMs);
    counters.turns++;
    this.#turns.push(turn);
    events.emit('speechStarted', { turnId: turn.turnId, startMs });
    while (this.#turns.length > MAX_OPEN_TURNS) this.end(this.#turns[0]!);
    return turn;
  }

  /** What was said in it is whole. */
  commit(turn: ContinuousTurn, endMs: number): void {
    turn.endMs = Math.max(endMs, turn.startMs);
    turn.committedAtMs = this.#options.nowMs();
    const bounds = { turnId: turn.turnId, startMs: turn.startMs, endMs: turn.endMs };
    this.#options.events.emit('speechStopped', bounds);
    this.#options.events.emit('turnCommitted', bounds);
  }

  /** A piece of what the speaker said. `bySentence`: what follows the end of a sentence is of a later turn, if there is one. */
  addSource(turn: ContinuousTurn, delta: string, bySentence: boolean, said?: TimeWindow): void {
    if (!turn.source.add(delta)) return;
    this.#emitSource(turn, false, said);
    if (
      bySentence &&
      turn.source.endsSentence &&
      turn.committedAtMs !== undefined &&
      turn !== this.#turns.at(-1)
    ) {
      this.#finishSource(turn);
    }
  }

  /** A piece of its translation; returns whether there was anything in it. */
  addTranslation(turn: ContinuousTurn, delta: string, spoken?: TimeWindow): boolean {
    if (!turn.translation.add(delta)) return false;
    turn.outputAtMs = this.#options.nowMs();
    const { turnId, translation } = turn;
    this.#options.events.emit('translationTranscript', {
      ...{ turnId, text: translation.text, final: false },
      ...(spoken === undefined ? {} : { spoken }),
    });
    return true;
  }

  /** No more comes of it: by default it ended as what came of it tells. */
  end(turn: ContinuousTurn, failed?: { outcome: TurnOutcome; detail: string }): void {
    const at = this.#turns.indexOf(turn);
    if (at < 0) return;
    this.#turns.splice(at, 1); // first, since ending its utterance may end it too
    this.#options.onEnding(turn);
    if (turn.committedAtMs === undefined) this.commit(turn, turn.endMs);
    this.#finishSource(turn);
    const { turnId, translation } = turn;
    const { events } = this.#options;
    if (translation.text !== '') {
      events.emit('translationTranscript', { turnId, text: translation.text, final: true });
    }
    events.emit('turnDone', { turnId, outcome: outcomeOf(turn), ...failed });
  }

  /** What was said in the turns that were whole by then is complete. */
  finishSources(committedByMs: number): void {
    for (const turn of this.#turns)
      if (turn.committedAtMs !== undefined && turn.committedAtMs <= committedByMs) this.#finishSource(turn);
  }

  #finishSource(turn: ContinuousTurn): void {
    if (turn.sourceFinal) return;
    turn.sourceFinal = true;
    if (this.#options.transcribes() || turn.source.text !== '') this.#emitSource(turn, true);
  }

  #emitSource({ turnId, source: { text } }: ContinuousTurn, final: boolean, said?: TimeWindow): void {
    const when = said === undefined ? {} : { said };
    this.#options.events.emit('sourceTranscript', { turnId, text, final, ...when });
  }
}
