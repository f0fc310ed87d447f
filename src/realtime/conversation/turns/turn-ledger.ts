/**
 * The turns of one connection, and which of them is to be answered next: strictly in the order of their commits, one response
 * at a time. Pure bookkeeping; the connection decides when to send.
 */

import type { ToolCall, UserMessage } from '../../session-tools.js';

/** One content part of a translation. */
type Part = { readonly key: string; readonly itemId: string; text: string; final: boolean };

/** A call that a response made. */
export type MadeCall = ToolCall & {
  /** The turn that it was told with: another one where its connection was lost meanwhile. */
  readonly turnId: string;
  /** What it gave back; undefined until it is answered. */
  output: string | undefined;
  /** The server was sent that. */
  sent: boolean;
};

/** What a turn was about that waits for its calls, for another connection to go on with. */
export type CallingTurn = Pick<Turn, 'sourceText' | 'steps' | 'calls'>;

/** One stretch of speech, from the moment the server heard it to the end of its translation. */
export type Turn = {
  readonly itemId: string;
  readonly turnId: string;
  /** What is to be spoken, where the turn is a text of ours and nobody's speech. */
  readonly text: string | undefined;
  startMs: number;
  endMs: number;
  /** `calling`: its response made calls, and not all are answered. */
  phase: 'speaking' | 'stopped' | 'waiting' | 'responding' | 'calling' | 'done';
  sourceText: string;
  /** All of the source text has come: later pieces of it are strays. */
  sourceFinal: boolean;
  /** What was said in the translation, one part per response content, in order. */
  readonly parts: Part[];
  /** The meeting's time up to which the speech in it goes, for whoever hears it again from there; undefined while open. */
  consumedToMs: number | undefined;
  /** The response ran into the output limit once and was continued. */
  continued: boolean;
  /** The response failed once and is asked for again. */
  retried: boolean;
  /** Something was heard of it, since its last calls were made. */
  spoke: boolean;
  /** It was sent as this message, and is not speech that the server heard. Its sound is forgotten when it is over. */
  message: UserMessage | undefined;
  /** The item of that message is still to be created. */
  unsent: boolean;
  /** The server refused the sound of its message: whatever is answered meanwhile is not its answer. */
  refusedSound: boolean;
  /** What its responses called, in order. */
  readonly calls: MadeCall[];
  /** How many of its responses made calls. */
  steps: number;
  /** Playback of its translation was cleared: what still comes is for captions only. */
  silenced: boolean;
  /** Its translation is not to be made, nor told to later turns. */
  unwanted: boolean;
  /** Clock time at which its translation was first asked for. */
  askedSinceMs: number | undefined;
};

/** A response.create that is on its way or running. */
type ActiveResponse = {
  readonly turn: Turn;
  /** Id of the event that asked for it; undefined when the server made it by itself. */
  readonly createEventId: string | undefined;
  responseId: string | undefined;
};

/** Finished turns that late transcripts may still belong to. */
const MAX_TURNS = 512;
/** Turns heard and not committed, or committed and not answered, that a sane server never reaches. */
export const MAX_OPEN_TURNS = 8;
export const MAX_WAITING_TURNS = 256;
/** Longest text of one turn, and most parts; what comes beyond is left out. */
const MAX_TEXT_CHARS = 50_000;
const MAX_PARTS = 32;

/** What a connection has not answered. See {@link TurnLedger.unanswered}. */
export type Unanswered = {
  readonly answeredUntilMs: number;
  readonly unansweredFromMs: number;
  readonly unspoken: readonly string[];
  readonly unread: readonly UserMessage[];
  readonly calling: readonly CallingTurn[];
};

/** Turns by item id, the queue of those to be answered, and the response that runs. */
export class TurnLedger {
  readonly #turns = new Map<string, Turn>();
  readonly #open = new Set<Turn>(); // oldest first
  readonly #waiting: Turn[] = [];
  readonly #calling = new Set<Turn>();
  active: ActiveResponse | undefined;
  /** Speech that was committed by hand went on, as far as is known, and no turn has been opened for the rest. */
  goesOn = false;

  #answeredUntilMs = -Infinity;

  /**
   * What is unanswered: speech that was heard, from `unansweredFromMs` on, the texts of ours that wait, what was written to
   * us, and the turns that made calls, which must not be heard again; all before `answeredUntilMs` is answered. A turn of which
   * something was heard counts as answered, whether or not that was all.
   */
  get unanswered(): Unanswered {
    let answeredUntilMs = this.#answeredUntilMs;
    let unansweredFromMs = Infinity;
    const unspoken: string[] = [];
    const unread: UserMessage[] = [];
    const calling: CallingTurn[] = [];
    for (const turn of this.#turns.values()) {
      if (turn.phase === 'done') continue;
      const goesOn = turn.calls.length > 0 && !turn.spoke && !turn.unwanted;
      if (goesOn) calling.push(turn);
      if (turn.spoke || turn.calls.length > 0)
        answeredUntilMs = Math.max(answeredUntilMs, turn.consumedToMs ?? -Infinity);
      else if (turn.message !== undefined) unread.push(turn.message);
      else if (turn.text !== undefined) unspoken.push(turn.text);
      else unansweredFromMs = Math.min(unansweredFromMs, turn.startMs);
    }
    return { answeredUntilMs, unansweredFromMs, unspoken, unread, calling };
  }

  /** Turns that are remembered. */
  get size(): number {
    return this.#turns.size;
  }

  /** How many turns the server has heard and not committed yet. */
  get openCount(): number {
    return this.#open.size;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Nothing is open, waiting, being answered or waiting for calls. */
  get idle(): boolean {
    const { size } = this.#calling;
    return this.active === undefined && this.#waiting.length === 0 && this.#open.size === 0 && size === 0;
  }

  /** The turns that wait for their calls. */
  get calling(): readonly Turn[] {
    return [...this.#calling];
  }

  get(itemId: string): Turn | undefined {
    return this.#turns.get(itemId);
  }

  /** Adds a turn at its first sign of life: speech, a text of ours to be spoken, or one that was written to us. */
  open(itemId: string, turnId: string, startMs: number, text?: string, message?: UserMessage): Turn {
    const turn: Turn = {
      itemId,
      turnId,
      text,
      startMs,
      endMs: startMs,
      phase: 'speaking',
      sourceText: message?.text ?? '',
      sourceFinal: message !== undefined,
      parts: [],
      consumedToMs: undefined,
      continued: false,
      retried: false,
      spoke: false,
      message,
      unsent: message !== undefined,
      refusedSound: false,
      calls: [],
      steps: 0,
      silenced: false,
      unwanted: false,
      askedSinceMs: undefined,
    };
    this.#turns.set(itemId, turn);
    this.#open.add(turn);
    this.#forgetOldest();
    return turn;
  }

  /** Open turns, oldest first; with `before`, only those that were heard before it. */
  openTurns(before?: Turn): Turn[] {
    const turns = [...this.#open];
    const end = before === undefined ? -1 : turns.indexOf(before);
    return end === -1 ? turns : turns.slice(0, end);
  }

  /** The turn is committed and waits for its response behind those committed before. */
  commit(turn: Turn): void {
    turn.phase = 'waiting';
    this.#open.delete(turn);
    this.#waiting.push(turn);
  }

  /** Puts a turn in front of the queue again: its response was refused, or needs a continuation. */
  putBack(turn: Turn): void {
    turn.phase = 'waiting';
    this.#waiting.unshift(turn);
  }

  /** Its response made calls: it waits for what they give back, and is in nobody's way. */
  waitForCalls(turn: Turn, calls: readonly MadeCall[]): void {
    turn.phase = 'calling';
    turn.spoke = false;
    turn.calls.push(...calls);
    this.#open.delete(turn);
    this.#calling.add(turn);
  }

  /** All of its calls are answered: the rest of its answer is to be asked for, in front of what waits. */
  callsAnswered(turn: Turn): void {
    this.#calling.delete(turn);
    turn.retried = false;
    turn.continued = false;
    turn.silenced = false;
    turn.askedSinceMs = undefined;
    this.putBack(turn);
  }

  /** The turn with this id, whether or not it is over. */
  byTurnId(turnId: string): Turn | undefined {
    for (const turn of this.#turns.values()) if (turn.turnId === turnId) return turn;
    return undefined;
  }

  /** Takes a turn out of the queue. Returns false where it was not in it. */
  drop(turn: Turn): boolean {
    const at = this.#waiting.indexOf(turn);
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }

  /** Takes the next turn to be answered. */
  next(): Turn | undefined {
    return this.#waiting.shift();
  }

  finish(turn: Turn): void {
    turn.phase = 'done';
    if (turn.message?.sound !== undefined) turn.message = { text: turn.message.text };
    this.#answeredUntilMs = Math.max(this.#answeredUntilMs, turn.consumedToMs ?? -Infinity);
    this.#open.delete(turn);
    this.#calling.delete(turn);
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

/** Adds a piece of what was said, or replaces it by the whole. Returns false when nothing changed. */
export function addSource(turn: Turn, text: string, final: boolean): boolean {
  if (!final && turn.sourceFinal) return false;
  turn.sourceText = grown(turn.sourceText, text, final);
  turn.sourceFinal ||= final;
  return true;
}

/** Adds a piece of one content part of the translation, or replaces it by the whole. Returns false when nothing changed. */
export function addTranslation(
  turn: Turn,
  from: { item_id: string; content_index: number },
  text: string,
  final: boolean,
): boolean {
  const key = `${from.item_id}/${from.content_index}`;
  let part = turn.parts.find((candidate) => candidate.key === key);
  if (part === undefined) {
    if (turn.parts.length >= MAX_PARTS) return false;
    part = { key, itemId: from.item_id, text: '', final: false };
    turn.parts.push(part);
  }
  if (!final && part.final) return false;
  part.text = grown(part.text, text, final);
  part.final ||= final;
  return true;
}

function grown(before: string, text: string, final: boolean): string {
  if (final) return text.slice(0, MAX_TEXT_CHARS);
  return before + text.slice(0, MAX_TEXT_CHARS - before.length);
}
