/** Who speaks on a connection, told to OpenAI without telling who it is. Pure. */
import { createHmac } from 'node:crypto';

/**
 * Header of the connection request for a stable hash of the end user's id, recommended where a trusted backend connects
 * (OpenAI's guide to Realtime over WebSocket).
 */
export const SAFETY_IDENTIFIER_HEADER = 'OpenAI-Safety-Identifier';

/**
 * 64 hexadecimal digits that stand for one end user: the same id gives the same ones, and without `secret` nobody can tell
 * whose they are, however short or guessable the id is.
 */
export function safetyIdentifier(endUserId: string, secret: string): string {
  return createHmac('sha256', secret).update(`parley safety identifier\n${endUserId}`).digest('hex');
}
