/**
 * The turns of one line, and which of them is to be answered next: strictly in the order of their commits, one response
 * at a time. Pure bookkeeping; the line decides when to send.
 */

/** One stretch of speech, from the moment the server heard it to the end of its translation. */
export type Turn = {
  readonly itemId: string;
  readonly turnId: string;
  startMs: number;
  endMs: number;
  phase: 'speaking' | 'stopped' | 'waiting' | 'responding' | 'done';
  sourceText: string;
  /** What was said in the translation, one part per response content, in order. */
  readonly parts: { key: string; text: string }[];
  /** The response ran into the output limit once and was continued. */
  continued: boolean;
  spoke: boolean;
};

/** A response.create that is on its way or running. */
export type ActiveResponse = {
  readonly turn: Turn;
  /** Id of the event that asked for it; undefined when the server made it by itself. */
  readonly createEventId: string | undefined;
  responseId: string | undefined;
};

/** Finished turns that late transcripts may still belong to. */
const MAX_TURNS = 512;

/** Turns by item id, the queue of those to be answered, and the response that runs. */
export class TurnLedger {
  readonly #turns = new Map<string, Turn>();
  readonly #waiting: Turn[] = [];
  active: ActiveResponse | undefined;

  /** A turn the server has heard and not committed yet. */
  get openTurn(): Turn | undefined {
    for (const turn of this.#turns.values()) {
      if (turn.phase === 'speaking' || turn.phase === 'stopped') return turn;
    }
    return undefined;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Nothing is open, waiting or being answered. */
  get idle(): boolean {
    return this.active === undefined && this.#waiting.length === 0 && this.openTurn === undefined;
  }

  get(itemId: string): Turn | undefined {
    return this.#turns.get(itemId);
  }

  /** Adds a turn at its first sign of life. */
  open(itemId: string, turnId: string, startMs: number): Turn {
    const turn: Turn = {
      itemId,
      turnId,
      startMs,
      endMs: startMs,
      phase: 'speaking',
      sourceText: '',
      parts: [],
      continued: false,
      spoke: false,
    };
    this.#turns.set(itemId, turn);
    this.#forgetOldest();
    return turn;
  }

  /** The turn is committed and waits for its response behind those committed before. */
  commit(turn: Turn): void {
    turn.phase = 'waiting';
    this.#waiting.push(turn);
  }

  /** Puts a turn in front of the queue again: its response was refused, or needs a continuation. */
  putBack(turn: Turn): void {
    turn.phase = 'waiting';
    this.#waiting.unshift(turn);
  }

  /** Takes the next turn to be answered. */
  next(): Turn | undefined {
    return this.#waiting.shift();
  }

  finish(turn: Turn): void {
    turn.phase = 'done';
  }

  #forgetOldest(): void {
    if (this.#turns.size <= MAX_TURNS) return;
    for (const turn of this.#turns.values()) {
      if (turn.phase !== 'done') continue;
      this.#turns.delete(turn.itemId);
      return;
    }
  }
}

/** All of a turn's translation so far. */
export function translationOf(turn: Turn): string {
  return turn.parts
    .map((part) => part.text.trim())
    .filter((text) => text !== '')
    .join(' ');
}

/** The text of one content part of a turn, created on first use. */
export function partOf(turn: Turn, key: string): { key: string; text: string } {
  let part = turn.parts.find((candidate) => candidate.key === key);
  if (part === undefined) {
    part = { key, text: '' };
    turn.parts.push(part);
  }
  return part;
}
