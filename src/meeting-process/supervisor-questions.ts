/** What the agent of a meeting process looks up by way of its supervisor. */
import type { MakeAgentExtension } from '../agent/built-in/agent-meeting.js';
import { documentsExtension } from '../agent/documents/documents-extension.js';
import { meetingsExtension } from '../agent/search/meetings-extension.js';
import type { Clock } from '../clock.js';
import type { Answer, Question } from './questions.js';

/** Sooner than a tool is told to be still running. */
const TIMEOUT_MS = 8_000;
/** Questions that wait for an answer. */
const MAX_OPEN = 8;

/** Asks, waits for a while, and takes the answers. A supervisor that is gone or says nothing costs what was asked, and nothing else. */
export class SupervisorQuestions {
  readonly #clock: Clock;
  readonly #send: (id: number, question: Question) => boolean;
  readonly #open = new Map<number, (answer: Answer | undefined) => void>();
  #count = 0;

  /** `send` returns false where nobody is there to be asked. */
  constructor(clock: Clock, send: (id: number, question: Question) => boolean) {
    this.#clock = clock;
    this.#send = send;
  }

  /** What the agent of this meeting has by them. */
  get extensions(): readonly MakeAgentExtension[] {
    return [
      documentsExtension(async (queries, { limit, signal }) => {
        const answer = await this.#ask({ kind: 'documents', queries: [...queries], limit }, signal);
        if (answer?.kind !== 'documents') throw notAvailable('The documents');
        return answer.passages;
      }),
      meetingsExtension({
        search: async ({ text, limit }, signal) => {
          const answer = await this.#ask({ kind: 'meetings', text, limit }, signal);
          if (answer?.kind !== 'meetings') throw notAvailable('Past meetings');
          return answer.hits;
        },
      }),
    ];
  }

  /** The supervisor says what is known. An answer that nobody waits for any more is dropped. */
  answered(id: number, answer: Answer | undefined): void {
    this.#open.get(id)?.(answer);
  }

  /** Nobody answers what was asked until now. */
  supervisorIsGone(): void {
    for (const settle of [...this.#open.values()]) settle(undefined);
  }

  /** Undefined where nothing can be known now. Rejects when nobody waits for it any more. */
  #ask(question: Question, signal: AbortSignal): Promise<Answer | undefined> {
    if (this.#open.size >= MAX_OPEN) return Promise.resolve(undefined);
    const id = this.#count++;
    return new Promise((resolve, reject) => {
      const over = (): void => {
        this.#open.delete(id);
        timer.cancel();
        signal.removeEventListener('abort', aborted);
      };
      const settle = (answer: Answer | undefined): void => {
        over();
        resolve(answer);
      };
      const aborted = (): void => {
        over();
        reject(new Error('nobody waits for it any more'));
      };
      const timer = this.#clock.setTimer(() => settle(undefined), TIMEOUT_MS);
      this.#open.set(id, settle);
      signal.addEventListener('abort', aborted, { once: true });
      if (signal.aborted) aborted();
      else if (!this.#send(id, question)) settle(undefined);
    });
  }
}

function notAvailable(what: string): Error {
  return new Error(`${what} are not available now. Say so, and do not guess.`);
}
