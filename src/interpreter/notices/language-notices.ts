/** What a person is told, and they alone: about the language that they hear and read, and that there is a record. Pure. */
import { languageName, type LanguageTag, sameLanguage } from '../../languages/languages.js';
import type { PersonLanguages } from '../plan/declared-languages.js';
import { textsFor } from './notice-texts.js';

/** Languages named in one notice, and languages that a question is asked in. */
const MAX_NAMED = 8;
const MAX_ASKED_IN = 3;

/** A text, and its language where it is in one. */
export type LanguageNotice = { readonly text: string; readonly language: LanguageTag | undefined };

/**
 * Asks somebody for their language. `offered` are those to be had, by name. Whoever prefers another one is asked in that,
 * anybody else in English and those offered.
 */
export function languageQuestion(
  prefers: LanguageTag | undefined,
  offered: readonly LanguageTag[],
): LanguageNotice {
  const choices = offered.length === 0 ? '' : ` (${names(offered)})`;
  if (prefers !== undefined) {
    const { texts, language } = textsFor(prefers);
    return { text: `${fill(texts.missing, [prefers])} ${texts.ask}${choices}`, language };
  }
  const questions = new Set(['en', ...offered].map((tag) => textsFor(tag).texts.ask));
  return {
    text: `${[...questions].slice(0, MAX_ASKED_IN).join(' ')}${choices}`,
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
    .map((tag) => languageName(tag, tag))
    .join(', ');
}
