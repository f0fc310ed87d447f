/** One caption: a text and when it is shown. Writers of caption files take lists of these. */

/** Times in milliseconds of the recording. `language` is a BCP 47 tag; `''` where it is not known. */
export type Cue = { startMs: number; endMs: number; text: string; speaker?: string; language?: string };

/** What the cues are made of: one turn as a route tells it. */
export type CaptionedTurn = {
  startMs: number;
  endMs: number;
  sourceText: string;
  translatedText: string;
  playedFromMs?: number;
  playedToMs?: number;
};

/** Spaces, joiners, fillers and the like, and nothing else. */
const UNSEEN = /^[\p{Z}\p{Cf}\p{M}\u115f\u1160\u3164\uffa0\u2800]*$/u;
/** Letters of scripts that run from right to left, and marks that say so. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Script=Hanifi_Rohingya}\p{Script=Mandaic}\p{Script=Samaritan}\u200f\u061c]/u;

/** A cue is shown at least this long, so that a one-word turn can be read. */
export const SHORTEST_CUE_MS = 400;

/**
 * The cues of a run, by start: what was said at the times of speech, what was translated at the times of playback, or
 * at those of speech where it was never spoken. Turns without text give no cue.
 */
export function cuesOfTurns(
  turns: readonly CaptionedTurn[],
  labels: { speaker?: string; from?: string; to?: string } = {},
): Cue[] {
  const speaker = labels.speaker === undefined ? {} : { speaker: labels.speaker };
  const cues: Cue[] = [];
  const add = (text: string, startMs: number, endMs: number, language: string | undefined): void => {
    const line = captionLine(text);
    if (line === '') return;
    const start = Math.max(0, Math.round(startMs));
    cues.push({
      startMs: start,
      endMs: Math.max(Math.round(endMs), start + SHORTEST_CUE_MS),
      text: line,
      ...speaker,
      ...(language === undefined ? {} : { language }),
    });
  };
  for (const turn of turns) {
    add(turn.sourceText, turn.startMs, turn.endMs, labels.from);
    const playedFromMs = turn.playedFromMs ?? turn.startMs;
    add(turn.translatedText, playedFromMs, turn.playedToMs ?? turn.endMs, labels.to);
  }
  return cues.sort((a, b) => a.startMs - b.startMs);
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
