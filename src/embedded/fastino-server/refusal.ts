/** What the server answers when it will not: `{"error": {"code", "message"}}`, the shape of the Realtime guide. */

/** A request that is refused. Only `USER_NOT_FOUND` is a documented code; the others follow its manner. */
export class FastinoRefusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'FastinoRefusal';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  get body(): unknown {
    return { error: { code: this.code, message: this.message } };
  }
}

/** The refusals this server knows. */
export const REFUSALS = {
  invalid: (why: string) => new FastinoRefusal(400, 'INVALID_REQUEST', why),
  unauthorized: () =>
    new FastinoRefusal(401, 'UNAUTHORIZED', 'The API key is missing or not valid.', {
      'www-authenticate': 'x-api-key',
    }),
  foreign: (why: string) => new FastinoRefusal(403, 'FORBIDDEN', why),
  noSuchCall: () => new FastinoRefusal(404, 'NOT_FOUND', 'There is no such call.'),
  unknownUser: (userId: string) =>
    new FastinoRefusal(404, 'USER_NOT_FOUND', `No user found with ID ${userId}`),
  otherMethod: (allowed: string) =>
    new FastinoRefusal(405, 'METHOD_NOT_ALLOWED', `This call is ${allowed}.`, { allow: allowed }),
  takenId: (userId: string) =>
    new FastinoRefusal(409, 'USER_ID_TAKEN', `The ID ${userId} is of another user.`),
  tooLarge: (maxBytes: number) =>
    new FastinoRefusal(413, 'PAYLOAD_TOO_LARGE', `A request may have ${maxBytes} bytes.`),
  rateLimited: (retryAfterSeconds: number) =>
    new FastinoRefusal(429, 'RATE_LIMITED', 'Too many requests.', {
      'retry-after': String(retryAfterSeconds),
    }),
  full: (what: string) => new FastinoRefusal(503, 'OUT_OF_ROOM', `This stand-in keeps no more ${what}.`),
} as const;
