import type { Command } from 'commander';
import { describeSettings } from '../../settings/resolve-settings.js';
import type { CommandContext } from '../io.js';
import { plain } from '../../text.js';
import { addSettings, loadSettings } from '../options/settings-options.js';
import { columnsOf } from '../views/terminal-text.js';

/** `parley config`: what is effective, and why. */
export function addConfig(program: Command, context: CommandContext): void {
  const { io } = context;
  const command = program
    .command('config')
    .summary('print the effective configuration')
    .description(
      'Prints every setting with its effective value and where that comes from. A flag wins over the environment, the\n' +
        'environment over the file, the file over the default. Keys are not shown.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  parley config\n  PARLEY_VOICE=cedar parley config --json')
    .action((flags: Record<string, unknown>) => {
      const rows = describeSettings(
        loadSettings(flags, context, { realtime: true, videoSdk: true, fastino: true, meeting: 'all' }),
      );
      if (flags['json'] === true) {
        io.out(`${JSON.stringify(rows, null, 2)}\n`);
        return;
      }
      io.out(
        aligned([['setting', 'value', 'source'], ...rows.map((row) => [row.name, row.value, row.source])]),
      );
    });
  addSettings(command);
}

/** Rows as lines, in columns as wide as what stands in them. */
function aligned(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => row.map(plain));
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => columnsOf(line[column]!))));
  return lines
    .map(
      (line) =>
        `${line
          .map((text, column) => padded(text, widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function padded(text: string, columns: number): string {
  return text + ' '.repeat(columns - columnsOf(text));
}
