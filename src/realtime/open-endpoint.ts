/** How an endpoint's lines are opened: with what authorises them, who speaks, and in the server's own form. */
import { systemClock } from '../clock.js';
import { compatibleTransport } from './compatible-transport.js';
import { type ConnectionOptions, connectWebSocket } from './connection.js';
import type { Endpoint } from './endpoint.js';
import { entraTokens } from './entra-token.js';
import { SAFETY_IDENTIFIER_HEADER } from './safety-identifier.js';
import type { OpenTransport } from './transport.js';

/** How its lines are opened. `safetyIdentifier` (safety-identifier.ts) goes to OpenAI only. */
export type OpenEndpointOptions = Pick<ConnectionOptions, 'connectTimeoutMs' | 'onNotice' | 'clock'> & {
  safetyIdentifier?: string | undefined;
};

/**
 * Lines to an endpoint. Rejects as {@link connectWebSocket} does, and with `key_refused` or `service_unavailable` where a
 * token is needed and Microsoft Entra gives none.
 */
export function openEndpoint(endpoint: Endpoint, options: OpenEndpointOptions = {}): OpenTransport {
  const { safetyIdentifier, ...connection } = options;
  const { url, entra, wireForm, provider } = endpoint;
  const clock = options.clock ?? systemClock;
  const headers: Readonly<Record<string, string>> =
    provider === 'openai' && safetyIdentifier !== undefined
      ? { ...endpoint.headers, [SAFETY_IDENTIFIER_HEADER]: safetyIdentifier }
      : endpoint.headers;
  const open = connectWebSocket({
    ...connection,
    url,
    headers: entra === undefined ? headers : withBearer(headers, entraTokens({ credentials: entra, clock })),
  });
  return wireForm === undefined ? open : compatibleTransport(open, wireForm, clock);
}

function withBearer(headers: Readonly<Record<string, string>>, token: () => Promise<string>) {
  return async () => ({ ...headers, Authorization: `Bearer ${await token()}` });
}
