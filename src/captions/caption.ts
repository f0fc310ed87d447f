/** One caption as everyone reads it, in the terminal and in the meeting. */
import { captionLine } from './cue.js';

/** VideoSDK's pubSub topic on which captions go out, each as the message's payload. */
export const CAPTIONS_TOPIC = 'PARLEY_CAPTIONS';

/** Longest text of a caption, in characters; what comes beyond is left out. */
export const MAX_CAPTION_CHARS = 4_000;
const MAX_NAME_CHARS = 80;

/**
 * What is said in one turn and its translation, as far as they are known. Later captions of one `turnId` replace earlier
 * ones. Texts are single lines without control characters; languages are BCP 47 tags, `''` where not known.
 */
export type Caption = {
  /** Version of this shape. */
  readonly v: 1;
  readonly turnId: string;
  readonly speakerId: string;
  readonly speakerName: string;
  readonly sourceLanguage: string;
  readonly targetLanguage: string;
  readonly sourceText: string;
  readonly translatedText: string;
  /** Nothing is expected to change any more; a correction that comes all the same is final again. */
  readonly final: boolean;
  /** When it was said, in milliseconds since the interpreter joined. */
  readonly startMs: number;
  readonly endMs: number;
};

/** A text of a model or a transcription, as one line that shows what it says and cannot do anything. */
export function captionText(text: string): string {
  return harmless(text, MAX_CAPTION_CHARS);
}

/** A participant's name for showing: one line, bounded; `Somebody` when nothing is left of it. */
export function displayName(name: string): string {
  return harmless(name, MAX_NAME_CHARS) || 'Somebody';
}

/** Drops halves of characters and what turns the direction of the text around it. */
function harmless(text: string, maxChars: number): string {
  const line = captionLine(
    text.slice(0, maxChars * 4).replace(/[\uFFFD\u202A-\u202E\u2066-\u2069\p{Cs}]/gu, ''),
  );
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 1).replace(/\p{Cs}$/u, '')}…`;
}
