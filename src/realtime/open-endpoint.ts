/** How an endpoint's lines are opened: with what authorises them, and in the server's own form. */
import { systemClock } from '../clock.js';
import { compatibleTransport } from './compatible-transport.js';
import { type ConnectionOptions, connectWebSocket } from './connection.js';
import type { Endpoint } from './endpoint.js';
import { entraTokens } from './entra-token.js';
import type { OpenTransport } from './transport.js';

/** How its lines are opened, beyond what the endpoint says. */
export type OpenEndpointOptions = Pick<ConnectionOptions, 'connectTimeoutMs' | 'onNotice' | 'clock'>;

/**
 * Lines to an endpoint. Rejects as {@link connectWebSocket} does, and with `key_refused` or `service_unavailable` where a
 * token is needed and Microsoft Entra gives none.
 */
export function openEndpoint(endpoint: Endpoint, options: OpenEndpointOptions = {}): OpenTransport {
  const { url, headers, entra, wireForm } = endpoint;
  const clock = options.clock ?? systemClock;
  const open = connectWebSocket({
    ...options,
    url,
    headers: entra === undefined ? headers : withBearer(headers, entraTokens({ credentials: entra, clock })),
  });
  return wireForm === undefined ? open : compatibleTransport(open, wireForm, clock);
}

function withBearer(headers: Readonly<Record<string, string>>, token: () => Promise<string>) {
  return async () => ({ ...headers, Authorization: `Bearer ${await token()}` });
}
