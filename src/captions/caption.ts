/** One caption as everyone reads it, in the terminal, in the meeting and in a record. Schema: docs/captions.md. */
import { captionLine } from './cue.js';
import { shortened } from '../text.js';

/** Longest text of a caption, in characters; what comes beyond is left out. */
const MAX_CAPTION_CHARS = 4_000;
const MAX_NAME_CHARS = 80;

/**
 * What a reader should know of a translation: it was spoken only in part (somebody spoke, or the interpreter left), it is not spoken at
 * all, it came to nothing or to less than what was said, or it is probably none.
 */
export type CaptionMark = 'cut' | 'captions_only' | 'failed' | 'doubtful';

/** Why a translation was `cut`: somebody else spoke, or the interpreter, or its voice, left the meeting. */
export type CaptionCut = 'barge_in' | 'gone';

/**
 * What has become of interpreting, in a notice to those who follow it. Of one speaker: their connection is being opened again, is
 * open again, or could not be opened. Of everybody: translations are written only from now on, or end.
 */
export type Interruption = 'reconnecting' | 'resumed' | 'stopped' | 'written' | 'ended';

/**
 * One segment of what somebody said and its translation, as far as they are known. Later captions of one `segmentId`
 * replace earlier ones. Texts are single lines without control characters; languages are BCP 47 tags, `''` where not known.
 */
export type Caption = {
  /** Version of this shape. */
  readonly v: 2;
  /** `speech`: somebody's words. `notice`: the interpreter's own, in `translatedText` and `targetLanguage`. */
  readonly kind: 'speech' | 'notice';
  /** Unique per sender. */
  readonly segmentId: string;
  /** The segments of one turn of speech have this in common. */
  readonly turnId: string;
  /** Which segment of its turn, from 0. */
  readonly part: number;
  readonly speakerId: string;
  readonly speakerName: string;
  readonly sourceLanguage: string;
  readonly targetLanguage: string;
  /** Both texts of a final caption are empty when it is withdrawn: its turn has fewer segments than it seemed. */
  readonly sourceText: string;
  readonly translatedText: string;
  /** Of several translations of one speech, exactly one has this: it stands for the original. */
  readonly original: boolean;
  /** Nothing is expected to change any more; a correction that comes all the same is final again. */
  readonly final: boolean;
  readonly mark?: CaptionMark;
  /** Of what is marked `cut`. */
  readonly cutReason?: CaptionCut;
  /** Of a notice that tells of one; `reconnecting` is not final, and what becomes of it replaces it. */
  readonly interruption?: Interruption;
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

function harmless(text: string, maxChars: number): string {
  return shortened(captionLine(text.slice(0, maxChars * 4).replace(/\uFFFD/g, '')), maxChars);
}
