import Table from 'cli-table3';
import type { CompareDocument } from '../../replay/compare/document.js';
import { measureRows, STAND_IN_TEXT } from '../../replay/compare/measure-rows.js';
import { plain } from '../../text.js';
import { reflowed } from './reflow.js';
import { NO_LINES } from './turn-table.js';

const USUAL_COLUMNS = 110;
const MEASURE_COLUMNS = 32;
const MIN_VALUE_COLUMNS = 14;
const MAX_VALUE_COLUMNS = 34;

/** The figures of a comparison side by side, for a terminal of so many columns, and whose figures they are. */
export function compareTable(document: CompareDocument, columns: number = USUAL_COLUMNS): string {
  const { contenders, isStandIn } = document;
  const room = Math.floor((Math.min(columns, 200) - MEASURE_COLUMNS) / Math.max(1, contenders.length));
  const value = Math.min(MAX_VALUE_COLUMNS, Math.max(MIN_VALUE_COLUMNS, room));
  const table = new Table({
    head: ['', ...contenders.map(({ label }) => plain(label))],
    colWidths: [MEASURE_COLUMNS, ...contenders.map(() => value)],
    wordWrap: true,
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1 },
  });
  for (const { name, values } of measureRows(document)) table.push([name, ...values.map(plain)]);
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
  return `${lines}\n${isStandIn ? `\n${reflowed(STAND_IN_TEXT, Math.min(columns, 100))}\n` : ''}`;
}
