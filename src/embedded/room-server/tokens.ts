/** Access tokens: JWT HS256 as VideoSDK's, signed with this installation's secret. */
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { messageOf } from '../../errors.js';
import { REFUSALS } from './signalling/refusal.js';

/** The API key of every embedded room. */
export const EMBEDDED_API_KEY = 'parley-local';

const claimsSchema = z.object({
  apikey: z.string(),
  version: z.literal(2),
  permissions: z.array(z.enum(['allow_join', 'allow_mod', 'ask_join'])).min(1),
  roomId: z.string().optional(),
  participantId: z.string().optional(),
  roles: z.array(z.enum(['rtc', 'crawler'])).optional(),
  exp: z.number(),
});

/** What a valid token says. Without `roles` it serves for both joining (`rtc`) and the REST API (`crawler`). */
export type TokenClaims = z.infer<typeof claimsSchema>;

/** Signs and checks tokens of one secret. */
export class TokenIssuer {
  readonly #key: Uint8Array;
  readonly #epochMs: () => number;

  constructor(secret: string, epochMs: () => number) {
    this.#key = new TextEncoder().encode(secret);
    this.#epochMs = epochMs;
  }

  /** @throws Refusal 4001, 4002 or 4008 */
  async check(token: string): Promise<TokenClaims> {
    let payload: unknown;
    try {
      const currentDate = new Date(this.#epochMs());
      ({ payload } = await jwtVerify(token, this.#key, { algorithms: ['HS256'], currentDate }));
    } catch (error) {
      throw REFUSALS.invalidToken(messageOf(error).replaceAll('"', ''));
    }
    const parsed = claimsSchema.safeParse(payload);
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join('.') ?? '';
      throw REFUSALS.invalidToken(`its claim ${field} is missing or not of the API version 2`);
    }
    const claims = parsed.data;
    if (claims.apikey !== EMBEDDED_API_KEY) throw REFUSALS.invalidApiKey();
    if (claims.permissions.includes('ask_join') && claims.permissions.length > 1) {
      throw REFUSALS.invalidPermissions('The permission ask_join cannot be combined with others.');
    }
    return claims;
  }

  /** A token with which `participantId` may join `roomId`, and nothing else. */
  signForParticipant(roomId: string, participantId: string, expiresInSeconds: number): Promise<string> {
    const issuedAt = Math.floor(this.#epochMs() / 1000);
    return new SignJWT({
      apikey: EMBEDDED_API_KEY,
      version: 2,
      permissions: ['allow_join'],
      roles: ['rtc'],
      roomId,
      participantId,
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + expiresInSeconds)
      .sign(this.#key);
  }
}

/** @throws Refusal 4024 when the token's roles leave `role` out */
export function requireRole(claims: TokenClaims, role: 'rtc' | 'crawler'): void {
  if (claims.roles !== undefined && !claims.roles.includes(role)) throw REFUSALS.otherRole(role);
}
