import { secretsIn } from '../settings/secret-variables.js';
import type { LogLevel } from '../log-levels.js';
import { createLogger, type Logger } from '../log.js';
import type { CliIo } from './io.js';

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
