/** Captions as an interpreter sends them: checked, kept by turn, and put in order for their reader. */
import { isSameLanguage } from './languages.js';

/** @typedef {import('./page-types.js').Caption} Caption */
/** @typedef {import('./page-types.js').CaptionText} CaptionText */

/** VideoSDK's pubSub topic of captions. The payload's schema is in docs/meeting-page.md. */
export const CAPTIONS_TOPIC = 'PARLEY_CAPTIONS';

/** Turns that stay readable; the oldest is forgotten. */
export const MAX_TURNS = 500;
const MAX_TEXT_CHARS = 4_000;
const MAX_WORD_CHARS = 200;

/**
 * A caption out of a message's payload, or undefined when it is none. Texts of any length come in; none stays longer
 * than a screen can show.
 * @param {unknown} payload
 * @returns {Caption | undefined}
 */
export function parseCaption(payload) {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const fields = /** @type {Record<string, unknown>} */ (payload);
  if (fields['v'] !== 1 || typeof fields['final'] !== 'boolean') return undefined;
  const turnId = text(fields['turnId'], MAX_WORD_CHARS);
  const sourceText = text(fields['sourceText'], MAX_TEXT_CHARS);
  const translatedText = text(fields['translatedText'], MAX_TEXT_CHARS);
  if (turnId === '' || (sourceText === '' && translatedText === '')) return undefined;
  return {
    turnId,
    speakerId: text(fields['speakerId'], MAX_WORD_CHARS),
    speakerName: text(fields['speakerName'], MAX_WORD_CHARS),
    sourceLanguage: text(fields['sourceLanguage'], MAX_WORD_CHARS),
    targetLanguage: text(fields['targetLanguage'], MAX_WORD_CHARS),
    sourceText,
    translatedText,
    isFinal: fields['final'],
  };
}

/**
 * @param {unknown} value
 * @param {number} maxChars
 */
function text(value, maxChars) {
  return typeof value === 'string' ? value.trim().slice(0, maxChars) : '';
}

/**
 * What a reader of `language` reads first, and what stands below it. A text that has not come yet is empty; a caption
 * of two other languages is read in its translation.
 * @param {Caption} caption
 * @param {string} language the reader's
 * @returns {{ main: CaptionText, other: CaptionText }}
 */
export function textsFor(caption, language) {
  const said = { text: caption.sourceText, language: caption.sourceLanguage };
  const translated = { text: caption.translatedText, language: caption.targetLanguage };
  const readsSource =
    isSameLanguage(said.language, language) && !isSameLanguage(translated.language, language);
  return readsSource ? { main: said, other: translated } : { main: translated, other: said };
}

/** The turns of a meeting, in the order in which they were first heard of. */
export class CaptionFeed {
  /** @type {Map<string, Caption>} */
  #turns = new Map();

  /**
   * Takes a caption of `senderId`: a new turn, or the next state of one. Of a turn that is final, only another final
   * caption is taken.
   * @param {string} senderId
   * @param {Caption} caption
   * @returns {{ key: string, forgottenKey: string | undefined } | undefined} where it went and which turn was forgotten for
   *   it; undefined when it was stale
   */
  add(senderId, caption) {
    const key = `${senderId}\n${caption.turnId}`;
    if (this.#turns.get(key)?.isFinal === true && !caption.isFinal) return undefined;
    this.#turns.set(key, caption);
    if (this.#turns.size <= MAX_TURNS) return { key, forgottenKey: undefined };
    const [forgottenKey] = this.#turns.keys();
    if (forgottenKey !== undefined) this.#turns.delete(forgottenKey);
    return { key, forgottenKey };
  }

  /** @returns {ReadonlyMap<string, Caption>} by key, oldest first */
  get turns() {
    return this.#turns;
  }
}
