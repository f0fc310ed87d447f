/** What went wrong in the database, without what was in the query. */

const AWAY_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const AWAY_MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|not queryable|connection error/i;
/** `pg` gave up waiting for an answer. */
const TIMED_OUT_MESSAGE = /^query read timeout$/i;
/**
 * Classes of SQLSTATE that say nothing about the query: connections (08), a transaction in which we stood still (25P03), or that
 * another one stood in the way of (40), resources (53), locks (55P03), an operator's or a timeout's word (57), the server's own disk (58030).
 */
const AWAY_STATES = /^(?:08...|25P03|40(?:001|P01)|53...|55P03|57...|58030)$/;
/** Of PostgreSQL's errors those that quote values. */
const QUOTING = ['detail', 'where', 'query', 'params', 'parameters', 'internalQuery'] as const;

/** The SQLSTATE of a row that there is already. */
export const UNIQUE_VIOLATION = '23505';

/** The SQLSTATE of an error, however it is wrapped, such as `23505` where something has to be unique. */
export function sqlState(error: unknown): string | undefined {
  for (const each of causesOf(error)) {
    if ('code' in each && typeof each.code === 'string' && /^[0-9A-Z]{5}$/.test(each.code)) return each.code;
  }
  return undefined;
}

/** Whether a transaction was given up for another one, by a deadlock or since both could not be: made again, it succeeds. */
export function isGivenUp(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlState(error) ?? '');
}

/** The name of the index or constraint that something violates. */
export function violatedConstraint(error: unknown): string | undefined {
  for (const each of causesOf(error)) {
    if ('constraint' in each && typeof each.constraint === 'string') return each.constraint;
  }
  return undefined;
}

/** Whether the database cannot be reached, does not answer in time, or has no room on its disk: trying again can help. */
export function isDatabaseAway(error: unknown): boolean {
  return causesOf(error).some((each) => {
    const code = 'code' in each && typeof each.code === 'string' ? each.code : '';
    const isAway = AWAY_CODES.has(code) || AWAY_STATES.test(code);
    return isAway || AWAY_MESSAGES.test(each.message) || TIMED_OUT_MESSAGE.test(each.message);
  });
}

/** Whether no answer came in time: whoever had that connection does not use it again. */
export function isTimedOut(error: unknown): boolean {
  return causesOf(error).some(({ message }) => TIMED_OUT_MESSAGE.test(message));
}

/**
 * Takes out of a failed query what came from people: its parameters are emptied in place, since the query builder puts them
 * into the message of its error, and details that quote rows are left out.
 */
export function withoutValues(error: unknown, params: unknown): unknown {
  if (Array.isArray(params)) params.length = 0;
  for (const each of causesOf(error)) {
    for (const name of QUOTING) if (name in each) Reflect.deleteProperty(each, name);
  }
  return error;
}

function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let each = error; each instanceof Error && causes.length < 8; each = each.cause) {
    causes.push(each);
    if (each instanceof AggregateError) causes.push(...each.errors.filter((inner) => inner instanceof Error));
  }
  return causes;
}

/** Takes U+0000 out of texts, which PostgreSQL does not take, in place. */
export function withoutNul(params: unknown): void {
  if (!Array.isArray(params)) return;
  for (const [index, param] of params.entries()) {
    if (typeof param === 'string' && param.includes('\0')) params[index] = param.replaceAll('\0', '');
  }
}
