/** Requests to the service, with the browser's cookie. */

/** One field of a request that is wrong. */
export type FieldProblem = {
  readonly path: string;
  /** In English. */
  readonly problem: string;
  readonly code?: string;
  readonly limit?: number;
};

/** Why a request was not done. `code` is the service's, or `offline` where there was no answer. */
export class ApiProblem extends Error {
  readonly code: string;
  /** More of a code that covers several. */
  readonly reason: string;
  readonly status: number;
  readonly errors: readonly FieldProblem[];
  readonly retryAfterS: number | undefined;
  readonly requestId: string;
  /** The whole problem document. */
  readonly document: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    status: number,
    document: Readonly<Record<string, unknown>>,
    retryAfterS?: number,
  ) {
    super(typeof document['detail'] === 'string' ? document['detail'] : code);
    this.name = 'ApiProblem';
    this.code = code;
    this.status = status;
    this.document = document;
    this.reason = typeof document['reason'] === 'string' ? document['reason'] : '';
    this.errors = Array.isArray(document['errors']) ? (document['errors'] as FieldProblem[]) : [];
    this.retryAfterS = retryAfterS;
    this.requestId = typeof document['requestId'] === 'string' ? document['requestId'] : '';
  }
}

/** What belongs to a request. */
export type RequestOptions = {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** A file that is sent as it is, instead of a body of JSON. */
  readonly file?: Blob;
  /** How long the answer may take. */
  readonly timeoutMs?: number;
  /** The revision that the change is made for. */
  readonly ifMatch?: number;
  readonly signal?: AbortSignal;
};

/** How long an answer may take: a service that hangs is said to be away. */
const TIMEOUT_MS = 30_000;
let onSignedOut: () => void = () => undefined;

/** Calls `listener` whenever a request finds that nobody is signed in any more. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** The JSON of an answer. Throws {@link ApiProblem}. */
export async function request<Json>(
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Json> {
  const response = await answerOf(method, path, options);
  return (response.status === 204 ? undefined : await response.json()) as Json;
}

/** The text of an answer. Throws {@link ApiProblem}. */
export async function requestText(path: string, options: RequestOptions = {}): Promise<string> {
  return (await answerOf('GET', path, options)).text();
}

async function answerOf(method: string, path: string, options: RequestOptions): Promise<Response> {
  const { query = {}, body, file, timeoutMs = TIMEOUT_MS, ifMatch, signal } = options;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  const search = parameters.toString();
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  try {
    response = await fetch(search === '' ? path : `${path}?${search}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        // Its own type says how a browser takes it, which is none of the service's business.
        ...(file === undefined ? {} : { 'content-type': 'application/octet-stream' }),
        ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
        // A request that is sent again by the browser or by us is done once.
        ...(method === 'POST' ? { 'idempotency-key': crypto.randomUUID() } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(file === undefined ? {} : { body: file }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new ApiProblem('offline', 0, {});
  }
  if (response.ok) return response;
  throw await problemOf(response);
}

async function problemOf(response: Response): Promise<ApiProblem> {
  let document: Record<string, unknown> = {};
  try {
    document = (await response.json()) as Record<string, unknown>;
  } catch {
    // A proxy's own page: its status says enough.
  }
  const code =
    typeof document['code'] === 'string'
      ? document['code']
      : response.status >= 500
        ? 'service_unavailable'
        : 'other';
  const retryAfterS = Number(response.headers.get('retry-after') ?? Number.NaN);
  const problem = new ApiProblem(
    code,
    response.status,
    document,
    Number.isFinite(retryAfterS) ? retryAfterS : undefined,
  );
  if (problem.code === 'unauthenticated') onSignedOut();
  return problem;
}
