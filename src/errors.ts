/** What went wrong, by who can do something about it. Each maps to one exit code of the command line. */
export type ParleyErrorCode =
  | 'usage' // the call itself is wrong: an option, a value, a combination
  | 'config' // a configured value is wrong
  | 'input_missing' // no such file
  | 'input_unusable' // a file that cannot be read as audio
  | 'service_unavailable' // cannot be reached, dropped, out of quota, overloaded
  | 'key_refused' // missing or wrong key, or a key that may not go there
  | 'protocol' // the other side said something the protocol does not allow
  | 'cassette_mismatch' // a recorded session and this run differ
  | 'internal';

/**
 * Base class of every error that Parley throws on purpose. `message` is one line that says what is wrong and what to do;
 * it never holds a key or a token. `retryable` says whether trying again later can help, `retryAfterMs` how long the other
 * side asked to be left alone before that.
 */
export class ParleyError extends Error {
  readonly code: ParleyErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ParleyErrorCode,
    message: string,
    options: { retryable?: boolean; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ParleyError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Exit codes of the command line (sysexits.h where it has one): 0 ok, 1 the run found a difference or a bug of ours. */
export const EXIT_CODES: Readonly<Record<ParleyErrorCode, number>> = {
  usage: 2,
  config: 2,
  input_unusable: 65,
  input_missing: 66,
  service_unavailable: 69,
  key_refused: 77,
  protocol: 69,
  cassette_mismatch: 1,
  internal: 1,
};

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
