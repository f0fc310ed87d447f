/** Logging to stderr with pino: levels, and no key or token in any line. stdout belongs to what a command prints. */
import { pino } from 'pino';
import type { LogLevel } from './log-levels.js';
import { REDACTED, redactText } from './redaction.js';

/** A pino logger; `log.child({ session })` adds fields to every line. */
export type Logger = pino.Logger;

/** Where log lines go: `process.stderr`, or a collector in tests. */
export interface LogSink {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const SECRET_NAMES = new Set([
  'key',
  'apikey',
  'token',
  'secret',
  'password',
  'passphrase',
  'authorization',
  'cookie',
  'credential',
  'credentials',
]);

/** Whether a field of this name holds a secret: its last word is one, as in `apiKey`, `api-key`, `meeting_token`. */
function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return SECRET_NAMES.has(words.at(-1) ?? '');
}

function redactValue(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (Array.isArray(value)) return value.map((element) => redactValue(element, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      redactText(name, secrets),
      isSecretName(name) && field !== null && typeof field !== 'boolean'
        ? REDACTED
        : redactValue(field, secrets),
    ]),
  );
}

/** `12:00:00.123 WARN message {"field":1}`, on one line whatever the fields hold; an error's stack follows it. */
function readableLine(record: Record<string, unknown>): string {
  const { level, time, msg, err, ...fields } = record;
  const clock = typeof time === 'number' ? new Date(time).toISOString().slice(11, 23) : '';
  const label = (typeof level === 'number' ? (pino.levels.labels[level] ?? level) : '')
    .toString()
    .toUpperCase();
  const error = err as { message?: string; stack?: string } | undefined;
  const text = typeof msg === 'string' ? msg : (error?.message ?? '');
  const rest = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
  const stack = error?.stack === undefined ? '' : `\n${withoutControls(error.stack, /[^\P{C}\n]/gu)}`;
  return withoutControls(`${clock} ${label.padEnd(5)} ${text}${rest}`, /\p{C}/gu) + stack;
}

/** Untrusted names in a message must not steer the terminal. */
function withoutControls(text: string, controls: RegExp): string {
  return text.replace(controls, ' ');
}

/**
 * A logger that writes JSON lines, or readable ones to a terminal. `secrets` are the configured keys, redacted wherever
 * they stand in a line: in fields, messages, stacks and causes of errors.
 */
export function createLogger(
  options: { level?: LogLevel; secrets?: readonly string[]; sink?: LogSink } = {},
): Logger {
  const { level = 'info', secrets = [], sink = process.stderr } = options;
  return pino(
    { level, base: null },
    {
      write: (line: string) => {
        const record = redactValue(JSON.parse(line), secrets) as Record<string, unknown>;
        sink.write(`${sink.isTTY === true ? readableLine(record) : JSON.stringify(record)}\n`);
      },
    },
  );
}
