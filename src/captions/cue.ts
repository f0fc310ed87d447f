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

/** Spaces, joiners, fillers and the like, and nothing else. */
const UNSEEN = /^[\p{Z}\p{Cf}\p{M}\u115f\u1160\u3164\uffa0\u2800]*$/u;
/** Letters of scripts that run from right to left, and marks that say so. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Script=Hanifi_Rohingya}\p{Script=Mandaic}\p{Script=Samaritan}\u200f\u061c]/u;

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

/**
 * `text` as one line: control characters and line breaks (Unicode ones included) become single spaces; halves of characters
 * and what turns the direction of the text around it are dropped. Empty where nothing of it can be seen.
 */
export function captionLine(text: string): string {
  const line = text
    .replace(/[\u202a-\u202e\u2066-\u2069\ufeff\p{Cs}]/gu, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return UNSEEN.test(line) ? '' : line;
}

/**
 * What somebody said as one line that names them, `Ana: Good morning`; the words alone where the name is empty. Each is a
 * directional isolate where either may run from right to left, so that neither reorders the other.
 */
export function namedLine(name: string, text: string): string {
  const [who, words] = [captionLine(name), captionLine(text)];
  if (who === '' || words === '') return words;
  return RIGHT_TO_LEFT.test(who + words) ? `${isolated(who)}: ${isolated(words)}` : `${who}: ${words}`;
}

function isolated(text: string): string {
  return `\u2068${text}\u2069`;
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
