/** Which participants are Parley, as the page says: at once, or after it has asked its server. */
import type { ParleyClientOptions } from './api.js';

/** Ids whose answer is remembered, and messages of one id that wait for it; what is more is forgotten. */
const MAX_KNOWN = 500;
const MAX_WAITING = 100;

/** A page's word about who is an interpreter, asked for anew whenever somebody comes. */
export class Interpreters {
  readonly #known = new Map<string, boolean | 'left'>();
  /** Whom we are asking about, and what waits for the answer. */
  readonly #asked = new Map<string, { waiting: (() => void)[] }>();
  readonly #isInterpreter: ParleyClientOptions['isInterpreter'];
  readonly #onAnswer: (id: string) => void;
  readonly #onFailure: (id: string, cause: unknown) => void;

  /** Where `isInterpreter` fails, who was an interpreter stays one, and nobody else becomes one. */
  constructor(
    isInterpreter: ParleyClientOptions['isInterpreter'],
    onAnswer: (id: string) => void,
    onFailure: (id: string, cause: unknown) => void,
  ) {
    this.#isInterpreter = isInterpreter;
    this.#onAnswer = onAnswer;
    this.#onFailure = onFailure;
  }

  has(id: string): boolean {
    return this.#known.get(id) === true;
  }

  /** Somebody came, or is met again after a reconnect. */
  came(id: string): void {
    if (this.#known.get(id) === 'left') this.#known.delete(id); // whoever comes back may be somebody else
    this.#ask(id);
  }

  left(id: string): void {
    if (this.has(id)) this.#known.set(id, 'left'); // their last captions may still be on the way
  }

  /** Calls `deliver` if this is an interpreter: at once, or after the answer that is waited for. */
  from(id: string, deliver: () => void): void {
    if (!this.#known.has(id) && !this.#asked.has(id)) this.#ask(id);
    const waiting = this.#asked.get(id)?.waiting;
    if (this.#known.get(id)) deliver();
    else if (waiting !== undefined && waiting.length < MAX_WAITING) waiting.push(deliver);
  }

  #ask(id: string): void {
    const question = { waiting: this.#asked.get(id)?.waiting ?? [] };
    this.#asked.set(id, question); // in place of an earlier one, whose answer does not count any more
    const answer = (verdict: boolean | undefined): void => {
      if (this.#asked.get(id) !== question) return;
      this.#asked.delete(id);
      if (verdict !== undefined) this.#known.set(id, verdict);
      const [oldest] = this.#known.keys();
      if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
      this.#onAnswer(id);
      if (this.has(id)) for (const deliver of question.waiting) deliver();
    };
    const failed = (cause: unknown): void => {
      answer(undefined);
      this.#onFailure(id, cause);
    };
    try {
      const verdict = this.#isInterpreter(id);
      if (typeof verdict === 'object') verdict.then(answer, failed);
      else answer(verdict);
    } catch (cause) {
      failed(cause);
    }
  }
}
