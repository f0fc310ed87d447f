/** Connections to a provider's sessions, each on behalf of whoever speaks on it. */
import type { Endpoint, SessionKind } from './endpoint.js';
import { openEndpoint, type OpenEndpointOptions, tokensFor } from './open-endpoint.js';
import type { Provider } from './providers.js';
import { onBehalfOf } from './safety-identifier.js';
import type { OpenTransport } from '../transport.js';

/** What a connection is for. */
export type ConnectionRequest = {
  sessions: SessionKind;
  /** Who is heard on it; undefined where that is nobody, or everybody. */
  speakerId: string | undefined;
};

/** How connections of a kind are opened for a speaker. Throws a ParleyError where there are no such sessions. */
export type ConnectionsFor = (request: ConnectionRequest) => OpenTransport;

/** On whose behalf connections are opened: OpenAI is told a hash, made with `secret`. */
export type Identity = {
  secret: string;
  /** Who answers for connections that belong to no single speaker, such as the meeting. */
  otherwise: string;
};

/**
 * Connections of a provider; without `identity` nobody is told on whose behalf. All share one source of tokens. Throws what `provider.translation` throws, for connections of
 * translation sessions.
 */
export function providerConnections(
  provider: Provider,
  options: OpenEndpointOptions & { identity: Identity | undefined },
): ConnectionsFor {
  const { identity, ...opening } = options;
  const token = opening.token ?? tokensFor(provider.conversation, opening);
  return ({ sessions, speakerId }) => {
    const endpoint = endpointOf(provider, sessions);
    return openEndpoint(identified(endpoint, identity, speakerId), { ...opening, token });
  };
}

function endpointOf(provider: Provider, sessions: SessionKind): Endpoint {
  if (sessions === 'conversation') return provider.conversation;
  return sessions === 'translation' ? provider.translation() : provider.live().endpoint;
}

function identified(
  endpoint: Endpoint,
  identity: Identity | undefined,
  speakerId: string | undefined,
): Endpoint {
  return identity === undefined
    ? endpoint
    : onBehalfOf(endpoint, endUserOf(identity, speakerId), identity.secret);
}

/** On whose behalf a connection is, on which `speakerId` is heard. */
export function endUserOf({ otherwise }: Identity, speakerId: string | undefined): string {
  return speakerId === undefined ? otherwise : `participant ${speakerId}`;
}
