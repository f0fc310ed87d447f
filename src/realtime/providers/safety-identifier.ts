/** Who speaks on a connection, told to OpenAI without telling who it is. Pure. */
import { createHmac } from 'node:crypto';
import type { Endpoint } from './endpoint.js';

/**
 * Header of the connection request for a stable hash of the end user's id, recommended where a trusted backend connects
 * (OpenAI's guide to Realtime over WebSocket).
 */
const SAFETY_IDENTIFIER_HEADER = 'OpenAI-Safety-Identifier';

/**
 * 64 hexadecimal digits that stand for one end user: the same id gives the same ones, and without `secret` nobody can tell
 * whose they are, however short or guessable the id is.
 */
export function safetyIdentifier(endUserId: string, secret: string): string {
  return createHmac('sha256', secret).update(`parley safety identifier\n${endUserId}`).digest('hex');
}

/** The endpoint whose connections say on whose behalf they are; only OpenAI's take that. */
export function onBehalfOf(endpoint: Endpoint, endUserId: string, secret: string): Endpoint {
  if (endpoint.provider !== 'openai') return endpoint;
  const identifier = safetyIdentifier(endUserId, secret);
  return { ...endpoint, headers: { ...endpoint.headers, [SAFETY_IDENTIFIER_HEADER]: identifier } };
}
