import { Command, CommanderError } from 'commander';
import { EXIT_CODES, ParleyError } from '../errors.js';
import { packageVersion } from '../package-root.js';
import { addListed, commandOf, COMMANDS } from './commands.js';
import { exitCodeOf } from './ending.js';
import type { CliIo, CommandContext } from './io.js';
import { plain } from '../text.js';
import { reportError } from './report-error.js';
import { reflowed } from './text/reflow.js';

/** Of a help page where stdout is no terminal. */
const USUAL_COLUMNS = 80;

const EXAMPLES = `
Examples:
  parley demo
  parley meet
  parley join abcd-efgh-ijkl --languages es,en
  parley replay fixtures/es-where-is-the-station.wav --from es --to en
  parley realtime --port 8787
  parley doctor

Exit codes:
  0 ok, 1 the answer is no, or a cassette or Parley itself failed, 2 usage, 65 unusable input, 66 no such input,
  69 service unavailable, 74 the result could not be written, 77 refused key, 130 interrupted, 143 terminated`;

/** Runs one command line (without node and script) and resolves to its exit code. Never rejects. */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  let exitCode = 0;
  const asked = commandOf(args);
  const add = await asked?.load();
  const program = new Command('parley')
    .description('Speech in one language in, speech in another out.')
    .version(packageVersion(), '--version', 'print the version')
    .option('--config <file>', 'configuration file (JSON) instead of parley.config.json')
    .option('--verbose', 'print the stack trace of an error')
    .addHelpText('after', EXAMPLES)
    // Descriptions are wrapped at the width of the terminal, and nowhere else.
    .configureHelp({ commandDescription: (command) => command.description().replaceAll('\n', ' ') })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        io.out(reflowed(text, io.columns ?? USUAL_COLUMNS));
      },
      writeErr: (text) => {
        io.err(text);
      },
      outputError: (text, write) => {
        write(`parley: ${usageLine(text, args)}\n`);
      },
    });
  const context: CommandContext = {
    io,
    global: () => program.opts<{ config?: string }>(),
    fail: (error) => {
      exitCode ||= EXIT_CODES[error.code];
      reportError(error, io, isVerbose(program));
    },
    answerNo: () => {
      exitCode ||= 1;
    },
  };
  for (const entry of COMMANDS) {
    if (entry === asked) add?.(program, context);
    else addListed(program, entry);
  }
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.usage;
    if (!io.signal.aborted) {
      reportError(error, io, isVerbose(program));
      return EXIT_CODES[error instanceof ParleyError ? error.code : 'internal'];
    }
  }
  if (!io.signal.aborted) return exitCode;
  return exitCodeOf(io.signal.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT');
}

function isVerbose(program: Command): boolean {
  return program.opts<{ verbose?: boolean }>().verbose === true;
}

/** Commander's complaints as one line: no `error:`, suggestions in the same line. */
function usageLine(text: string, args: readonly string[]): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return plain(line.endsWith('.') || line.endsWith(')') ? line : `${line} (see ${helpOf(args)})`);
}

/** Where the options of the command that was called are listed. */
function helpOf(args: readonly string[]): string {
  const command = commandOf(args);
  return command === undefined ? 'parley --help' : `parley ${command.name} --help`;
}
