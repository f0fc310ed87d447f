import { messageOf, ParleyError } from '../errors.js';
import { redactText } from '../redaction.js';
import { secretsIn } from '../settings/secret-variables.js';
import type { CliIo } from './io.js';
import { plain } from '../text.js';

/** One line on stderr that says what is wrong; with `verbose`, the stack traces of it and its causes. */
export function reportError(error: unknown, io: CliIo, verbose: boolean): void {
  const secrets = secretsIn(io.env);
  const message =
    error instanceof ParleyError ? error.message : `this is a bug of Parley: ${messageOf(error)}`;
  io.err(`parley: ${plain(redactText(message, secrets))}\n`);
  if (!verbose) return;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    io.err(`${redactText(cause.stack ?? cause.message, secrets)}\n`);
  }
}
