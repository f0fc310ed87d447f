/** Which language somebody speaks, by what the transcription of their turns reports. Pure. */
import { type LanguageTag, parseLanguage, sameLanguage } from '../../languages/languages.js';
import type { RouteSpec } from './routes.js';

/** What was heard of one person. */
export type RecognisedLanguage = {
  /** The language of the last turn that had one. */
  readonly last: LanguageTag | undefined;
  /** The one that two turns in a row agreed on, until two others agree on another. */
  readonly agreed: LanguageTag | undefined;
};

/** Of somebody who has not spoken yet. */
export const NOTHING_RECOGNISED: RecognisedLanguage = { last: undefined, agreed: undefined };

/** What is known after one more turn, whose transcription reported `reported`. What is no language changes nothing. */
export function recogniseTurn(before: RecognisedLanguage, reported: string): RecognisedLanguage {
  const last = parseLanguage(reported);
  if (last === undefined) return before;
  const { agreed } = before;
  if (agreed !== undefined && sameLanguage(agreed, last)) return { last, agreed };
  return { last, agreed: before.last !== undefined && sameLanguage(before.last, last) ? last : agreed };
}

/** The language that a transcription found by itself; undefined where it was told which to expect. */
export function foundLanguage(
  { transcriptionLanguage }: Pick<RouteSpec, 'transcriptionLanguage'>,
  reported: string | undefined,
): string | undefined {
  return transcriptionLanguage === undefined ? reported : undefined;
}
