/**
 * The OpenID provider that people sign in by: authorization code flow with PKCE, state and nonce. It is asked for its addresses
 * when somebody signs in first, so that one that is down costs the sign-in by it and nothing else.
 */
import type * as OpenId from 'openid-client';
import { messageOf, ParleyError } from '../../../errors.js';
import { outgoingFetch } from '../../../outgoing/fetch.js';
import { redactText } from '../../../redaction.js';
import { oneLine } from '../../../text.js';
import { newAttempt, type OidcAttempt } from './oidc-attempt.js';
import type { OidcSettings } from './oidc-settings.js';
import { SignInRefusal, type SignInRefusalCode } from './sign-in-refusal.js';

const TIMEOUT_S = 10;
/** Clocks may differ so much. */
const CLOCK_TOLERANCE_S = 30;
/** Addresses and the like are asked for again after so long. */
const METADATA_MS = 24 * 3_600_000;
const MAX_MESSAGE_CHARS = 300;

/** Who somebody is, as the provider says. The claims are untrusted text of whoever they are. */
export type OidcIdentity = {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | undefined;
  /** The provider has checked that the address is theirs. */
  readonly isEmailVerified: boolean;
  readonly name: string | undefined;
};

type Known = { readonly configuration: OpenId.Configuration; readonly atMs: number };

/** One provider. */
export class OidcProvider {
  readonly settings: OidcSettings;
  #known: Known | undefined;
  #asking: Promise<Known> | undefined;

  constructor(settings: OidcSettings) {
    this.settings = settings;
  }

  /** Where to send the browser, and what it must come back with. Throws {@link SignInRefusal}. */
  async begin(redirectUri: string): Promise<{ url: string; attempt: OidcAttempt }> {
    return refusing(async () => {
      const client = await import('openid-client');
      const configuration = await this.#configuration();
      const codeVerifier = client.randomPKCECodeVerifier();
      const [state, nonce] = [client.randomState(), client.randomNonce()];
      const url = client.buildAuthorizationUrl(configuration, {
        ...{ redirect_uri: redirectUri, scope: 'openid email profile', state, nonce },
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, attempt: newAttempt({ state, nonce, codeVerifier, redirectUri }, Date.now()) };
    });
  }

  /** Who came back with this query. Throws {@link SignInRefusal}. */
  async finish(query: URLSearchParams, attempt: OidcAttempt): Promise<OidcIdentity> {
    if (query.get('state') !== attempt.state)
      throw new SignInRefusal('expired', 'the answer belongs to a sign-in that was begun elsewhere');
    return refusing(async () => {
      const client = await import('openid-client');
      const configuration = await this.#configuration();
      const { state: expectedState, nonce: expectedNonce, codeVerifier: pkceCodeVerifier } = attempt;
      const url = new URL(attempt.redirectUri);
      url.search = query.toString();
      const tokens = await client.authorizationCodeGrant(configuration, url, {
        ...{ expectedState, expectedNonce, pkceCodeVerifier, idTokenExpected: true },
      });
      const claims = tokens.claims()!;
      const { sub: subject, iss: issuer } = claims;
      const isComplete = claims['email'] !== undefined && claims['email_verified'] !== undefined;
      const hasMore = configuration.serverMetadata().userinfo_endpoint !== undefined;
      // An address and whether it is verified come from one place.
      const said =
        isComplete || !hasMore
          ? claims
          : await client.fetchUserInfo(configuration, tokens.access_token, subject);
      return identityOf(issuer, subject, said);
    });
  }

  /**
   * Whether the provider answers and is who it should be: for `parley doctor`. Throws ParleyError that says what to do.
   */
  async check(): Promise<void> {
    try {
      await refusing(() => this.#configuration());
    } catch (error) {
      const isAway = error instanceof SignInRefusal && error.code === 'unavailable';
      const { name, issuer } = this.settings;
      throw new ParleyError(
        isAway ? 'service_unavailable' : 'config',
        `${name} (${issuer}) cannot be used to sign in: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  /** Asked for once, however many need it at the same time; again after a failure, or a day later. */
  async #configuration(): Promise<OpenId.Configuration> {
    const known = this.#known;
    if (known !== undefined && performance.now() - known.atMs < METADATA_MS) return known.configuration;
    this.#asking ??= this.#discover().finally(() => (this.#asking = undefined));
    this.#known = await this.#asking;
    return this.#known.configuration;
  }

  async #discover(): Promise<Known> {
    const client = await import('openid-client');
    const { issuer, clientId, clientSecret } = this.settings;
    const url = new URL(issuer);
    const fetchThroughProxy: OpenId.CustomFetch = (address, options) =>
      outgoingFetch(address, options as RequestInit);
    // The token of an answer that came by plain http is worth nothing without its signature: it is always checked.
    const execute = [
      client.enableNonRepudiationChecks,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- only so that it stands out: for a provider on loopback
      ...(url.protocol === 'http:' ? [client.allowInsecureRequests] : []),
    ];
    const found = await client.discovery(url, clientId, clientSecret, undefined, {
      ...{ execute, timeout: TIMEOUT_S, [client.customFetch]: fetchThroughProxy },
    });
    const server = found.serverMetadata();
    for (const endpoint of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const)
      if (server[endpoint] === undefined)
        throw new SignInRefusal('misconfigured', `its metadata name no ${endpoint}`);
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    // In a header secrets are written in a form that not every provider reads alike: the body goes before.
    const authentication = methods.includes('client_secret_post')
      ? client.ClientSecretPost(clientSecret)
      : client.ClientSecretBasic(clientSecret);
    const configuration = new client.Configuration(
      server,
      clientId,
      { client_secret: clientSecret, [client.clockTolerance]: CLOCK_TOLERANCE_S },
      authentication,
    );
    configuration.timeout = TIMEOUT_S;
    configuration[client.customFetch] = fetchThroughProxy;
    for (const each of execute) each(configuration);
    return { configuration, atMs: performance.now() };
  }
}

function identityOf(
  issuer: string,
  subject: string,
  claims: Readonly<Record<string, unknown>>,
): OidcIdentity {
  const text = (name: string): string | undefined => {
    const value = claims[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  // Some providers write it as text.
  const verified = claims['email_verified'];
  return {
    ...{ issuer, subject, email: text('email'), name: text('name') ?? text('preferred_username') },
    isEmailVerified: verified === true || verified === 'true',
  };
}

/** What goes wrong with a provider, without what it sent: errors of the library hold claims and parameters. */
async function refusing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SignInRefusal) throw error;
    throw refusalOf(error);
  }
}

type LibraryError = Error & {
  readonly code?: unknown;
  readonly error?: unknown;
  readonly error_description?: unknown;
  readonly status?: unknown;
};

function refusalOf(error: unknown): SignInRefusal {
  if (!(error instanceof Error)) return new SignInRefusal('unavailable', 'the provider cannot be used');
  const { code, error: said, error_description: description, status } = error as LibraryError;
  const words = [
    error.message,
    ...(typeof code === 'string' ? [`(${code})`] : []),
    ...(typeof said === 'string' ? [`${said}:`] : []),
    ...(typeof description === 'string' ? [description] : []),
    ...reasonsOf(error.cause),
  ];
  const message = oneLine(redactText(words.join(' ')), MAX_MESSAGE_CHARS);
  return new SignInRefusal(refusalCodeOf(code, said, status), message);
}

function refusalCodeOf(code: unknown, said: unknown, status: unknown): SignInRefusalCode {
  switch (code) {
    case 'OAUTH_AUTHORIZATION_RESPONSE_ERROR':
      if (said === 'access_denied') return 'cancelled';
      return said === 'server_error' || said === 'temporarily_unavailable' ? 'unavailable' : 'misconfigured';
    case 'OAUTH_RESPONSE_BODY_ERROR':
      if (said === 'invalid_grant') return 'expired';
      return typeof status === 'number' && status >= 500 ? 'unavailable' : 'misconfigured';
    case 'OAUTH_WWW_AUTHENTICATE_CHALLENGE':
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
    case 'OAUTH_HTTP_REQUEST_FORBIDDEN':
    case 'OAUTH_REQUEST_PROTOCOL_FORBIDDEN':
    case 'OAUTH_UNSUPPORTED_OPERATION':
    case 'OAUTH_MISSING_SERVER_METADATA':
    case 'OAUTH_INVALID_SERVER_METADATA':
      return 'misconfigured';
    case 'OAUTH_INVALID_RESPONSE':
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
    case 'OAUTH_KEY_SELECTION_FAILED':
      return 'untrusted';
  }
  // No connection, no answer in time, or none that is the protocol's.
  return 'unavailable';
}

/** Codes of the system and HTTP statuses beneath an error, such as `ECONNREFUSED`. */
function reasonsOf(cause: unknown): string[] {
  if (cause instanceof Response) return [`HTTP ${cause.status}`];
  if (!(cause instanceof Error)) return [];
  const { code } = cause as NodeJS.ErrnoException;
  return [...(typeof code === 'string' ? [code] : []), ...reasonsOf(cause.cause)];
}
