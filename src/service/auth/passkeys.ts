/** Passkeys: registering one, and signing in with it (WebAuthn). The server's library is loaded when it is first needed. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Database } from '../../database/database.js';
import {
  findPasskey,
  findUser,
  insertOneTimeToken,
  insertPasskey,
  listPasskeys,
  type UserRow,
  useOneTimeToken,
  usePasskey,
} from '../../records/store/access.js';
import { hashOf } from './secrets.js';

const CHALLENGE_MS = 5 * 60_000;
const SERVICE_NAME = 'Parley';

/** Where a browser is: passkeys belong to a host, and prove at which page they were used. */
export type PasskeySite = { readonly origin: string; readonly host: string };

/** What a browser needs to make a passkey for this user. */
export async function registrationOptions(
  database: Database,
  user: Pick<UserRow, 'id' | 'name'>,
  { host }: PasskeySite,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await import('@simplewebauthn/server');
  const known = await listPasskeys(database.orm, user.id);
  const options = await generateRegistrationOptions({
    ...{ rpName: SERVICE_NAME, rpID: host, userName: user.name, userDisplayName: user.name },
    userID: new TextEncoder().encode(user.id) as Uint8Array<ArrayBuffer>,
    attestationType: 'none',
    excludeCredentials: known.map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
  });
  await keepChallenge(database, registrationOf(user.id), options.challenge);
  return options;
}

/** Keeps a passkey that a browser has made. False where its proof does not hold. */
export async function register(
  database: Database,
  user: Pick<UserRow, 'id'>,
  { origin, host }: PasskeySite,
  response: RegistrationResponseJSON,
  name: string,
): Promise<boolean> {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
  let verified;
  try {
    verified = await verifyRegistrationResponse({
      ...{ response, expectedOrigin: origin, expectedRPID: host, requireUserVerification: false },
      expectedChallenge: (challenge) => usedChallenge(database, registrationOf(user.id), challenge),
    });
  } catch {
    return false;
  }
  if (!verified.verified) return false;
  const { id, publicKey, counter, transports = [] } = verified.registrationInfo.credential;
  if ((await findPasskey(database.orm, id)) !== undefined) return false;
  await insertPasskey(database.orm, {
    id,
    userId: user.id,
    publicKey,
    counter,
    transports: [...transports],
    name,
  });
  return true;
}

/** What a browser needs to ask for any passkey of this host. */
export async function signInOptions(
  database: Database,
  { host }: PasskeySite,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await import('@simplewebauthn/server');
  const options = await generateAuthenticationOptions({ rpID: host, userVerification: 'preferred' });
  await keepChallenge(database, SIGN_IN, options.challenge);
  return options;
}

/** The user whose passkey signed; undefined where the proof does not hold, or the passkey seems to be a copy. */
export async function userOfPasskey(
  database: Database,
  { origin, host }: PasskeySite,
  response: AuthenticationResponseJSON,
): Promise<UserRow | undefined> {
  const passkey = await findPasskey(database.orm, response.id);
  const user = passkey === undefined ? undefined : await findUser(database.orm, passkey.userId);
  if (passkey === undefined || user === undefined || user.disabledAt !== null) return undefined;
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
  try {
    const { id, counter } = passkey;
    const publicKey = new Uint8Array(passkey.publicKey);
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      ...{ response, expectedOrigin: origin, expectedRPID: host, requireUserVerification: false },
      credential: { id, publicKey, counter },
      expectedChallenge: (challenge) => usedChallenge(database, SIGN_IN, challenge),
    });
    if (!verified || !(await usePasskey(database.orm, id, authenticationInfo.newCounter))) return undefined;
  } catch {
    return undefined;
  }
  return user;
}

const SIGN_IN = 'passkey sign-in';
const registrationOf = (userId: string): string => `passkey of ${userId}`;

async function keepChallenge({ orm }: Database, kind: string, challenge: string): Promise<void> {
  await insertOneTimeToken(orm, {
    hash: hashOf(challenge),
    kind,
    expiresAt: new Date(Date.now() + CHALLENGE_MS),
  });
}

/** A challenge holds once. */
async function usedChallenge({ orm }: Database, kind: string, challenge: string): Promise<boolean> {
  return (await useOneTimeToken(orm, kind, hashOf(challenge))) !== undefined;
}
