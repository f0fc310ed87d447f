/** How the process ends: by its work, by a signal, or because nobody can read what it writes. */

/** `EX_IOERR` of sysexits.h: what was asked for could not be written. */
const EXIT_UNWRITTEN = 74;
/** A process that was told to end has this long for it. */
const END_WITHIN_MS = 10_000;
let endWithinMs = END_WITHIN_MS;
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** A signal that asks the process to end. */
export type EndSignal = keyof typeof SIGNALS;

/** Exit code of a run that was ended by this signal. */
export function exitCodeOf(signal: EndSignal): number {
  return SIGNALS[signal];
}

/**
 * Aborts with the signal's name when the process is asked to end. A second signal, or 10 s after SIGTERM, end it whatever
 * it still does: as if nobody listened to that signal, since `process.exit` would wait for a write that never returns.
 */
export function endSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of Object.keys(SIGNALS) as EndSignal[]) {
    process.on(signal, () => {
      const die = (): void => {
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
      };
      if (controller.signal.aborted) die();
      else if (signal === 'SIGTERM') setTimeout(die, endWithinMs).unref();
      controller.abort(signal);
    });
  }
  return controller.signal;
}

/** A command that finishes what it began, when it is told to end, may take longer for it than others. */
export function letEndTake(durationMs: number): void {
  endWithinMs = durationMs;
}

/** Called with every error of stdout: a reader that has seen enough is none, anything else ends the process with a line. */
export function outputFailed(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(0);
  const why = error.code === 'ENOSPC' ? 'the disk is full' : (error.code ?? error.message);
  process.stderr.write(`parley: the result could not be written to stdout: ${why}\n`);
  process.exit(EXIT_UNWRITTEN);
}
