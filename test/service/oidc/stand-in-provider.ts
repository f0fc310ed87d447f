/**
 * A stand-in for an OpenID provider, on loopback: the real protocol (discovery, authorization code flow with PKCE, signed ID
 * tokens, userinfo), strict where providers are, and without a page to sign in at: whoever comes is `account`. It can lie, too.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export type Account = {
  sub: string;
  email?: string;
  email_verified?: boolean | string;
  name?: string;
};

export type StandInProvider = {
  readonly issuer: string;
  /** Who is signed in at the provider. */
  account: Account;
  /** Claims of the ID token that are not as they should be. */
  lies: Readonly<Record<string, unknown>>;
  /** What the authorization endpoint refuses with, such as `access_denied`. */
  refusesWith: string | undefined;
  /** The token is signed by somebody else's key. */
  isForged: boolean;
  /** It answers nothing but 503. */
  isDown: boolean;
  /** Addresses stand in the ID token; otherwise they are asked for at userinfo. */
  putsClaimsIntoToken: boolean;
  /** Every code and token that was given out. */
  readonly givenOut: string[];
  /** By path, how often it was asked. */
  readonly asked: Map<string, number>;
  close(): Promise<void>;
};

type Grant = {
  redirectUri: string;
  challenge: string;
  nonce: string | undefined;
  account: Account;
  isUsed: boolean;
};

export async function standInProvider(client: {
  id: string;
  secret: string;
  redirectUris: () => readonly string[];
  /** It takes the secret in the body, and says so; otherwise in the header, which is what counts where nothing is said. */
  postsSecret?: true;
}): Promise<StandInProvider> {
  const [own, foreign] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'one', use: 'sig', alg: 'RS256' };
  const grants = new Map<string, Grant>();
  const accounts = new Map<string, Account>();
  let issuer = '';

  const authorize = (query: URLSearchParams, response: ServerResponse): void => {
    const redirectUri = query.get('redirect_uri') ?? '';
    const isKnown = query.get('client_id') === client.id && client.redirectUris().includes(redirectUri);
    const isAsItShould =
      query.get('response_type') === 'code' &&
      (query.get('scope') ?? '').split(' ').includes('openid') &&
      query.get('code_challenge_method') === 'S256' &&
      query.has('state') &&
      query.has('nonce');
    if (!isKnown || !isAsItShould) {
      json(response, 400, { error: isKnown ? 'invalid_request' : 'invalid_client' });
      return;
    }
    const back = new URL(redirectUri);
    back.searchParams.set('state', query.get('state') ?? '');
    back.searchParams.set('iss', issuer);
    if (provider.refusesWith === undefined) {
      const code = newToken();
      grants.set(code, {
        ...{ redirectUri, account: provider.account, isUsed: false },
        challenge: query.get('code_challenge') ?? '',
        nonce: query.get('nonce') ?? undefined,
      });
      back.searchParams.set('code', code);
    } else back.searchParams.set('error', provider.refusesWith);
    response.writeHead(303, { location: back.href }).end();
  };

  const token = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await textOf(request));
    const [id, secret] =
      client.postsSecret === true
        ? [form.get('client_id'), form.get('client_secret')]
        : Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64')
            .toString()
            .split(':')
            .map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    if (id !== client.id || secret !== client.secret) {
      response.setHeader('www-authenticate', 'Basic realm="stand-in"');
      json(response, 401, { error: 'invalid_client' });
      return;
    }
    const grant = grants.get(form.get('code') ?? '');
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isGood =
      form.get('grant_type') === 'authorization_code' &&
      grant?.isUsed === false &&
      grant.redirectUri === form.get('redirect_uri') &&
      grant.challenge === verifier;
    if (!isGood) {
      json(response, 400, { error: 'invalid_grant', error_description: 'the code does not hold' });
      return;
    }
    grant.isUsed = true;
    const { sub, ...claims } = grant.account;
    const idToken = await new SignJWT({
      ...(provider.putsClaimsIntoToken ? claims : {}),
      ...{ iss: issuer, aud: client.id, sub, nonce: grant.nonce },
      ...{ iat: Math.floor(Date.now() / 1_000), exp: Math.floor(Date.now() / 1_000) + 300 },
      ...provider.lies,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .sign(provider.isForged ? foreign.privateKey : own.privateKey);
    const accessToken = newToken();
    accounts.set(accessToken, grant.account);
    provider.givenOut.push(idToken);
    json(response, 200, {
      ...{ access_token: accessToken, token_type: 'Bearer', expires_in: 300, id_token: idToken },
    });
  };

  const newToken = (): string => {
    const value = randomBytes(24).toString('base64url');
    provider.givenOut.push(value);
    return value;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', issuer);
    provider.asked.set(pathname, (provider.asked.get(pathname) ?? 0) + 1);
    if (provider.isDown) {
      json(response, 503, {});
      return;
    }
    switch (pathname) {
      case '/.well-known/openid-configuration':
        json(response, 200, {
          ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
          ...{ jwks_uri: `${issuer}/keys`, userinfo_endpoint: `${issuer}/userinfo` },
          ...{ response_types_supported: ['code'], subject_types_supported: ['public'] },
          id_token_signing_alg_values_supported: ['RS256'],
          code_challenge_methods_supported: ['S256'],
          ...(client.postsSecret === true
            ? { token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_post'] }
            : {}),
          authorization_response_iss_parameter_supported: true,
        });
        return;
      case '/authorize':
        authorize(searchParams, response);
        return;
      case '/token':
        await token(request, response);
        return;
      case '/keys':
        json(response, 200, { keys: [jwk] });
        return;
      case '/userinfo': {
        const account = accounts.get((request.headers.authorization ?? '').replace(/^Bearer /, ''));
        json(response, account === undefined ? 401 : 200, account ?? { error: 'invalid_token' });
        return;
      }
      default:
        json(response, 404, {});
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => json(response, 500, { error: String(error) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: StandInProvider = {
    ...{ issuer, account: { sub: 'nobody' }, lies: {}, refusesWith: undefined, isForged: false },
    ...{ putsClaimsIntoToken: false, isDown: false, givenOut: [], asked: new Map() },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return provider;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}
