/**
 * Access tokens of VideoSDK: JSON Web Tokens (HS256, API version 2) that say who may join which room. The service looks
 * at them when someone joins, and not again, so they need not outlive the join by much.
 */
import { generateToken } from '@videosdk.live/server-sdk';
import { ParleyError } from '../../errors.js';
import { readClaims, tokenProblem } from './token-claims.js';

/** What tokens are signed with. `secret` never leaves the process. */
type SigningKeys = { apiKey: string; secret: string };

/** A token somebody made, or the keys to make one. */
export type VideoSdkCredentials = { kind: 'token'; token: string } | ({ kind: 'keys' } & SigningKeys);

const API_TOKEN_SECONDS = 300;

/** A token with which `participantId` may join `roomId`, and nothing else: no moderation, no REST API. */
export function createAccessToken(
  request: SigningKeys & { roomId: string; participantId: string; expiresInSeconds: number },
): string {
  const { apiKey, secret, roomId, participantId, expiresInSeconds } = request;
  return generateToken({
    apiKey,
    secretKey: secret,
    version: 2,
    roles: ['rtc'],
    permissions: ['allow_join'],
    expiresIn: expiresInSeconds,
    claims: { roomId, participantId },
  });
}

/** A token for the REST API, good for five minutes, with which nobody can join. */
export function createApiToken({ apiKey, secret }: SigningKeys): string {
  return generateToken({
    apiKey,
    secretKey: secret,
    version: 2,
    roles: ['crawler'],
    permissions: ['allow_join'], // the service wants one (docs.videosdk.live, "Authentication and token")
    expiresIn: API_TOKEN_SECONDS,
  });
}

/**
 * The token an interpreter joins `roomId` with, and as whom: a new one for this room and participant, or the one that was
 * given and whom that was made for. Throws ParleyError `key_refused` for a token that cannot serve.
 */
export function joinTokenFor(request: {
  credentials: VideoSdkCredentials;
  /** Where a given token came from, for errors. */
  source: string;
  roomId: string;
  /** Begins with `parley-`. */
  participantId: string;
  epochMs: number;
  /** How long a new one lasts: the SDK comes back after an outage with the token that it joined with. */
  expiresInSeconds: number;
}): { token: string; participantId: string } {
  const { credentials, participantId } = request;
  if (credentials.kind === 'keys') {
    const token = createAccessToken({ ...credentials, ...request });
    return { token, participantId };
  }
  const { token } = credentials;
  const problem = tokenProblem({ ...request, token });
  if (problem !== undefined) throw new ParleyError('key_refused', problem);
  return { token, participantId: readClaims(token)?.participantId ?? participantId };
}
