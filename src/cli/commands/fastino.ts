import { type Command, Option } from 'commander';
import { startFastinoServer } from '../../embedded/fastino-server/index.js';
import { LOG_LEVELS } from '../../log-levels.js';
import type { CommandContext } from '../io.js';
import { loggerOf } from '../logging.js';
import { aborted, parsePort } from '../options/options.js';
import { loadSettings } from '../options/settings-options.js';

const DEFAULT_PORT = 8788;

/** `parley fastino`: the embedded Fastino by itself. */
export function addFastino(program: Command, context: CommandContext): void {
  const { io } = context;
  program
    .command('fastino')
    .summary('start the embedded Fastino')
    .description(
      'Starts a stand-in for the Fastino Personalization API on this machine, for profiles without an account. It keeps\n' +
        'what it is told until it ends.',
    )
    .addOption(
      new Option('--port <n>', 'port to listen on, 0 for any free one')
        .default(DEFAULT_PORT)
        .argParser(parsePort),
    )
    .addOption(new Option('--host <address>', 'loopback address to listen on').default('127.0.0.1'))
    .addOption(
      new Option('--log-level <level>', 'what is logged to stderr: info shows each call').choices(LOG_LEVELS),
    )
    .addHelpText(
      'after',
      `
Example:
  parley fastino
  export FASTINO_BASE_URL=http://127.0.0.1:${DEFAULT_PORT} FASTINO_API_KEY=any
  parley profile register --email ana@example.com --name "Ana Ruiz" --notes "Calls the release train el tren."`,
    )
    .action(async (options: { port: number; host: string; logLevel?: string }) => {
      const { process: config } = loadSettings(options, context, {
        realtime: false,
        videoSdk: false,
        fastino: false,
        meeting: 'none',
      });
      const { port, host } = options;
      const server = await startFastinoServer({ host, port, log: loggerOf(io, config.logLevel) });
      io.out(
        `Embedded Fastino (a stand-in: it knows what it is told, until it ends)\n` +
          `  ${server.baseUrl}\n` +
          `  Point a client there, with any key: FASTINO_BASE_URL=${server.baseUrl} FASTINO_API_KEY=any\n` +
          '  Only programs on this machine can reach it. Stop it with Ctrl+C.\n',
      );
      await aborted(io.signal);
      await server.close();
    });
}
