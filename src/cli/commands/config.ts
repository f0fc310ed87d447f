import type { Command } from 'commander';
import { ParleyError } from '../../errors.js';
import { describeSettings, type SettingRow } from '../../settings/resolve-settings.js';
import type { CommandContext } from '../io.js';
import { plain } from '../../text.js';
import { addSettings, loadSettings } from '../options/settings-options.js';
import { wrapWords } from '../views/terminal-text.js';

const USUAL_COLUMNS = 80;
const NAME_COLUMNS = 24;
const VALUE_COLUMNS = 24;

/** `parley config`: what is effective, and why. */
export function addConfig(program: Command, context: CommandContext): void {
  const { io } = context;
  const command = program
    .command('config')
    .summary('print every setting, its value, and how to set it')
    .description(
      'Prints every setting with its value and where that comes from, what it means, its flag and its variable. A flag wins\n' +
        'over the environment, the environment over the file, the file over the default. Keys are not shown.',
    )
    .argument('[word]', 'only settings whose name, flag, variable or meaning has this word')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  parley config\n  parley config budget\n  PARLEY_VOICE=cedar parley config --json',
    )
    .action((word: string | undefined, flags: Record<string, unknown>) => {
      const rows = describeSettings(
        loadSettings(flags, context, { realtime: true, videoSdk: true, fastino: true, meeting: 'all' }),
      ).filter((row) => hasWord(row, word));
      if (rows.length === 0 && word !== undefined)
        throw new ParleyError('usage', `no setting has "${plain(word).slice(0, 40)}"; see parley config`);
      if (flags['json'] === true) io.out(`${JSON.stringify(rows, null, 2)}\n`);
      else io.out(settingsText(rows, Math.min(io.columns ?? USUAL_COLUMNS, 120)));
    });
  addSettings(command);
}

function hasWord({ name, flag = '', variable, description }: SettingRow, word = ''): boolean {
  return [name, flag, variable, description].join(' ').toLowerCase().includes(word.toLowerCase());
}

/** Settings under their headings: value and source in one line, meaning and ways to set it below. */
function settingsText(rows: readonly SettingRow[], columns: number): string {
  const headings = [...new Set(rows.map(({ group }) => group))];
  return headings
    .map((heading) => {
      const lines = rows
        .filter(({ group }) => group === heading)
        .flatMap((row) => settingLines(row, columns));
      return `${heading}\n${lines.map((line) => `${line.trimEnd()}\n`).join('')}`;
    })
    .join('\n');
}

function settingLines(row: SettingRow, columns: number): string[] {
  const { name, value, unit, source, flag, variable, description, allowed } = row;
  const isSet = value !== '(not set)';
  const shown = plain(`${value}${unit === undefined || !isSet ? '' : ` ${unit}`}`);
  const from = isSet || source !== 'default' ? plain(source) : '';
  const ways = [...(flag === undefined ? [] : [flag]), variable].join(', ');
  const below = [allowed === '' ? description : `${description} (${allowed})`, ways];
  return [
    `  ${name.padEnd(NAME_COLUMNS)} ${shown.padEnd(VALUE_COLUMNS)} ${from}`,
    ...below.flatMap((text) => wrapWords(text, columns - 6)).map((line) => `      ${line}`),
  ];
}
