import { messageOf } from '../../errors.js';
import { type LanguageTag, sameLanguage } from '../../languages/languages.js';
import type { MeetingContext, MeetingPlan } from '../../meeting/meeting-part.js';
import { preferredLanguages } from '../../meeting/people/preferred-languages.js';

/** Texts that are said at once. */
const MAX_SAID_CHARS = 1_000;

/**
 * Tells everybody else what the agent answers: to those who do not hear the language that it was given in, in theirs, by voice
 * and in captions.
 */
export class AnswerInterpreter {
  readonly #meeting: MeetingContext;
  readonly #onFailed: (why: string) => void;
  #plan: Pick<MeetingPlan, 'declared' | 'undecided'> = { declared: [], undecided: [] };

  constructor(meeting: MeetingContext, onFailed: (why: string) => void) {
    this.#meeting = meeting;
    this.#onFailed = onFailed;
  }

  planned(plan: MeetingPlan): void {
    this.#plan = plan;
  }

  /** Says an answer in every language that people here need but the one that it is in. Never rejects. */
  async tell(text: string, language: LanguageTag, quiet?: AbortSignal): Promise<void> {
    const others = this.#languages.filter((tag) => !sameLanguage(tag, language));
    if (others.length === 0) return;
    try {
      for (const part of partsOf(text))
        await this.#meeting.say(part, others, quiet === undefined ? {} : { quiet });
    } catch (error) {
      this.#onFailed(messageOf(error));
    }
  }

  /** What is needed: whoever has chosen nothing hears the meeting's one or two languages. */
  get #languages(): readonly LanguageTag[] {
    const { declared, undecided } = this.#plan;
    const preferred = preferredLanguages(this.#meeting.people(), declared);
    const given = undecided.length > 0 && declared.length <= 2 ? declared : [];
    return [...preferred, ...given.filter((tag) => !preferred.some((other) => sameLanguage(other, tag)))];
  }
}

/** A text in parts that can be said: whole sentences as far as they are short enough. */
export function partsOf(text: string): string[] {
  const sentences = text.trim().split(/(?<=[.!?。！？؟।…])\s*/u);
  const parts: string[] = [];
  for (const sentence of sentences) {
    for (let at = 0; at < sentence.length; at += MAX_SAID_CHARS) {
      const piece = sentence.slice(at, at + MAX_SAID_CHARS);
      const last = parts.at(-1);
      if (last !== undefined && last.length + piece.length < MAX_SAID_CHARS)
        parts.push(`${parts.pop()} ${piece}`);
      else parts.push(piece);
    }
  }
  return parts.filter((part) => part.trim() !== '');
}
