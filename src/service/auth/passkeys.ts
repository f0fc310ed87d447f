/** Passkeys: made by whoever is signed in, and used to sign in. Challenges are one-time tokens: each holds once, for five minutes. */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Database } from '../../database/database.js';
import {
  findPasskey,
  findUser,
  insertOneTimeToken,
  insertPasskey,
  listPasskeys,
  useOneTimeToken,
  usePasskey,
  type UserRow,
} from '../../records/store/access.js';
import { Problem } from '../http/problem.js';
import { hashOf } from './secrets.js';
import { isOwnOrigin, type Site } from './site.js';

const CHALLENGE_MS = 5 * 60_000;
const SIGN_IN = 'passkey-sign-in';
/** A challenge to make one holds for its person only. */
const makingOf = (userId: string): string => `passkey-making ${userId}`;
const ADDRESS = /^(?:[\d.]+|\[.*\])$/;

/**
 * The name that passkeys hold for: that of the page. Throws Problem `conflict` for a page at an address, for which browsers have
 * no passkeys.
 */
export function relyingPartyOf(site: Site, origin: string | null): string {
  const [first] = site.origins;
  const { hostname, port } = new URL(origin !== null && isOwnOrigin(site, origin) ? origin : first);
  if (ADDRESS.test(hostname))
    throw new Problem(
      'conflict',
      `passkeys hold for names, not for addresses: open http://localhost:${port}`,
      { reason: 'passkey_needs_name' },
    );
  return hostname;
}

/** What a browser needs to make a passkey. */
export async function passkeyOptions(
  database: Database,
  user: UserRow,
  rpId: string,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const known = await listPasskeys(database.orm, user.id);
  const options = await generateRegistrationOptions({
    ...{ rpName: 'Parley', rpID: rpId, userName: user.email ?? user.name, userDisplayName: user.name },
    userID: new TextEncoder().encode(user.id),
    excludeCredentials: known.map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
  });
  await keepChallenge(database, makingOf(user.id), options.challenge);
  return options;
}

/** Keeps a passkey that a browser made. Throws Problem `invalid_request`. */
export async function keepPasskey(
  database: Database,
  site: Site,
  about: { user: UserRow; name: string; rpId: string; response: RegistrationResponseJSON },
): Promise<void> {
  const { user, name, rpId, response } = about;
  const made = await refusing('invalid_request', () =>
    verifyRegistrationResponse({
      response,
      expectedChallenge: (challenge) => takeChallenge(database, makingOf(user.id), challenge),
      ...{ expectedOrigin: [...site.origins], expectedRPID: rpId, requireUserVerification: false },
    }),
  );
  if (!made.verified)
    throw new Problem('invalid_request', 'this is no passkey that was asked for: try again', {
      reason: 'passkey_unchecked',
    });
  const { id, publicKey, counter, transports = [] } = made.registrationInfo.credential;
  if ((await findPasskey(database.orm, id)) !== undefined)
    throw new Problem('conflict', 'this passkey is known already', { reason: 'passkey_known' });
  await database.transaction((tx) =>
    insertPasskey(tx, { id, userId: user.id, publicKey, counter, transports: [...transports], name }),
  );
}

/** What a browser needs to sign somebody in: whichever passkey they choose. */
export async function signInOptions(
  database: Database,
  rpId: string,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const options = await generateAuthenticationOptions({ rpID: rpId, userVerification: 'preferred' });
  await keepChallenge(database, SIGN_IN, options.challenge);
  return options;
}

/** Who signs in by this passkey. Throws Problem `forbidden`. */
export async function whoSignsIn(
  database: Database,
  site: Site,
  { rpId, response }: { rpId: string; response: AuthenticationResponseJSON },
): Promise<UserRow> {
  const passkey = await findPasskey(database.orm, response.id);
  const user = passkey === undefined ? undefined : await findUser(database.orm, passkey.userId);
  if (passkey === undefined || user?.disabledAt !== null)
    throw new Problem('forbidden', 'this passkey is not known here: choose another one', {
      reason: 'passkey_unknown',
    });
  const { id, counter } = passkey;
  const { verified, authenticationInfo } = await refusing('forbidden', () =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: (challenge) => takeChallenge(database, SIGN_IN, challenge),
      ...{ expectedOrigin: [...site.origins], expectedRPID: rpId, requireUserVerification: false },
      credential: { id, counter, publicKey: new Uint8Array(passkey.publicKey) },
    }),
  );
  const isUsed =
    verified &&
    (await database.transaction((tx) => usePasskey(tx, passkey.id, authenticationInfo.newCounter)));
  if (!isUsed)
    throw new Problem('forbidden', 'this passkey could not be checked: try again', {
      reason: 'passkey_unchecked',
    });
  return user;
}

async function keepChallenge(database: Database, kind: string, challenge: string): Promise<void> {
  const expiresAt = new Date(Date.now() + CHALLENGE_MS);
  await insertOneTimeToken(database.orm, { hash: hashOf(challenge), kind, expiresAt });
}

async function takeChallenge(database: Database, kind: string, challenge: string): Promise<boolean> {
  return (await useOneTimeToken(database.orm, kind, hashOf(challenge))) !== undefined;
}

/** What comes from a browser may be anything: what the library makes nothing of is refused, and no fault of ours. */
async function refusing<Result>(
  code: 'forbidden' | 'invalid_request',
  check: () => Promise<Result>,
): Promise<Result> {
  try {
    return await check();
  } catch (cause) {
    throw new Problem(code, 'what the browser sent about the passkey cannot be used: try again', {
      reason: 'passkey_unchecked',
      cause,
    });
  }
}
