import { ParleyError } from '../../errors.js';
import type { AgentAsk } from '../built-in/agent-meeting.js';
import type { AgentAnswer } from './agent-options.js';

/** How a question is answered, as far as its turn needs it. */
export type AgentTurnOptions = {
  /** Its rules alone, without what others wrote and said. */
  readonly rules: string;
  /** It may turn out not to be meant for the agent, or to be nothing that it can help with. */
  readonly mayPass: boolean;
  /** The answer is read only. */
  readonly written: boolean;
  /** Others may have said it: whoever asks is no host for certain. */
  readonly isMixed: boolean;
};

/** A question and what becomes of it, until it is settled. */
export class AgentTurn {
  readonly ask: AgentAsk;
  readonly options: AgentTurnOptions;
  readonly askedAtMs: number;
  /** It has its answer, or will have none. What comes later does nothing. */
  readonly settle: (answer: AgentAnswer | ParleyError) => void;
  /** Its answer is complete, once that is so. */
  text: string | undefined;
  /** By the session; a lost connection gives it another. */
  turnId: string | undefined;
  /** Nobody speaks over it: its answer may be heard. */
  released = false;
  /** It has begun to be heard. */
  heard = false;
  /** Somebody spoke, or asked for silence, while it was heard. */
  cut = false;
  /** It is heard; otherwise it is read only. */
  spoken = false;
  /** What of it is spoken one after the other, and how many of that are over. */
  readonly outputs = new Set<string>();
  over = 0;
  readonly #quiet = new AbortController();
  #stopWaiting: () => void = () => undefined;

  constructor(
    ask: AgentAsk,
    options: AgentTurnOptions,
    askedAtMs: number,
    settle: (answer: AgentAnswer | ParleyError) => void,
  ) {
    this.ask = ask;
    this.options = options;
    this.askedAtMs = askedAtMs;
    this.settle = settle;
  }

  /** Aborted when it is silenced. */
  get quiet(): AbortSignal {
    return this.#quiet.signal;
  }

  get isDone(): boolean {
    return this.text !== undefined;
  }

  /** What it waits for now, in place of what it waited for before: `stop` ends that. */
  waitFor(stop: () => void): void {
    this.#stopWaiting();
    this.#stopWaiting = stop;
  }

  stopWaiting(): void {
    this.waitFor(() => undefined);
  }

  /** It is silenced: what is left of its answer is read only. */
  silence(): void {
    this.stopWaiting();
    this.#quiet.abort();
    this.cut ||= this.heard;
    this.released = true;
  }

  /** An answer that is read only is over when it is complete; one that is heard, when all of it was. */
  settleIfOver(): void {
    const isHeard = this.over >= this.outputs.size || this.cut;
    if (this.isDone && this.released && (isHeard || !this.spoken || this.quiet.aborted))
      this.settleAnswered();
  }

  settleAnswered(): void {
    this.#settleAs(this.cut ? 'cut' : 'answered', this.text ?? '');
  }

  /** The model found that it was not asked. */
  settlePassed(): void {
    this.#settleAs('passed', '');
  }

  #settleAs(outcome: AgentAnswer['outcome'], text: string): void {
    const { askId, language } = this.ask;
    this.settle({ askId, language, outcome, text });
  }
}

/** The questions that have no answer yet, oldest first. */
export class AgentTurns {
  readonly #turns = new Set<AgentTurn>();
  readonly #onSettled: () => void;

  /** `onSettled` is told each time that one is not open any more. */
  constructor(onSettled: () => void) {
    this.#onSettled = onSettled;
  }

  get size(): number {
    return this.#turns.size;
  }

  /** Something of an answer is being said, or will be. */
  get isSpeaking(): boolean {
    return this.all.some(({ heard, cut }) => heard && !cut);
  }

  /** As they are now: settling one does not disturb whoever goes through them. */
  get all(): readonly AgentTurn[] {
    return [...this.#turns];
  }

  has(turn: AgentTurn): boolean {
    return this.#turns.has(turn);
  }

  /** Opens one; `answer` resolves when it is settled, and rejects with the ParleyError it is settled with. */
  begin(
    ask: AgentAsk,
    options: AgentTurnOptions,
    askedAtMs: number,
  ): { turn: AgentTurn; answer: Promise<AgentAnswer> } {
    let settle: (answer: AgentAnswer | ParleyError) => void = () => undefined;
    const answer = new Promise<AgentAnswer>((resolve, reject) => {
      settle = (settled) => {
        if (settled instanceof ParleyError) reject(settled);
        else resolve(settled);
      };
    });
    const turn = new AgentTurn(ask, options, askedAtMs, (settled) => {
      if (!this.#turns.delete(turn)) return;
      turn.stopWaiting();
      this.#onSettled();
      settle(settled);
    });
    this.#turns.add(turn);
    return { turn, answer };
  }

  /** The one that the session knows by this id. */
  of(turnId: string): AgentTurn | undefined {
    for (const turn of this.#turns) if (turn.turnId === turnId) return turn;
    return undefined;
  }

  /** A connection was lost, and a question goes on with another one under a new name: the oldest that is not answered. */
  goingOn(turnId: string): AgentTurn | undefined {
    const connection = connectionOf(turnId);
    return this.all.find(
      (turn) => !turn.isDone && turn.turnId !== undefined && connectionOf(turn.turnId) !== connection,
    );
  }
}

/** Turns are named after their connections. */
function connectionOf(turnId: string): string {
  return turnId.slice(0, turnId.lastIndexOf('/'));
}
