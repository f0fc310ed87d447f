/**
 * Access tokens of VideoSDK: JSON Web Tokens (HS256, API version 2) that say who may join which room. The service looks
 * at them when someone joins, and not again, so they need not outlive the join by much.
 */
import { decodeToken, generateToken } from '@videosdk.live/server-sdk';
import { z } from 'zod';
import { ParleyError } from '../../errors.js';
import { BOT_ID_PREFIX, isBotId } from '../room.js';

/** What tokens are signed with. `secret` never leaves the process. */
export type SigningKeys = { apiKey: string; secret: string };

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

const claimsSchema = z.object({
  apikey: z.string().min(1),
  version: z.number().optional(),
  permissions: z.array(z.string()).optional(),
  roles: z.array(z.string()).optional(),
  roomId: z.string().optional(),
  participantId: z.string().optional(),
  iat: z.number().optional(),
  exp: z.number().optional(),
});

/** What a token says, unverified: only the service has the secret that it was signed with. */
export type TokenClaims = z.infer<typeof claimsSchema>;

/** Reads a token; undefined for what is none of VideoSDK's. */
export function readClaims(token: string): TokenClaims | undefined {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined;
  return claimsSchema.safeParse(decodeToken(token)).data;
}

/**
 * Why an interpreter cannot join with a token that somebody made, in one line without the token; undefined when nothing
 * speaks against it. `source` is where the token came from, such as the variable's name.
 */
export function tokenProblem(request: {
  token: string;
  roomId?: string;
  epochMs: number;
  source: string;
}): string | undefined {
  const { source, roomId } = request;
  const claims = readClaims(request.token);
  if (claims === undefined)
    return `${source} is no VideoSDK token: copy it whole, three parts with dots between`;
  const { exp, permissions, roles, participantId } = claims;
  if (exp !== undefined && exp * 1000 <= request.epochMs)
    return `${source} expired at ${new Date(exp * 1000).toISOString()}: make a new one`;
  if (claims.version !== undefined && claims.version !== 2)
    return `${source} is of version ${claims.version}: make one of version 2`;
  if (roles !== undefined && !roles.includes('rtc'))
    return `${source} is for the REST API only: make one with the role rtc`;
  if (permissions !== undefined && !permissions.some((name) => name === 'allow_join' || name === 'ask_join'))
    return `${source} does not allow joining: make one with the permission allow_join`;
  if (roomId !== undefined && claims.roomId !== undefined && claims.roomId !== roomId)
    return `${source} is for another meeting: make one for this meeting, or for none in particular`;
  if (participantId !== undefined && !isBotId(participantId))
    return `${source} is for a participant whose id does not begin with ${BOT_ID_PREFIX}: make one for ${BOT_ID_PREFIX}…, or for nobody in particular`;
  return undefined;
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
