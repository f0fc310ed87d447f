import Table from 'cli-table3';
import type { Command } from 'commander';
import { describeSettings } from '../../settings/resolve-settings.js';
import type { CommandContext } from '../io.js';
import { plain } from '../../text.js';
import { addSettings, loadSettings } from '../options/settings-options.js';
import { NO_LINES } from '../text/turn-table.js';

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
      const table = new Table({ head: ['setting', 'value', 'source'], chars: NO_LINES, style: { head: [] } });
      table.push(...rows.map(({ name, value, source }) => [name, plain(value), plain(source)]));
      io.out(`${table.toString()}\n`);
    });
  addSettings(command);
}
