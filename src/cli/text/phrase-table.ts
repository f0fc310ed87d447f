import Table from 'cli-table3';
import type { MeetingDocument } from '../../replay/meeting/document.js';
import { clockText, secondsText } from '../../duration-text.js';
import { plain } from '../../text.js';
import { NO_LINES } from './turn-table.js';

const USUAL_COLUMNS = 110;
const FIXED_COLUMNS = [9, 6, 9, 10] as const;
const MAX_NAME_COLUMNS = 20;
const MIN_TEXT_COLUMNS = 16;

/** What was said in a meeting and what became of it, a line per translation, for a terminal of so many columns. */
export function phraseTable({ people, phrases }: MeetingDocument, columns: number = USUAL_COLUMNS): string {
  if (phrases.length === 0) return '  nothing was said that was understood\n';
  const names = new Map(people.map(({ id, name }) => [id, plain(name)]));
  const nameColumns = Math.min(
    MAX_NAME_COLUMNS,
    2 + Math.max(5, ...[...names.values()].map((name) => Array.from(name).length)),
  );
  const fixed = FIXED_COLUMNS.reduce((total, width) => total + width, nameColumns);
  const text = Math.max(MIN_TEXT_COLUMNS, Math.floor((Math.min(columns, 160) - fixed) / 2));
  const [start, to, delay, note] = FIXED_COLUMNS;
  const table = new Table({
    head: ['start', 'who', 'said', 'to', 'translated', 'delay', ''],
    colWidths: [start, nameColumns, text, to, text, delay, note],
    wordWrap: true,
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1 },
  });
  for (const phrase of phrases) {
    const translations = phrase.translations.filter((each) => each.to !== '');
    const said = [clockText(phrase.startMs), names.get(phrase.speakerId) ?? '', plain(phrase.sourceText)];
    if (translations.length === 0) table.push([...said, '', '', '-', '']);
    translations.forEach(({ to, text, firstAudioDelayMs, cut, mark }, index) => {
      table.push([
        ...(index === 0 ? said : ['', '', '']),
        plain(to),
        plain(text),
        firstAudioDelayMs === null ? 'not heard' : secondsText(firstAudioDelayMs),
        cut ? 'cut' : mark === 'captions_only' ? 'captions' : (mark ?? ''),
      ]);
    });
  }
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}
