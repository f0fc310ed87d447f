import { secretsIn } from '../settings/secret-variables.js';
import { ParleyError, messageOf } from '../errors.js';
import type { LogLevel } from '../log-levels.js';
import { createLogger, type Logger } from '../log.js';
import { redactText } from '../redaction.js';
import { plain, type CliIo } from './io.js';

/** Configured keys, which must stand nowhere but in a connection's headers. */
export function secretsOf({ env }: CliIo): string[] {
  return secretsIn(env);
}

/** A logger on stderr; `secrets` beside the configured keys appear in no line. */
export function loggerOf(io: CliIo, level: LogLevel, secrets: readonly string[] = []): Logger {
  const sink = {
    write: (text: string) => {
      io.err(text);
    },
    isTTY: io.liveErr,
  };
  return createLogger({ level, secrets: [...secretsOf(io), ...secrets], sink });
}

/** One line on stderr that says what is wrong; with `verbose`, the stack traces of it and its causes. */
export function reportError(error: unknown, io: CliIo, verbose: boolean): void {
  const secrets = secretsOf(io);
  const message =
    error instanceof ParleyError ? error.message : `this is a bug of Parley: ${messageOf(error)}`;
  io.err(`parley: ${plain(redactText(message, secrets))}\n`);
  if (!verbose) return;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    io.err(`${redactText(cause.stack ?? cause.message, secrets)}\n`);
  }
}
