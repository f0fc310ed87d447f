/** What a token of VideoSDK says, read without its secret. Pure. */
import { z } from 'zod';
import { BOT_ID_PREFIX, isBotId } from '../room.js';
import { unverifiedBodyOf } from '../sdk/token-body.js';

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
  return claimsSchema.safeParse(unverifiedBodyOf(token)).data;
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
