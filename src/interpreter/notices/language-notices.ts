/** What a person is told, and they alone: about the language that they hear and read, and that there is a record. Pure. */
import {
  type LanguageTag,
  likelyLanguage,
  ownLanguageName,
  sameLanguage,
} from '../../languages/languages.js';
import type { PersonLanguages } from '../plan/declared-languages.js';
import { textsFor } from './notice-texts.js';

/** Languages named in one notice, and languages that a question is asked in. */
const MAX_NAMED = 8;
const MAX_ASKED_IN = 3;

/** A text, and its language where it is in one. */
export type LanguageNotice = { readonly text: string; readonly language: LanguageTag | undefined };

/**
 * Asks somebody for their language. `offered` are those to be had, by name. Whoever prefers another one is asked in that,
 * anybody else in English and those offered. `unread` is what they gave, where it cannot be read as a language: it is quoted, and
 * what they may have meant stands first.
 */
export function languageQuestion(
  prefers: LanguageTag | undefined,
  offered: readonly LanguageTag[],
  unread?: string,
): LanguageNotice {
  const meant = unread === undefined ? undefined : likelyLanguage(unread);
  const first = meant === undefined ? [] : [meant];
  const choice = names([...first, ...offered.filter((tag) => tag !== meant)]);
  const choices = choice === '' ? '' : ` (${choice})`;
  const quoted = unread === undefined ? '' : `“${unread}”? `;
  if (prefers !== undefined) {
    const { texts, language } = textsFor(prefers);
    return { text: `${quoted || `${fill(texts.missing, [prefers])} `}${texts.ask}${choices}`, language };
  }
  const questions = new Set([...first, 'en', ...offered].map((tag) => textsFor(tag).texts.ask));
  return {
    text: `${quoted}${[...questions].slice(0, MAX_ASKED_IN).join(' ')}${choices}`,
    language: questions.size === 1 ? 'en' : undefined,
  };
}

/** Says what somebody hears and reads from now on, and what they are taken to speak where that differs. */
export function languageConfirmation(
  prefers: LanguageTag,
  { speaks, heard }: PersonLanguages,
): LanguageNotice {
  const { texts, language } = textsFor(prefers);
  const sentences = [fill(texts.set, [prefers])];
  if (speaks.some((tag) => !sameLanguage(tag, prefers))) sentences.push(fill(texts.spoken, speaks));
  if (heard) sentences.push(texts.guessed);
  return { text: sentences.join(' '), language };
}

/** Says to whoever asked the agent that it has no answer. */
export function noAnswerNotice(agent: string, prefers: LanguageTag): LanguageNotice {
  const { texts, language } = textsFor(prefers);
  return { text: texts.noAnswer.replace('{}', () => agent), language };
}

/** What there is in a meeting beside its interpretation, and people are to know. */
export type Company = {
  /** What an agent is called by that listens. */
  readonly agent?: string | undefined;
  /** Minutes are written afterwards. */
  readonly minutes?: boolean | undefined;
};

/** Says that `interpreter` is here, and in what company, to whoever reads this language. */
export function interpretingNotice(
  interpreter: string,
  prefers: LanguageTag,
  { agent, minutes = false }: Company = {},
): LanguageNotice {
  const { texts, language } = textsFor(prefers);
  const sentences = [
    texts.interpreting.replace('{}', () => interpreter),
    ...(agent === undefined ? [] : [texts.agent.replace('{}', () => agent)]),
    ...(minutes ? [texts.minutes] : []),
  ];
  return { text: sentences.join(' '), language };
}

/** Says that what is said is kept; in English and the languages `offered` to somebody who has not chosen one. */
export function recordingNotice(
  prefers: LanguageTag | undefined,
  offered: readonly LanguageTag[],
): LanguageNotice {
  if (prefers !== undefined) {
    const { texts, language } = textsFor(prefers);
    return { text: texts.recorded, language };
  }
  const sentences = new Set(['en', ...offered].map((tag) => textsFor(tag).texts.recorded));
  return {
    text: [...sentences].slice(0, MAX_ASKED_IN).join(' '),
    language: sentences.size === 1 ? 'en' : undefined,
  };
}

/** Says that somebody's microphone is very quiet, and what helps. */
export function quietMicrophoneNotice(prefers: LanguageTag | undefined): LanguageNotice {
  const { texts, language } = textsFor(prefers ?? 'en');
  return { text: texts.quiet, language };
}

function fill(text: string, languages: readonly LanguageTag[]): string {
  return text.replace('{}', () => names(languages));
}

/** Languages by their own names. */
function names(languages: readonly LanguageTag[]): string {
  return languages
    .slice(0, MAX_NAMED)
    .map((tag) => ownLanguageName(tag))
    .join(', ');
}
