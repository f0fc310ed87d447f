/** What is wrong with a client event, as the API words it. */

/** The type of an error, as in `error.error.type`. */
type WireErrorType = 'invalid_request_error' | 'server_error' | 'rate_limit_error';

/** Refuses a client event: it changes nothing, and an `error` event with these fields answers it. */
export class ClientEventError extends Error {
  readonly type: WireErrorType;
  readonly code: string;
  readonly param: string | null;

  constructor(
    code: string,
    message: string,
    param: string | null = null,
    type: WireErrorType = 'invalid_request_error',
  ) {
    super(message);
    this.name = 'ClientEventError';
    this.type = type;
    this.code = code;
    this.param = param;
  }
}

/** A field the API does not know. */
export function unknownParameter(path: string): ClientEventError {
  return new ClientEventError('unknown_parameter', `Unknown parameter: '${path}'.`, path);
}

/** A field that has to be there. */
export function missingParameter(path: string): ClientEventError {
  return new ClientEventError('missing_required_parameter', `Missing required parameter: '${path}'.`, path);
}

/** A value outside its set. */
export function invalidValue(
  path: string,
  value: unknown,
  supported: readonly (string | number)[],
): ClientEventError {
  const list = supported.map((entry) => (typeof entry === 'string' ? `'${entry}'` : String(entry)));
  const values = list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')}, and ${list.at(-1)!}`;
  const verb = list.length < 2 ? 'value is' : 'values are';
  return new ClientEventError(
    'invalid_value',
    `Invalid value: '${shown(value)}'. Supported ${verb}: ${values}.`,
    path,
  );
}

/** A value of the wrong kind. */
export function invalidType(path: string, expected: string, value: unknown): ClientEventError {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  return new ClientEventError(
    'invalid_type',
    `Invalid type for '${path}': expected ${expected}, but got ${kind === 'a object' ? 'an object' : kind} instead.`,
    path,
  );
}

/** A client's own text, cut to what an error line can hold. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' || value === undefined ? String(value) : JSON.stringify(value);
  return text.length <= 64 ? text : `${text.slice(0, 64)}…`;
}
