/** Captions as an interpreter sends them: checked, kept by segment, and put in order for their reader. */
import { isSameLanguage } from './languages.js';

/** @typedef {import('./page-types.d.ts').Caption} Caption */
/** @typedef {import('./page-types.d.ts').CaptionText} CaptionText */

/** Segments that stay readable; the oldest is forgotten. */
export const MAX_SEGMENTS = 500;
/** What may be said of a translation. */
const MARKS = /** @type {const} */ (['cut', 'captions_only', 'failed', 'doubtful']);
const MAX_TEXT_CHARS = 4_000;
const MAX_WORD_CHARS = 200;

/**
 * VideoSDK's pubSub topic of captions for a reader of `language`: its subtag, and its script where that is not the
 * language's usual one. The payload's schema is in docs/captions.md.
 * @param {string} language a BCP 47 tag
 */
export function captionsTopic(language) {
  const { language: subtag } = new Intl.Locale(language);
  const { script } = new Intl.Locale(language).maximize();
  const usual = new Intl.Locale(subtag).maximize().script;
  return `PARLEY_CAPTIONS_${script === undefined || script === usual ? subtag : `${subtag}-${script}`}`;
}

/**
 * A caption out of a message's payload, or undefined when it is none. Texts of any length come in; none stays longer
 * than a screen can show.
 * @param {unknown} payload
 * @returns {Caption | undefined}
 */
export function parseCaption(payload) {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const fields = /** @type {Record<string, unknown>} */ (payload);
  if (fields['v'] !== 2 || typeof fields['final'] !== 'boolean') return undefined;
  const segmentId = text(fields['segmentId'], MAX_WORD_CHARS);
  const kind = fields['kind'] === 'notice' ? 'notice' : 'speech';
  const sourceText = text(fields['sourceText'], MAX_TEXT_CHARS);
  const translatedText = text(fields['translatedText'], MAX_TEXT_CHARS);
  const isWithdrawn = sourceText === '' && translatedText === '';
  if (segmentId === '' || (isWithdrawn && !fields['final'])) return undefined;
  return {
    kind,
    segmentId,
    speakerId: text(fields['speakerId'], MAX_WORD_CHARS),
    speakerName: text(fields['speakerName'], MAX_WORD_CHARS),
    sourceLanguage: text(fields['sourceLanguage'], MAX_WORD_CHARS),
    targetLanguage: text(fields['targetLanguage'], MAX_WORD_CHARS),
    sourceText,
    translatedText,
    isFinal: fields['final'],
    mark: MARKS.find((mark) => mark === fields['mark']),
    isWithdrawn,
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

/** The segments of a meeting, in the order in which they were first heard of. */
export class CaptionFeed {
  /** @type {Map<string, Caption>} */
  #segments = new Map();

  /**
   * Takes a caption of `senderId`: a new segment, the next state of one, or the end of one that is withdrawn. Of a segment
   * that is final, only another final caption is taken.
   * @param {string} senderId
   * @param {Caption} caption
   * @returns {{ key: string, forgottenKey: string | undefined } | undefined} where it went and which segment was forgotten
   *   for it, itself where it is withdrawn; undefined when it was stale
   */
  add(senderId, caption) {
    const key = `${senderId}\n${caption.segmentId}`;
    if (caption.isWithdrawn) return this.#segments.delete(key) ? { key, forgottenKey: key } : undefined;
    if (this.#segments.get(key)?.isFinal === true && !caption.isFinal) return undefined;
    this.#segments.set(key, caption);
    if (this.#segments.size <= MAX_SEGMENTS) return { key, forgottenKey: undefined };
    const [forgottenKey] = this.#segments.keys();
    if (forgottenKey !== undefined) this.#segments.delete(forgottenKey);
    return { key, forgottenKey };
  }

  /** @returns {ReadonlyMap<string, Caption>} by key, oldest first */
  get segments() {
    return this.#segments;
  }
}
