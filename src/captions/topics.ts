/** The topics of the room's data channel on which captions go out: one per written language. Schema of the payload: docs/captions.md. */
import { type LanguageTag, sameLanguage } from '../languages/languages.js';
import { writingOf } from '../languages/written-languages.js';
import type { Caption } from './caption.js';

const PREFIX = 'PARLEY_CAPTIONS_';

/** The topic of the chat in most apps. */
export const CHAT_TOPIC = 'CHAT';

/** The language of readers who have not chosen one (ISO 639-2 "undetermined"). */
export const UNDECIDED = 'und';

/**
 * The topic of everyone who reads `tag`: `PARLEY_CAPTIONS_` and the language subtag, with the script where it is not the
 * language's usual one, and the standard where it is the other of two. `es` → `PARLEY_CAPTIONS_es`, `es-MX` →
 * `PARLEY_CAPTIONS_es-419`, `zh-TW` → `PARLEY_CAPTIONS_zh-Hant`. Undefined gives the topic of those who have not chosen a
 * language. Throws RangeError for what is no tag.
 */
export function captionsTopic(tag: LanguageTag | undefined): string {
  if (tag === undefined || tag === UNDECIDED) return PREFIX + UNDECIDED;
  return PREFIX + new Intl.Locale(tag).language + writingOf(tag);
}

/** What a reader of `language` reads of a caption if it is one text: in their language where there is one, else the other. */
export function textFor(
  { sourceText, translatedText, targetLanguage }: Caption,
  language: LanguageTag | undefined,
): string {
  const translated =
    language !== undefined && targetLanguage !== '' && sameLanguage(targetLanguage, language);
  return translated ? translatedText || sourceText : sourceText || translatedText;
}
