/** What the API answers when it cannot do what was asked: RFC 9457, with a code for programs. */
import { CHANGE_REFUSALS } from '../../meeting/meeting-change.js';

/** Every code, with its HTTP status and its title. */
export const PROBLEMS = {
  malformed_request: [400, 'The request cannot be read'],
  setup_refused: [401, 'The link is not valid any more'],
  unauthenticated: [401, 'A key or a sign-in is needed'],
  forbidden: [403, 'This is not allowed'],
  foreign_origin: [403, 'The request comes from another site'],
  not_found: [404, 'There is no such thing'],
  method_not_allowed: [405, 'The method is not allowed here'],
  bot_exists: [409, 'A bot is in this meeting already'],
  conflict: [409, 'This does not fit the present state'],
  request_in_progress: [409, 'The same request is being answered'],
  shown_once: [409, 'The secret was shown once'],
  erased: [410, 'The words were erased'],
  changed_meanwhile: [412, 'It was changed meanwhile'],
  payload_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'The body must be JSON'],
  foreign_host: [421, 'The service does not answer under this name'],
  invalid_request: [422, 'The request is not valid'],
  other_request: [422, 'The Idempotency-Key belongs to another request'],
  too_many_bots: [429, 'The workspace has as many bots as it may have'],
  too_many_requests: [429, 'Too many requests'],
  too_many_streams: [429, 'Too many event streams'],
  internal: [500, 'A bug of Parley'],
  key_refused: [502, 'A key of the service was refused'],
  service_unavailable: [503, 'The service cannot do this now'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>;

/** A code of the API's problems. */
export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with a field, what a running meeting refuses a change for included; `invalid`: what `problem` says. */
export const FIELD_CODES = [
  'missing',
  'too_small',
  'too_large',
  'too_short',
  'too_long',
  'too_few',
  'too_many',
  'no_email',
  'no_meeting',
  'no_language',
  'not_text',
  'too_deep',
  'not_public',
  'in_the_past',
  ...CHANGE_REFUSALS,
] as const;
/** A code of a wrong field. */
export type FieldCode = (typeof FIELD_CODES)[number];

/** One wrong field, such as `languages[1]`. Without a code it is `invalid`. */
export type FieldError = {
  readonly path: string;
  /** In English, for people. */
  readonly problem: string;
  readonly code?: FieldCode;
  /** Of what is too small, too large and the like: what is allowed. */
  readonly limit?: number;
};

/** What more there is to say of a problem whose code covers several. */
export const PROBLEM_REASONS = [
  'bot_over',
  'bot_not_in_meeting',
  'bot_not_scheduled',
  'bot_still_runs',
  'not_waiting',
  'owner_stays',
  'member_exists',
  'needs_scope',
  'needs_person',
  'passkey_known',
  'passkey_unknown',
  'passkey_unchecked',
  'passkey_needs_name',
  'draining',
] as const;
/** One such reason. */
export type ProblemReason = (typeof PROBLEM_REASONS)[number];

/** What a problem says beside its code. */
export type ProblemDetails = {
  /** Every field that is wrong. */
  readonly errors?: readonly FieldError[];
  readonly reason?: ProblemReason;
  /** Whole seconds after which the request can be repeated. */
  readonly retryAfterS?: number;
  /** Further members of the document. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
};

/** An answer that is a problem. `message` is one line that says what is wrong and what to do; it holds no secret. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Problem';
    this.code = code;
    this.details = details;
  }
}

/** The answer to a request that failed so. */
export function problemResponse({ code, message, details }: Problem, requestId: string): Response {
  const [status, title] = PROBLEMS[code];
  const { errors, reason, retryAfterS, more } = details;
  const document = {
    type: 'about:blank',
    title,
    status,
    detail: message,
    code,
    requestId,
    ...(reason === undefined ? {} : { reason }),
    ...(errors === undefined ? {} : { errors: errors.map((error) => ({ code: 'invalid', ...error })) }),
    ...more,
  };
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    },
  });
}
