import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { EXIT_CODES, messageOf, ParleyError } from '../errors.js';
import { redactText } from '../redaction.js';
import { packageRoot } from '../package-root.js';
import { addConfig } from './commands/config.js';
import { addConvert } from './commands/convert.js';
import { addDemo } from './commands/demo.js';
import { addDoctor } from './commands/doctor.js';
import { addExport } from './commands/export.js';
import { addFastino } from './commands/fastino.js';
import { EXIT_INTERRUPTED, plain, secretsOf, type CliIo, type CommandContext } from './io.js';
import { addJoin } from './commands/join.js';
import { addProfile } from './commands/profile.js';
import { addRealtime } from './commands/realtime.js';
import { addReplay } from './commands/replay.js';
import { addRoom } from './commands/room.js';
import { addToken } from './commands/token.js';

const EXAMPLES = `
Examples:
  parley room
  parley join abcd-efgh-ijkl --languages es,en
  parley replay fixtures/es-where-is-the-station.wav --from es --to en
  parley realtime --port 8787
  parley doctor

Exit codes:
  0 ok, 1 the answer is no, or a cassette or Parley itself failed, 2 usage, 65 unusable input, 66 no such input,
  69 service unavailable, 77 refused key, 130 interrupted`;

/** In the order of `--help`. */
const COMMANDS = [
  addDemo,
  addJoin,
  addRoom,
  addToken,
  addProfile,
  addExport,
  addReplay,
  addConvert,
  addRealtime,
  addFastino,
  addConfig,
  addDoctor,
];

/** Runs one command line (without node and script) and resolves to its exit code. Never rejects. */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  let exitCode = 0;
  const program = new Command('parley')
    .description('Speech in one language in, speech in another out.')
    .version(version(), '--version', 'print the version')
    .option('--config <file>', 'configuration file (JSON) instead of parley.config.json')
    .option('--verbose', 'print the stack trace of an error')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        io.out(text);
      },
      writeErr: (text) => {
        io.err(text);
      },
      outputError: (text, write) => {
        write(`parley: ${usageLine(text)}\n`);
      },
    });
  const context: CommandContext = {
    io,
    global: () => program.opts<{ config?: string }>(),
    fail: (error) => {
      exitCode ||= EXIT_CODES[error.code];
      reportError(error, program, io);
    },
    answerNo: () => {
      exitCode ||= 1;
    },
  };
  for (const add of COMMANDS) add(program, context);
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.usage;
    if (!io.signal.aborted) {
      reportError(error, program, io);
      return EXIT_CODES[error instanceof ParleyError ? error.code : 'internal'];
    }
  }
  return io.signal.aborted ? EXIT_INTERRUPTED : exitCode;
}

/** One line that says what is wrong; the stack traces of it and its causes with `--verbose`. */
function reportError(error: unknown, program: Command, io: CliIo): void {
  const secrets = secretsOf(io);
  const message =
    error instanceof ParleyError ? error.message : `this is a bug of Parley: ${messageOf(error)}`;
  io.err(`parley: ${plain(redactText(message, secrets))}\n`);
  if (program.opts<{ verbose?: boolean }>().verbose !== true) return;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    io.err(`${redactText(cause.stack ?? cause.message, secrets)}\n`);
  }
}

/** Commander's complaints as one line: no `error:`, suggestions in the same line. */
function usageLine(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return plain(line.endsWith('.') || line.endsWith(')') ? line : `${line} (see parley --help)`);
}

const packageSchema = z.object({ version: z.string() });

function version(): string {
  return packageSchema.parse(JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'))).version;
}
