/** What listeners are told, in their language, when interpreting is interrupted, goes on, or becomes less. Pure. */
import type { Interruption } from '../../captions/caption.js';
import type { LanguageTag } from '../../languages/languages.js';
import { INTERRUPTION_TEXTS, type InterruptionTexts } from './interruption-texts.js';
import { type LanguageNotice, textsIn } from './language-notices.js';

/** For readers of `tag`, in English where there is no text of theirs. `speakerName`, fit for showing, is whose words it is about. */
export function interruptionNotice(
  what: Interruption,
  tag: LanguageTag,
  speakerName: string,
): LanguageNotice {
  const { texts, language } = textsIn<InterruptionTexts>(INTERRUPTION_TEXTS, tag);
  return { text: texts[what].replace('{}', () => speakerName), language };
}
