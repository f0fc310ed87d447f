import type { Clock, TimerHandle } from '../../clock.js';
import type { LanguageTag } from '../../languages/languages.js';
import { asksForQuiet } from '../wake/spoken-answers.js';
import { wakeOf } from '../wake/wake.js';
import type { AgentSettings } from './agent-options.js';
import type { Silence } from './silence.js';

/** Somebody who only said the name goes on within so long. */
const GOES_ON_MS = 4_000;
/** After a question of the agent's own, whoever asked may answer it without its name for so long. */
const FOLLOW_UP_MS = 10_000;
/** A question that nobody answers for so long is open. */
const OPEN_QUESTION_MS = 6_000;
/** Told to be quiet, it leaves open questions alone for so long. */
const QUIET_MS = 600_000;
const QUESTION = /[?？؟]\s*["'”’»」]?\s*$/u;

/** What one person said in one turn. */
type Heard = {
  readonly speakerId: string;
  readonly text: string;
  /** That it may be in, as far as that is known. */
  readonly languages: readonly LanguageTag[];
  /** How it sounded, where that is kept. */
  readonly sound: () => Int16Array | undefined;
  /** Others may be heard in it, or have said it. */
  readonly isMixed: boolean;
};

/** What is asked of the agent by voice. */
type SpokenAsk = {
  readonly speakerId: string;
  readonly text: string;
  readonly how: 'voice' | 'open_question';
  /** It may not be meant for the agent. */
  readonly mayPass: boolean;
} & Partial<Pick<Heard, 'sound' | 'isMixed'>>;

/** What addressing is made of. */
type AddressingOptions = {
  readonly clock: Clock;
  readonly silence: Silence;
  readonly settings: () => AgentSettings;
  /** The agent speaks, or is about to. */
  readonly isSpeaking: () => boolean;
  readonly handlers: {
    asked(ask: SpokenAsk): void;
    /** It was called, and what it is asked follows. */
    called(speakerId: string): void;
    hushed(speakerId: string): void;
  };
};

/** Tells from what people say whether they ask the agent for something, or want it to be quiet. */
export class Addressing {
  readonly #options: AddressingOptions;
  /** Who said the name alone, and what becomes of it when they do not go on. */
  readonly #called = new Map<string, TimerHandle>();
  /** Whom the agent asked something back, and until when they may answer it. */
  #awaits: { readonly speakerId: string; readonly untilMs: number } | undefined;
  #stopOpenQuestion: () => void = () => undefined;
  #quietUntilMs = -Infinity;

  constructor(options: AddressingOptions) {
    this.#options = options;
  }

  /** Somebody said this. */
  heard({ speakerId, text, languages, sound, isMixed }: Heard): void {
    const { clock, settings, isSpeaking, handlers } = this.#options;
    const { mode, wakeName } = settings();
    this.#stopOpenQuestion();
    if (mode === 'off' || mode === 'silent') return;
    const goesOn = this.#called.get(speakerId);
    this.#forget(speakerId);
    const wake = wakeOf(text, [wakeName], languages);
    if (asksForQuiet(wake?.request ?? text) && (wake !== undefined || isSpeaking())) {
      this.hush();
      handlers.hushed(speakerId);
      return;
    }
    if (wake?.kind === 'called' && wake.request === '') {
      this.#waitFor(speakerId);
      return;
    }
    const follows = this.#awaits?.speakerId === speakerId && clock.nowMs() <= this.#awaits.untilMs;
    this.#awaits = undefined;
    if (wake !== undefined || goesOn !== undefined || follows) {
      const request = wake === undefined || wake.request === '' ? text : wake.request;
      const mayPass = goesOn === undefined && wake?.kind !== 'called';
      handlers.asked({ speakerId, text: request, how: 'voice', mayPass, sound, isMixed });
      return;
    }
    if (mode === 'open-questions' && QUESTION.test(text) && clock.nowMs() >= this.#quietUntilMs)
      this.#waitForAnswers({ speakerId, text, sound, isMixed });
  }

  /** It is to be quiet. */
  hush(): void {
    this.#stopOpenQuestion();
    this.#quietUntilMs = this.#options.clock.nowMs() + QUIET_MS;
    this.#awaits = undefined;
  }

  /** The agent said this to somebody: where it is a question, they may answer it. */
  answered(speakerId: string | undefined, text: string): void {
    this.#awaits =
      speakerId !== undefined && QUESTION.test(text)
        ? { speakerId, untilMs: this.#options.clock.nowMs() + FOLLOW_UP_MS }
        : undefined;
  }

  /** Somebody is gone. */
  left(speakerId: string): void {
    this.#forget(speakerId);
  }

  /** Nothing that was said before counts any more. */
  reset(): void {
    this.#stopOpenQuestion();
    for (const id of [...this.#called.keys()]) this.#forget(id);
    this.#awaits = undefined;
  }

  #waitFor(speakerId: string): void {
    const { clock, handlers } = this.#options;
    const timer = clock.setTimer(() => {
      this.#called.delete(speakerId);
      handlers.asked({ speakerId, text: '', how: 'voice', mayPass: false });
    }, GOES_ON_MS);
    this.#called.set(speakerId, timer);
    handlers.called(speakerId);
  }

  #waitForAnswers(question: Omit<SpokenAsk, 'how' | 'mayPass'>): void {
    const { clock, silence, handlers } = this.#options;
    const ask = (): void => {
      handlers.asked({ ...question, how: 'open_question', mayPass: true });
    };
    this.#stopOpenQuestion = silence.wait(OPEN_QUESTION_MS, ask, clock.nowMs());
  }

  #forget(speakerId: string): void {
    this.#called.get(speakerId)?.cancel();
    this.#called.delete(speakerId);
  }
}
