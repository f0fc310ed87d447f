/** Why a WebSocket could not be opened, as one line that names the host and says what to do. */
import { ParleyError } from '../../errors.js';
import { type Proxy, proxyProblem } from '../../outgoing/proxies.js';
import { redactText } from '../../redaction.js';
import { judgeServerError } from './server-errors.js';
import { oneLine } from '../../text.js';

/** Most of a refusal's body that is shown. */
const MAX_BODY_CHARS = 200;
const MAX_RETRY_AFTER_MS = 3_600_000;
/** IMF-fixdate, the one form that servers may send. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** An HTTP answer in place of the upgrade. `body` is its beginning; `secrets` are taken out of it. */
export type Refusal = {
  host: string;
  status: number;
  body: string;
  /** The header as it came: seconds, or a date (RFC 9110, section 10.2.3). */
  retryAfter: string | undefined;
  /** When it came, since 1970. */
  atEpochMs: number;
  secrets: readonly string[];
};

/** Error for an HTTP status that came instead of 101 Switching Protocols. */
export function refusalError(refusal: Refusal): ParleyError {
  const { host, status } = refusal;
  const { code, text } = readBody(refusal.body);
  const said = fitForShowing(text, refusal.secrets);
  const detail = said === '' ? '' : `: ${said}`;
  const verdict = judgeServerError({ type: '', code, message: said });
  if (verdict.kind === 'fatal' && !verdict.error.retryable && status !== 401) {
    return new ParleyError(verdict.error.code, `${host}: ${verdict.error.message} (HTTP ${status}${detail})`);
  }
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
    const retryAfterMs = retryDelayMs(refusal.retryAfter, refusal.atEpochMs);
    const when = retryAfterMs === undefined ? 'later' : `in ${Math.ceil(retryAfterMs / 1000)} s`;
    return new ParleyError(
      'service_unavailable',
      `${host} ${cause} (HTTP ${status})${detail}; try again ${when}`,
      { retryable: true, retryAfterMs },
    );
  }
  const advice = status >= 300 && status < 400 ? 'redirects are not followed, check --url' : 'check --url';
  return new ParleyError('service_unavailable', `${host} answered HTTP ${status}${detail}; ${advice}`);
}

/** The code and message of a JSON error body, or its text. */
function readBody(body: string): { code: string; text: string } {
  try {
    const parsed = JSON.parse(body) as { error?: { message?: unknown; code?: unknown } } | null;
    const { message, code } = parsed?.error ?? {};
    return {
      code: typeof code === 'string' ? code : '',
      text: typeof message === 'string' ? message : body,
    };
  } catch {
    return { code: '', text: body }; // not JSON, or cut short: the text itself is shown
  }
}

function fitForShowing(text: string, secrets: readonly string[]): string {
  return oneLine(redactText(text, secrets), MAX_BODY_CHARS);
}

/** How long a server asks to be left alone; undefined where it does not say, or nothing that can be waited for. */
function retryDelayMs(retryAfter: string | undefined, atEpochMs: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const delayMs = /^\d{1,6}$/.test(retryAfter)
    ? Number(retryAfter) * 1000
    : HTTP_DATE.test(retryAfter)
      ? Date.parse(retryAfter) - atEpochMs
      : Number.NaN;
  return delayMs > 0 && delayMs <= MAX_RETRY_AFTER_MS ? delayMs : undefined;
}

const UNTRUSTED_CERTIFICATE =
  /^(?:CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|ERR_TLS_CERT|HOSTNAME_MISMATCH)/;

/** Why nothing was reached without the proxy. */
const UNREACHABLE = /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;

/** Error for a proxy that let the connection to `host` not through. */
export function proxyRefusal(host: string, proxy: Proxy, status: number): ParleyError {
  const text = `${host}: ${proxyProblem(proxy, status)}`;
  return status >= 500
    ? new ParleyError('service_unavailable', text, { retryable: true })
    : new ParleyError('config', text);
}

/**
 * Error for a connection that broke before the upgrade: name lookup, TCP, TLS, or an answer that is not HTTP. `proxy`: what it
 * would have gone through.
 */
export function connectFailure(host: string, error: Error, proxy?: Proxy): ParleyError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (proxy !== undefined && UNREACHABLE.test(code)) {
    const text = `${host}: ${proxyProblem(proxy, undefined, code)}`;
    return new ParleyError('service_unavailable', text, { retryable: true, cause: error });
  }
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
