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
