import { MAX_SEGMENT_MS, segmentsOf } from './segments.js';

/** One caption: a text and when it is shown. Writers of caption files take lists of these. */

/** Times in milliseconds of the recording. `language` is a BCP 47 tag; `''` where it is not known. */
export type Cue = { startMs: number; endMs: number; text: string; speaker?: string; language?: string };

/** What cues are made of: one turn as a route has it. Times in milliseconds of the recording. */
export type CaptionedTurn = {
  startMs: number;
  endMs: number;
  sourceText: string;
  translatedText: string;
  speaker?: string;
};

/** A cue is shown at least this long, so that a one-word turn can be read. */
export const SHORTEST_CUE_MS = 400;

/** Languages of turns, as BCP 47 tags; absent where one is not known. */
export type TurnLanguages = { from?: string; to?: string };

/**
 * The cues of one language at the times of speech: what was said, or its translation. Long turns become segments of at most
 * 8 s; cues do not overlap. Turns without text give no cue.
 */
export function cuesOfTurns(
  turns: readonly CaptionedTurn[],
  which: 'said' | 'translated',
  { from, to }: TurnLanguages = {},
): Cue[] {
  const language = which === 'said' ? from : to;
  const cues = turns.flatMap(({ startMs, endMs, sourceText, translatedText, speaker }): Cue[] => {
    const text = { sourceText, translatedText, startMs, endMs, leader: 'source', whole: true } as const;
    return segmentsOf({ ...text, sourceLanguage: from ?? '', targetLanguage: to ?? '' }).map((segment) => ({
      startMs: Math.max(0, Math.round(segment.startMs)),
      endMs: Math.round(segment.endMs),
      text: captionLine(which === 'said' ? segment.sourceText : segment.translatedText),
      ...(speaker === undefined ? {} : { speaker }),
      ...(language === undefined ? {} : { language }),
    }));
  });
  return oneAfterTheOther(cues.filter(({ text }) => text !== ''));
}

/** Cues in order, each over before the next begins, none longer than a segment or too short to be read. */
function oneAfterTheOther(cues: readonly Cue[]): Cue[] {
  const ordered = [...cues].sort((a, b) => a.startMs - b.startMs);
  let freeMs = 0;
  return ordered.map((cue, index) => {
    const startMs = Math.max(cue.startMs, freeMs);
    const nextMs = ordered[index + 1]?.startMs ?? Infinity;
    const wantedMs = Math.min(cue.endMs, nextMs, startMs + MAX_SEGMENT_MS);
    const endMs = Math.max(wantedMs, startMs + SHORTEST_CUE_MS);
    freeMs = endMs;
    return { ...cue, startMs, endMs };
  });
}

/** `text` as one line: control characters and line breaks (Unicode ones included) become single spaces. */
export function captionLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}

/** `HH:MM:SS` and the milliseconds, joined by `decimalMark`; hours go beyond 99 when they must. */
export function cueTime(timeMs: number, decimalMark: '.' | ','): string {
  const total = Math.max(0, Math.round(timeMs));
  const hours = Math.floor(total / 3_600_000);
  const minutes = Math.floor(total / 60_000) % 60;
  const seconds = Math.floor(total / 1000) % 60;
  const two = (value: number): string => String(value).padStart(2, '0');
  const millis = String(total % 1000).padStart(3, '0');
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${decimalMark}${millis}`;
}
