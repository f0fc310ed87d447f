import Table from 'cli-table3';
import type { ReplayDocument, ReplayedFile } from '../../replay/output/document.js';
import { clockText, secondsText } from '../../duration-text.js';
import { plain } from '../../text.js';

const USUAL_COLUMNS = 110;
const FIXED_COLUMNS = [4, 9, 9, 9, 18, 5] as const;
const MIN_TEXT_COLUMNS = 16;

/** A table of columns without rules. */
export const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/** The turns of one file as a table for a terminal of so many columns. */
export function turnTable(file: ReplayedFile, columns: number = USUAL_COLUMNS): string {
  if (file.turns.length === 0) return '  no speech was found\n';
  const fixed = FIXED_COLUMNS.reduce((total, width) => total + width, 0);
  const text = Math.max(MIN_TEXT_COLUMNS, Math.floor((Math.min(columns, 160) - fixed) / 2));
  const [number, start, end, delay, played, cut] = FIXED_COLUMNS;
  const table = new Table({
    head: ['#', 'start', 'end', 'said', 'translated', 'delay', 'played', 'cut'],
    colWidths: [number, start, end, text, text, delay, played, cut],
    wordWrap: true,
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1 },
  });
  file.turns.forEach((turn, index) => {
    const { playedFromMs, playedToMs, firstAudioDelayMs } = turn;
    table.push([
      index + 1,
      clockText(turn.startMs),
      clockText(turn.endMs),
      plain(turn.sourceText),
      plain(turn.translatedText),
      firstAudioDelayMs === null ? '-' : secondsText(firstAudioDelayMs),
      playedFromMs === null || playedToMs === null
        ? 'not heard'
        : `${clockText(playedFromMs)} - ${clockText(playedToMs)}`,
      turn.interrupted ? 'yes' : '',
    ]);
  });
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

/** One line that adds a run up, and one more where the stand-in played back what it does not know. */
export function totalsLine({ totals }: ReplayDocument): string {
  const count = (value: number, one: string): string => `${value} ${one}${value === 1 ? '' : 's'}`;
  const parts = [
    count(totals.files, 'recording'),
    count(totals.turns, 'turn'),
    `${totals.translatedTurns} translated`,
    ...(totals.playedBackTurns === 0 ? [] : [`${totals.playedBackTurns} not in the phrasebook, played back`]),
    ...(totals.interruptedTurns === 0 ? [] : [`${totals.interruptedTurns} cut short`]),
    ...(totals.medianFirstAudioDelayMs === null
      ? []
      : [`median delay ${secondsText(totals.medianFirstAudioDelayMs)}`]),
    `${clockText(totals.inputDurationMs)} in, ${clockText(totals.outputDurationMs)} out`,
  ];
  const whatNext =
    totals.playedBackTurns === 0
      ? ''
      : 'The stand-in knows the phrases of its phrasebook. For all that is said: --live, with OPENAI_API_KEY in the environment\n';
  return `${parts.join(', ')}\n${whatNext}`;
}
