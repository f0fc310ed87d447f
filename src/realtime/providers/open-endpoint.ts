/** How an endpoint's connections are opened: with what authorises them, and in the server's own form. */
import { systemClock } from '../../clock.js';
import { compatibleTransport } from './compatible-transport.js';
import { type ConnectionOptions, connectWebSocket } from '../connection/websocket-transport.js';
import type { Endpoint } from './endpoint.js';
import { entraTokens, type TokenSource } from './entra-token.js';
import type { OpenTransport } from '../transport.js';

/** How its connections are opened, beyond what the endpoint says. */
export type OpenEndpointOptions = Pick<ConnectionOptions, 'connectTimeoutMs' | 'onNotice' | 'clock'> & {
  /** Where an endpoint that needs tokens gets them; default {@link tokensFor} the endpoint. */
  token?: TokenSource | undefined;
};

/**
 * Connections to an endpoint. Rejects as {@link connectWebSocket} does, and with `key_refused` or `service_unavailable` where a
 * token is needed and Microsoft Entra gives none.
 */
export function openEndpoint(endpoint: Endpoint, options: OpenEndpointOptions = {}): OpenTransport {
  const { url, headers, wireForm } = endpoint;
  const { token = tokensFor(endpoint, options), ...connection } = options;
  const open = connectWebSocket({
    ...connection,
    url,
    headers: token === undefined ? headers : withBearer(headers, token),
  });
  return wireForm === undefined ? open : compatibleTransport(open, wireForm, options.clock ?? systemClock);
}

/** Tokens for an endpoint that is opened with one; undefined for all others. */
export function tokensFor(
  { entra }: Endpoint,
  { clock = systemClock }: Pick<OpenEndpointOptions, 'clock'> = {},
): TokenSource | undefined {
  return entra === undefined ? undefined : entraTokens({ credentials: entra, clock });
}

function withBearer(headers: Readonly<Record<string, string>>, token: TokenSource) {
  return async () => ({ ...headers, Authorization: `Bearer ${await token()}` });
}
