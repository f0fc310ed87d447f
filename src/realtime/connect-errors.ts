/** Why a WebSocket could not be opened, as one line that names the host and says what to do. */
import { ParleyError } from '../errors.js';
import { redactText } from '../log.js';

/** Most of a refusal's body that is shown. */
const MAX_BODY_CHARS = 200;
const MAX_RETRY_AFTER_S = 3600;

/** An HTTP answer in place of the upgrade. `body` is its beginning; `secrets` are taken out of it. */
export type Refusal = {
  host: string;
  status: number;
  body: string;
  retryAfter: string | undefined;
  secrets: readonly string[];
};

/** Error for an HTTP status that came instead of 101 Switching Protocols. */
export function refusalError(refusal: Refusal): ParleyError {
  const { host, status } = refusal;
  const said = refusalText(refusal.body, refusal.secrets);
  const detail = said === '' ? '' : `: ${said}`;
  if (status === 401 && refusal.secrets.length === 0) {
    return new ParleyError(
      'key_refused',
      `${host} wants a key (HTTP 401)${detail}; set PARLEY_REALTIME_KEY in the environment`,
    );
  }
  if (status === 401 || status === 403) {
    return new ParleyError(
      'key_refused',
      `${host} refused the key (HTTP ${status})${detail}; check the key and what it may use`,
    );
  }
  if (status === 404) {
    return new ParleyError(
      'service_unavailable',
      `${host}: model or URL unknown (HTTP 404)${detail}; check --model and --url`,
    );
  }
  if (status === 429 || status >= 500) {
    const cause = status === 429 ? 'limits requests or is out of quota' : 'is overloaded or broken';
    return new ParleyError(
      'service_unavailable',
      `${host} ${cause} (HTTP ${status})${detail}; try again ${retryDelay(refusal.retryAfter)}`,
      { retryable: true },
    );
  }
  const advice = status >= 300 && status < 400 ? 'redirects are not followed, check --url' : 'check --url';
  return new ParleyError('service_unavailable', `${host} answered HTTP ${status}${detail}; ${advice}`);
}

/** The message of a JSON error body, or its text: one line, bounded, no control characters, no key. */
function refusalText(body: string, secrets: readonly string[]): string {
  let text = body;
  try {
    const parsed = JSON.parse(body) as { error?: { message?: unknown } } | null;
    if (typeof parsed?.error?.message === 'string') text = parsed.error.message;
  } catch {
    // Not JSON, or cut short: the text itself is shown.
  }
  const line = redactText(text, secrets)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return line.length > MAX_BODY_CHARS ? `${line.slice(0, MAX_BODY_CHARS - 1)}…` : line;
}

function retryDelay(retryAfter: string | undefined): string {
  const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : Number.NaN;
  return seconds >= 1 && seconds <= MAX_RETRY_AFTER_S ? `in ${seconds} s` : 'later';
}

const UNTRUSTED_CERTIFICATE =
  /^(?:CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|ERR_TLS_CERT|HOSTNAME_MISMATCH)/;

/** Error for a connection that broke before the upgrade: name lookup, TCP, TLS, or an answer that is not HTTP. */
export function connectFailure(host: string, error: Error): ParleyError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const failure = (text: string, retryable: boolean) =>
    new ParleyError('service_unavailable', text, { retryable, cause: error });
  if (code === 'ENOTFOUND') return failure(`${host}: no such host; check --url and the network`, true);
  if (code === 'EAI_AGAIN') return failure(`${host}: name lookup failed; check the network`, true);
  if (code === 'ECONNREFUSED') {
    return failure(`${host}: nothing is listening there; check --url and that the server runs`, true);
  }
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return failure(`${host} cannot be reached (${code}); check the network`, true);
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return failure(`${host} dropped the connection before it was open; try again later`, true);
  }
  if (UNTRUSTED_CERTIFICATE.test(code)) {
    return failure(`${host}: its TLS certificate is not trusted (${code}); check --url`, false);
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return failure(
      `${host} does not speak TLS as expected; check whether --url wants wss:// or ws://`,
      false,
    );
  }
  return failure(`${host} does not answer as a WebSocket server; check --url`, false);
}
