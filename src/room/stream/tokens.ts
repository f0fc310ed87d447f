/**
 * User tokens of Stream: JSON Web Tokens (HS256, signed with the API secret) that say who connects. A user that is not known yet
 * comes into being by connecting.
 */
import { SignJWT } from 'jose';
import { z } from 'zod';
import { ParleyError } from '../../errors.js';
import { BOT_ID_PREFIX, isBotId } from '../room.js';
import { unverifiedBodyOf } from '../sdk/token-body.js';

/** So far back a token is dated: a service whose clock is behind refuses one that was issued in its future. */
const ISSUED_BEFORE_S = 60;

/** The keys to make tokens with, of which `secret` never leaves the process, or one that somebody made. */
export type StreamCredentials =
  { kind: 'keys'; apiKey: string; secret: string } | { kind: 'token'; apiKey: string; token: string };

/** A token with which `userId` can connect, until `expiresInSeconds` from `epochMs`. */
export function createUserToken(request: {
  secret: string;
  userId: string;
  epochMs: number;
  expiresInSeconds: number;
}): Promise<string> {
  const { secret, userId, epochMs, expiresInSeconds } = request;
  const nowSeconds = Math.floor(epochMs / 1_000);
  return new SignJWT({ user_id: userId })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt(nowSeconds - ISSUED_BEFORE_S)
    .setExpirationTime(nowSeconds + expiresInSeconds)
    .sign(new TextEncoder().encode(secret));
}

const claimsSchema = z.object({ user_id: z.string().min(1), exp: z.number().optional() });

/**
 * Whom a token that somebody made is for, unverified: only the service has the secret. Throws ParleyError `key_refused` for one that
 * cannot serve, without the token; `source` is where it came from.
 */
export function userIdOf(token: string, request: { source: string; epochMs: number }): string {
  const { source, epochMs } = request;
  const { data: claims } = claimsSchema.safeParse(unverifiedBodyOf(token));
  const refused = (problem: string): ParleyError => new ParleyError('key_refused', `${source} ${problem}`);
  if (claims === undefined)
    throw refused('is no user token of Stream: copy it whole, three parts with dots between');
  if (claims.exp !== undefined && claims.exp * 1_000 <= epochMs)
    throw refused(`expired at ${new Date(claims.exp * 1_000).toISOString()}: make a new one`);
  if (!isBotId(claims.user_id))
    throw refused(
      `is for a user whose id does not begin with ${BOT_ID_PREFIX}: make one for ${BOT_ID_PREFIX}…, by which interpreters know each other`,
    );
  return claims.user_id;
}
