/** What the interpreter itself has to say, as a caption. */
import type { LanguageTag } from '../languages/languages.js';
import { type Caption, captionText } from './caption.js';

/** Whose notice it is, and what it says. */
export type Notice = {
  /** Unique per sender. */
  id: string;
  /** The interpreter's participant id and name. */
  interpreterId: string;
  interpreterName: string;
  text: string;
  /** The language of `text`; undefined where it is in several. */
  language: LanguageTag | undefined;
  /** Milliseconds since the interpreter joined. */
  atMs: number;
};

/** A final caption of kind `notice`. */
export function noticeCaption({ id, interpreterId, interpreterName, text, language, atMs }: Notice): Caption {
  return {
    v: 2,
    kind: 'notice',
    segmentId: id,
    turnId: id,
    part: 0,
    speakerId: interpreterId,
    speakerName: interpreterName,
    sourceLanguage: '',
    targetLanguage: language ?? '',
    sourceText: '',
    translatedText: captionText(text),
    original: true,
    final: true,
    startMs: Math.round(atMs),
    endMs: Math.round(atMs),
  };
}
