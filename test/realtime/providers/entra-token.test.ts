import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { ParleyError } from '../../../src/errors.js';
import { entraTokens } from '../../../src/realtime/providers/entra-token.js';

const SECRET = 'entra-secret-0123456789';
let server: Server;
let authority: string;
let asked: { path: string; form: Record<string, string> }[];
let answer: { status: number; body: string };

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      asked.push({ path: request.url ?? '', form: Object.fromEntries(new URLSearchParams(text)) });
      response.writeHead(answer.status, { 'content-type': 'application/json', connection: 'close' });
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  authority = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  token('first');
});
afterEach(() => {
  server.close();
});

function token(name: string, lifetimeS: unknown = 3_600): void {
  answer = {
    status: 200,
    body: JSON.stringify({ token_type: 'Bearer', access_token: name, expires_in: lifetimeS }),
  };
}

function source(clock = new VirtualClock()) {
  const credentials = { tenantId: 'my tenant', clientId: 'app', clientSecret: SECRET };
  return entraTokens({ credentials, clock, authority });
}

async function refusal(ask: () => Promise<string>): Promise<ParleyError> {
  const error = await ask().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ParleyError);
  expect((error as ParleyError).message).not.toMatch(/0123456789|\n/);
  return error as ParleyError;
}

describe('tokens from Microsoft Entra', () => {
  it('are asked for by client credentials, once however many lines want one', async () => {
    const ask = source();
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['first', 'first', 'first']);
    expect(await ask()).toBe('first');
    expect(asked).toEqual([
      {
        path: '/my%20tenant/oauth2/v2.0/token',
        form: {
          grant_type: 'client_credentials',
          client_id: 'app',
          client_secret: SECRET,
          scope: 'https://cognitiveservices.azure.com/.default',
        },
      },
    ]);
  });

  it('are fetched anew five minutes before they end', async () => {
    const clock = new VirtualClock();
    const ask = source(clock);
    await ask();
    token('second');
    clock.advanceBy(54 * 60_000);
    expect(await ask()).toBe('first');
    clock.advanceBy(60_000);
    expect(await ask()).toBe('second');
  });

  it('a refusal names the variables and Entra’s code only, and is not kept', async () => {
    const ask = source();
    answer = { status: 401, body: JSON.stringify({ error: 'invalid_client', error_description: SECRET }) };
    const error = await refusal(ask);
    expect([error.code, error.retryable]).toEqual(['key_refused', false]);
    expect(error.message).toMatch(/\(HTTP 401, invalid_client\): check AZURE_TENANT_ID/);
    token('later');
    expect(await ask()).toBe('later');
  });

  it.each([
    [{ status: 503, body: '{}' }],
    [{ status: 429, body: '{}' }],
    [{ status: 200, body: 'no JSON' }],
    [{ status: 200, body: '{}' }],
    [{ status: 200, body: JSON.stringify({ access_token: 'two words\r\nX: y', expires_in: 3600 }) }],
    [{ status: 200, body: JSON.stringify({ access_token: 'good', expires_in: 'soon' }) }],
  ])('%j can be asked again', async (given) => {
    answer = given;
    const error = await refusal(source());
    expect([error.code, error.retryable]).toEqual(['service_unavailable', true]);
  });
});
