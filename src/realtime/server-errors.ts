/** What an `error` event of the server means for the session (codes and messages: protocol notes A9 and A11). */
import { ParleyError } from '../errors.js';

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

const FATAL: Readonly<Record<string, (message: string) => ParleyError>> = {
  invalid_api_key: () =>
    new ParleyError(
      'key_refused',
      'the Realtime server refused the key: check the key variable and the server',
    ),
  insufficient_quota: () =>
    new ParleyError(
      'service_unavailable',
      'the Realtime account is out of quota: check its plan and billing',
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
      {
        retryable: true,
      },
    ),
};

/** `benign`: the request had become moot. `fatal`: the session cannot go on. `other`: reported, the session goes on. */
export type ErrorVerdict = { kind: 'benign' } | { kind: 'fatal'; error: ParleyError } | { kind: 'other' };

/** Judges one server error by its code, or by its message where it has none. */
export function judgeServerError(error: ServerError): ErrorVerdict {
  const code = error.code ?? '';
  const fatal = Object.hasOwn(FATAL, code) ? FATAL[code] : undefined;
  if (fatal !== undefined) return { kind: 'fatal', error: fatal(error.message.slice(0, 200)) };
  if (BENIGN_CODES.has(code) || BENIGN_MESSAGES.some((pattern) => pattern.test(error.message))) {
    return { kind: 'benign' };
  }
  return { kind: 'other' };
}
