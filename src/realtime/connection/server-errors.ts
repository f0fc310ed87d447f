/** What an `error` event of the server means for the session (codes and messages: protocol notes A9 and A11). */
import { ParleyError } from '../../errors.js';
import { oneLine } from '../../text.js';
import type { TransportClose } from '../transport.js';

/** The `error` object of an `error` event. */
export type ServerError = {
  type: string;
  message: string;
  code?: string | null | undefined;
  param?: string | null | undefined;
  event_id?: string | null | undefined;
};

const BENIGN_CODES = new Set([
  'response_cancel_not_active',
  'conversation_already_has_active_response',
  'input_audio_buffer_commit_empty',
]);
/** Truncations race with the end of an item; the API gives them no code of their own. */
const BENIGN_MESSAGES = [
  /^Audio content of \d+(\.\d+)?\s?ms is already shorter than/i,
  /^Only model output audio messages can be truncated/i,
];

const KEY_REFUSED = () =>
  new ParleyError(
    'key_refused',
    'the Realtime server refused the key: check the key variable and the server',
  );

const OUT_OF_QUOTA = () =>
  new ParleyError('service_unavailable', 'the Realtime account is out of quota: check its plan and billing');

const FATAL: Readonly<Record<string, (message: string) => ParleyError>> = {
  invalid_api_key: KEY_REFUSED,
  missing_authorization: KEY_REFUSED,
  authentication_error: KEY_REFUSED,
  insufficient_quota: OUT_OF_QUOTA,
  billing_hard_limit_reached: OUT_OF_QUOTA,
  account_deactivated: () =>
    new ParleyError('service_unavailable', 'the account at the Realtime service is closed: check it'),
  unsupported_country_region_territory: () =>
    new ParleyError(
      'service_unavailable',
      'the Realtime service is not offered in this region: use another region or provider',
    ),
  credit_balance_exhausted: () =>
    new ParleyError('service_unavailable', 'the Realtime account has no credit left: check its billing'),
  model_not_found: (message) =>
    new ParleyError(
      'service_unavailable',
      `the Realtime server does not know the model (${message}): check --model`,
    ),
  session_expired: () =>
    new ParleyError(
      'service_unavailable',
      'the Realtime session reached its maximum duration: start a new one',
      { retryable: true },
    ),
};

/** What passes by itself, by code or type. */
const PASSING: ReadonlySet<string> = new Set([
  'rate_limit_exceeded',
  'rate_limit_error',
  'inference_rate_limit_exceeded',
  'server_error',
  'internal_error',
  'service_unavailable_error',
  'overloaded_error',
  'session_limit_reached',
  'too_many_requests',
]);
/** "Please try again in 1.2s", "in 350ms". */
const TRY_AGAIN = /try again in (\d{1,6}(?:\.\d{1,6})?)\s?(ms|s)\b/i;

/** Close codes after which a new connection may well succeed: going away, no status, dropped, internal, restart, try later. */
const RETRYABLE_CLOSES = new Set([1001, 1005, 1006, 1011, 1012, 1013]);

/** `benign`: the request had become moot. `fatal`: the session cannot go on. `other`: reported, the session goes on. */
type ErrorVerdict = { kind: 'benign' } | { kind: 'fatal'; error: ParleyError } | { kind: 'other' };

/** Judges one server error by its code (or, where it has none, its type), or by its message. */
export function judgeServerError(error: ServerError): ErrorVerdict {
  const code = error.code ?? error.type;
  const fatal = Object.hasOwn(FATAL, code) ? FATAL[code] : undefined;
  if (fatal !== undefined) return { kind: 'fatal', error: fatal(oneLine(error.message, 200)) };
  if (BENIGN_CODES.has(code) || BENIGN_MESSAGES.some((pattern) => pattern.test(error.message))) {
    return { kind: 'benign' };
  }
  return { kind: 'other' };
}

/** Whether the same request may well succeed a little later: a rate limit, a failure of the server itself. */
export function isPassing({ code, type }: Pick<ServerError, 'code' | 'type'>): boolean {
  return PASSING.has(code ?? type) || PASSING.has(type);
}

/** How long a server asks to be left alone, in words; undefined where it does not say. */
export function waitAskedForMs(message: string): number | undefined {
  const [, amount, unit] = TRY_AGAIN.exec(message) ?? [];
  return amount === undefined ? undefined : Number(amount) * (unit?.toLowerCase() === 'ms' ? 1 : 1_000);
}

/** What it means that the server, or the way to it, closed the connection. */
export function closeError(close: TransportClose): ParleyError {
  const retryable = RETRYABLE_CLOSES.has(close.code);
  const reason = close.reason === '' ? '' : `: ${oneLine(close.reason, 200)}`;
  const advice = retryable ? 'connect again' : 'the server does not want this session: see its reason';
  return new ParleyError(
    'service_unavailable',
    `the Realtime connection was closed (${close.code}${reason}); ${advice}`,
    { retryable },
  );
}

/** Why a connection that was not configured yet cannot be used. */
export function refusedToBegin(what: 'session' | 'configuration', error: ServerError): ParleyError {
  const message = oneLine(error.message, 300);
  if (isPassing(error)) {
    const text = `the Realtime server could not open the ${what}: ${message}`;
    return new ParleyError('service_unavailable', text, { retryable: true });
  }
  const param = error.param == null ? '' : ` (${oneLine(error.param, 100)})`;
  return new ParleyError('protocol', `the Realtime server refused the ${what}: ${message}${param}`);
}
