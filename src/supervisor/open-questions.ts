import type { Clock } from '../clock.js';
import type { Logger } from '../log.js';
import type { Answer, Question } from '../meeting-process/questions.js';

/** As long as the process waits. */
const TIMEOUT_MS = 8_000;
const MAX_OPEN = 8;

/** Looks up what the agent of a bot asks for, in the epoch of its claim. Rejects where that cannot be known now. */
export type AnswerQuestion = (
  botId: string,
  epoch: number,
  question: Question,
  signal: AbortSignal,
) => Promise<Answer>;

/** What the agent of one meeting asked and is being looked up: bounded, and given up after a while. */
export class OpenQuestions {
  readonly #about: { clock: Clock; log: Logger; answerQuestion?: AnswerQuestion | undefined };
  #open = 0;

  constructor(about: { clock: Clock; log: Logger; answerQuestion?: AnswerQuestion | undefined }) {
    this.#about = about;
  }

  /** Undefined where that cannot be known now: why stands in the log alone. Never rejects. */
  async answer(botId: string, epoch: number, question: Question): Promise<Answer | undefined> {
    const { clock, log, answerQuestion } = this.#about;
    if (answerQuestion === undefined || this.#open >= MAX_OPEN) return undefined;
    this.#open++;
    const late = new AbortController();
    const timer = clock.setTimer(() => {
      late.abort(new Error('it took too long'));
    }, TIMEOUT_MS);
    const givenUp = new Promise<never>((_resolve, reject) => {
      late.signal.addEventListener('abort', () => reject(late.signal.reason as Error), { once: true });
    });
    try {
      return await Promise.race([answerQuestion(botId, epoch, question, late.signal), givenUp]);
    } catch (err) {
      log.warn({ err, botId, epoch, asked: question.kind }, 'what an agent looked up could not be answered');
      return undefined;
    } finally {
      timer.cancel();
      this.#open--;
    }
  }
}
