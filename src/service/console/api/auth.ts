/** Signing in and out, as the service offers it. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/browser';
import { ApiProblem, request } from './client.js';

/** Ways in that the service has. */
export type SignInMethods = {
  readonly passkeys: boolean;
  /** An OpenID provider: its name, and the address at which its sign-in begins. */
  readonly oidc?: { readonly name: string; readonly start: string };
};

/** Who is signed in. */
export type Me = {
  readonly id: string;
  readonly name: string;
  readonly role?: string;
  readonly scopes: readonly string[];
  /** An account of the OpenID provider is theirs. */
  readonly oidc?: boolean;
};

/** Requests around signing in. Each throws ApiProblem. */
export const auth = {
  me: (): Promise<Me> => request('GET', '/v1/me'),
  setUp: (about: { token: string; name: string }): Promise<void> =>
    request('POST', '/v1/setup', { body: about }),
  /** A service without this question has no way in but its set-up link. */
  methods: async (): Promise<SignInMethods> => {
    try {
      return await request('GET', '/v1/sign-in');
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 404) return { passkeys: false };
      throw error;
    }
  },
  passkeyOptions: (): Promise<PublicKeyCredentialCreationOptionsJSON> =>
    request('POST', '/v1/passkeys/options'),
  keepPasskey: (credential: RegistrationResponseJSON, name: string): Promise<void> =>
    request('POST', '/v1/passkeys', { body: { name, credential } }),
  signInOptions: (): Promise<PublicKeyCredentialRequestOptionsJSON> => request('POST', '/v1/sign-in/options'),
  signIn: (credential: AuthenticationResponseJSON): Promise<void> =>
    request('POST', '/v1/sign-in', { body: { credential } }),
  /** By the link that the service printed. */
  signInByLink: (token: string): Promise<void> => request('POST', '/v1/sign-in/link', { body: { token } }),
  /** Where the browser goes on to, to tie whoever is signed in to their account of the OpenID provider. */
  linkOidc: async (): Promise<string> =>
    (await request<{ url: string }>('POST', '/v1/sign-in/oidc/link')).url,
  signOut: (): Promise<void> => request('POST', '/v1/sign-out'),
};
