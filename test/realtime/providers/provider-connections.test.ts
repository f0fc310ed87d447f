/** What the connections of each provider bring along: on whose behalf they are, and what authorises them. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { VirtualClock } from '../../../src/clock.js';
import type { EndpointEnvironment } from '../../../src/realtime/providers/endpoint.js';
import { entraTokens } from '../../../src/realtime/providers/entra-token.js';
import {
  type ConnectionRequest,
  providerConnections,
} from '../../../src/realtime/providers/provider-connections.js';
import { resolveProvider } from '../../../src/realtime/providers/providers.js';

const IDENTITY = { secret: 'installation secret', otherwise: 'meeting abcd' };
const HEADER = 'openai-safety-identifier';

let sockets: WebSocketServer;
let port: number;
let upgrades: { path: string; headers: IncomingHttpHeaders }[];
beforeEach(async () => {
  upgrades = [];
  sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(sockets, 'listening');
  port = (sockets.address() as AddressInfo).port;
  sockets.on('connection', (_socket, { url, headers }) => upgrades.push({ path: url ?? '', headers }));
});
afterEach(async () => {
  for (const client of sockets.clients) client.terminate();
  await new Promise((resolve) => sockets.close(resolve));
});

const said = (speakerId: string | undefined, sessions: ConnectionRequest['sessions'] = 'conversation') => ({
  sessions,
  speakerId,
});

/** Opens connections one after the other and tells what the server saw of each. */
async function headersOf(
  environment: EndpointEnvironment,
  requests: readonly ConnectionRequest[],
  options: Partial<Parameters<typeof providerConnections>[1]> & { url?: string } = {},
): Promise<IncomingHttpHeaders[]> {
  const { url, ...opening } = options;
  const provider = resolveProvider({ url, model: 'gpt-realtime-2.1', environment });
  const connectionsFor = providerConnections(provider, { identity: IDENTITY, ...opening });
  for (const request of requests) {
    const connection = await connectionsFor(request)({ message: () => undefined, closed: () => undefined });
    connection.close();
  }
  return upgrades.map(({ headers }) => headers);
}

describe('on whose behalf a connection is', () => {
  const openAi = (): EndpointEnvironment => ({
    OPENAI_API_KEY: 'sk-any',
    OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
  });

  it('is a hash of its speaker: the same on every line of theirs, of both kinds', async () => {
    const headers = await headersOf(openAi(), [
      said('maria'),
      said('john'),
      said('maria', 'translation'),
      said(undefined),
    ]);
    const [maria, john, mariaAgain, nobody] = headers.map((each) => each[HEADER]);
    expect(maria).toMatch(/^[0-9a-f]{64}$/);
    expect(mariaAgain).toBe(maria);
    expect(new Set([maria, john, nobody]).size).toBe(3);
    expect(upgrades.map(({ path }) => path)).toEqual([
      '/v1/realtime?model=gpt-realtime-2.1',
      '/v1/realtime?model=gpt-realtime-2.1',
      '/v1/realtime/translations?model=gpt-realtime-translate',
      '/v1/realtime?model=gpt-realtime-2.1',
    ]);
  });

  it('differs between installations, so that nobody else can tell who it is', async () => {
    const [ours] = await headersOf(openAi(), [said('maria')]);
    const [, theirs] = await headersOf(openAi(), [said('maria')], {
      identity: { ...IDENTITY, secret: 'another' },
    });
    expect(theirs![HEADER]).not.toBe(ours![HEADER]);
  });

  it('is told to nobody but OpenAI, nor where there is no identity', async () => {
    const url = `ws://127.0.0.1:${port}/v1/realtime`;
    const azure = {
      AZURE_OPENAI_ENDPOINT: `http://127.0.0.1:${port}`,
      AZURE_OPENAI_API_KEY: 'k',
      AZURE_OPENAI_DEPLOYMENT: 'd',
      AZURE_OPENAI_TRANSLATE_DEPLOYMENT: 't',
    };
    await headersOf({}, [said('maria'), said('maria', 'translation')], { url });
    await headersOf(azure, [said('maria'), said('maria', 'translation')]);
    const all = await headersOf(openAi(), [said('maria')], { identity: undefined });
    expect(all.map((each) => each[HEADER])).toEqual(Array(5).fill(undefined));
  });
});

describe('a resource that takes Microsoft Entra tokens', () => {
  let entra: Server;
  let asked: number;
  beforeEach(async () => {
    asked = 0;
    entra = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify({ access_token: `token-${++asked}`, expires_in: 3_600 }));
    });
    entra.listen(0, '127.0.0.1');
    await once(entra, 'listening');
  });
  afterEach(() => {
    entra.close();
  });

  it('is opened with one token by lines of both kinds, and with a new one before that ends', async () => {
    const clock = new VirtualClock();
    const environment = {
      AZURE_OPENAI_ENDPOINT: `http://127.0.0.1:${port}`,
      AZURE_TENANT_ID: 'tenant',
      AZURE_CLIENT_ID: 'app',
      AZURE_CLIENT_SECRET: 'secret',
      AZURE_OPENAI_DEPLOYMENT: 'd',
      AZURE_OPENAI_TRANSLATE_DEPLOYMENT: 't',
    };
    const credentials = { tenantId: 'tenant', clientId: 'app', clientSecret: 'secret' };
    const authority = `http://127.0.0.1:${(entra.address() as AddressInfo).port}`;
    const token = entraTokens({ credentials, clock, authority });
    const all = [said('maria'), said('john'), said('maria', 'translation')];
    await headersOf(environment, all, { token });
    clock.advanceBy(55 * 60_000);
    const headers = await headersOf(environment, all, { token });
    expect(headers.map(({ authorization }) => authorization)).toEqual([
      ...Array<string>(3).fill('Bearer token-1'),
      ...Array<string>(3).fill('Bearer token-2'),
    ]);
    expect(asked).toBe(2);
  });
});
