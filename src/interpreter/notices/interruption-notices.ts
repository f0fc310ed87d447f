import type { Interruption } from '../../captions/caption.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { LanguageNotice } from './language-notices.js';
import { textsFor } from './notice-texts.js';

/**
 * What listeners are told when interpreting is interrupted, goes on, or becomes less: for readers of `tag`, in English where
 * there is no text of theirs. `speakerName`, fit for showing, is whose words it is about.
 */
export function interruptionNotice(
  what: Interruption,
  tag: LanguageTag,
  speakerName: string,
): LanguageNotice {
  const { texts, language } = textsFor(tag);
  return { text: texts[what].replace('{}', () => speakerName), language };
}
