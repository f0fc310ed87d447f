import type { LanguageTag } from '../../languages/languages.js';
import type { SpeechStyle } from './speech-style.js';

/** How each language of a meeting is spoken, as of now. */
export class SpeechStyles {
  #voiceOf: ((to: LanguageTag) => string | undefined) | undefined;
  #speedOf: ((to: LanguageTag) => number | undefined) | undefined;

  /** @param styleOf absent: as the sessions are configured */
  constructor(styleOf?: (to: LanguageTag) => SpeechStyle) {
    if (styleOf === undefined) return;
    this.#voiceOf = (to) => styleOf(to).voice;
    this.#speedOf = (to) => styleOf(to).speed;
  }

  styleOf(to: LanguageTag): SpeechStyle {
    const voice = this.#voiceOf?.(to);
    const speed = this.#speedOf?.(to);
    return { ...(voice === undefined ? {} : { voice }), ...(speed === undefined ? {} : { speed }) };
  }

  setVoiceOf(voiceOf: (to: LanguageTag) => string): void {
    this.#voiceOf = voiceOf;
  }

  setSpeedOf(speedOf: (to: LanguageTag) => number): void {
    this.#speedOf = speedOf;
  }
}
