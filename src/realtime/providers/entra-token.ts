/**
 * Microsoft Entra tokens for Azure OpenAI by client credentials: asked for when needed, kept while good, fetched anew before
 * they end. Source: Microsoft identity platform, OAuth 2.0 client credentials flow; the scope is Azure OpenAI's.
 */
import type { Clock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import { outgoingFetch } from '../../outgoing/fetch.js';

const AUTHORITY = 'https://login.microsoftonline.com';
const SCOPE = 'https://cognitiveservices.azure.com/.default';
/** A token is fetched anew this long before it ends: a connection is opened with one that is good for its whole handshake. */
const REFRESH_BEFORE_END_MS = 5 * 60_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** Bearer tokens are single words (RFC 6750, section 2.1). */
const BEARER = /^[\w.~+/-]{1,16384}=*$/;

/** An application that may use the resource. The variables of Microsoft's own SDKs have these names. */
export type EntraCredentials = { tenantId: string; clientId: string; clientSecret: string };

/** Gives a token that is good now. */
export type TokenSource = () => Promise<string>;

/** What a token source is made of. */
type EntraTokenOptions = {
  credentials: EntraCredentials;
  clock: Clock;
  /** Where tokens come from; default `https://login.microsoftonline.com`. */
  authority?: string;
};

/**
 * A source of tokens: one request at a time however many ask, and none while the last token is good. Rejects with a
 * ParleyError: `key_refused` when Entra refuses the credentials, `service_unavailable` (retryable) when it cannot be asked.
 * A failure is not kept: the next call asks again.
 */
export function entraTokens(options: EntraTokenOptions): TokenSource {
  const { clock } = options;
  let kept: { token: string; goodUntilMs: number } | undefined;
  let responseRequester: Promise<string> | undefined;
  return () => {
    if (kept !== undefined && clock.nowMs() < kept.goodUntilMs) return Promise.resolve(kept.token);
    responseRequester ??= requestToken(options)
      .then(({ token, lifetimeMs }) => {
        kept = { token, goodUntilMs: clock.nowMs() + lifetimeMs - REFRESH_BEFORE_END_MS };
        return token;
      })
      .finally(() => {
        responseRequester = undefined;
      });
    return responseRequester;
  };
}

async function requestToken(options: EntraTokenOptions): Promise<{ token: string; lifetimeMs: number }> {
  const { credentials, authority = AUTHORITY } = options;
  const { tenantId, clientId, clientSecret } = credentials;
  const unavailable = (why: string, cause?: unknown): ParleyError =>
    new ParleyError('service_unavailable', `no Microsoft Entra token: ${why}; try again later`, {
      retryable: true,
      ...(cause === undefined ? {} : { cause }),
    });
  let status: number;
  let body: unknown;
  try {
    const response = await outgoingFetch(`${authority}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        scope: SCOPE,
      }),
    });
    status = response.status;
    body = await response.json();
  } catch (error) {
    throw unavailable(`${new URL(authority).host} does not answer (${messageOf(error)})`, error);
  }
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  if (status >= 400 && status < 500 && status !== 429) {
    const code =
      typeof fields['error'] === 'string' ? fields['error'].replace(/[^\w.-]/g, '').slice(0, 64) : '';
    throw new ParleyError(
      'key_refused',
      `Microsoft Entra gives no token (HTTP ${status}${code === '' ? '' : `, ${code}`}): check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET`,
    );
  }
  const token = fields['access_token'];
  const lifetimeS = fields['expires_in'];
  if (status !== 200 || typeof token !== 'string' || !BEARER.test(token) || typeof lifetimeS !== 'number')
    throw unavailable(`HTTP ${status} without a token`);
  return { token, lifetimeMs: lifetimeS * 1_000 };
}
