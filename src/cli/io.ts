import type { ParleyError } from '../errors.js';

/** What a command needs of the process around it, so that tests can run commands in theirs. */
export type CliIo = {
  /** stdout: what was asked for. */
  out(text: string): void;
  /** stderr: progress, notices, errors. */
  err(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  /** Columns of the terminal; undefined when stdout is none. */
  columns: number | undefined;
  /** Lines of the terminal; undefined when stdout is none. */
  rows: number | undefined;
  /** Whether stderr is a terminal, where a line of progress can be rewritten. */
  liveErr: boolean;
  /** Aborted by SIGINT or SIGTERM, with the signal's name: finish cleanly. */
  signal: AbortSignal;
};

/** What the program hands to each of its commands. */
export type CommandContext = {
  io: CliIo;
  /** Options that stand before or after any command. */
  global(): { config?: string };
  /** Reports an error and goes on; the first one sets the exit code. */
  fail(error: ParleyError): void;
  /** The run worked and its answer is no: exit code 1. */
  answerNo(): void;
};
